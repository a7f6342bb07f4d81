"""The training step is the published one: held to plain torch on the raw denoiser, for noise and for v."""

import pytest
import torch

from lcad.sampler import default_scheduler
from tests.lcad.conversion.models import lcad_with
from tests.lcad.official_training import relative_error, training_step

pytestmark = pytest.mark.slow


def plain_step(unet, latents, feature, text, times, noise, kind):
    """Loss and gradients by the equations alone: x_t = √ᾱ x + √(1 − ᾱ) ε, v = √ᾱ ε − √(1 − ᾱ) x, ᾱ = Π(1 − β), mean squared error."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    kept = torch.tensor([float((1 - betas[: t + 1]).prod()) for t in times.tolist()], dtype=torch.float32).reshape(-1, 1, 1, 1)
    noisy = kept.sqrt() * latents + (1 - kept).sqrt() * noise
    target = noise if kind == "epsilon" else kept.sqrt() * noise - (1 - kept).sqrt() * latents
    predicted = unet(torch.cat([noisy, feature], 1), times, encoder_hidden_states=text).sample
    loss = (predicted - target).pow(2).sum() / target.numel()
    return noisy, loss.detach(), torch.autograd.grad(loss, list(unet.parameters()))


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
@pytest.mark.slow
def test_loss_and_every_gradient_are_those_of_the_equations(tiny, kind):
    unet, generator = lcad_with(tiny).unet, torch.Generator().manual_seed(0)
    latents, noise = torch.randn(2, 2, 4, 16, 16, generator=generator)
    feature, text = torch.randn(2, 64, 16, 16, generator=generator), torch.randn(2, 24, 16, generator=generator)
    times = torch.tensor([37, 901])
    noisy, loss, gradients = plain_step(unet, latents, feature, text, times, noise, kind)
    step = training_step(unet, default_scheduler(kind), latents, feature, text, times, noise)
    assert relative_error(step.noisy, noisy) < 1e-5
    assert relative_error(step.loss, loss) < 1e-5  # float32 through some twenty layers; the references' own floor is 5e-6
    largest = max(gradient.abs().max() for gradient in gradients)
    for (name, ours), reference in zip(step.gradients.items(), gradients, strict=True):
        assert (ours - reference).abs().max() < 1e-5 * largest, name
    assert sum(bool(gradient.any()) for gradient in gradients) > 0.9 * len(gradients)
