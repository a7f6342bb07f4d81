"""The published sampling is reproduced: its solver by plain torch, its instance-aware rule as the gradient that it is."""

import pytest
import torch

from lcad.sampler import Condition
from tests.lcad.conversion.models import lcad_with
from tests.lcad.official_sampling import PublishedBias, PublishedDenoiser, TwoPasses, latents_of_steps
from tests.lcad.official_training import relative_error

HEADS, TOKENS, SPANS = 8, 24, [(1, 3), (5, 9)]


@pytest.fixture(scope="module")
def unet(tiny):
    return lcad_with(tiny).unet.requires_grad_(False)


@pytest.fixture(scope="module")
def inputs():
    """Noise (1, 4, 16, 16), the condition of one caption, and the masks (2, 128, 128) of its two phrases, halves of the picture."""
    generator = torch.Generator().manual_seed(0)
    text, empty = torch.randn(2, 1, TOKENS, 16, generator=generator)
    condition = Condition(torch.randn(1, 64, 16, 16, generator=generator), text, empty)
    masks = torch.zeros(2, 128, 128)
    masks[0, :, :50], masks[1, :, 70:] = 1, 1
    return torch.randn(1, 4, 16, 16, generator=generator), condition, masks


@pytest.mark.slow
def test_latents_follow_the_published_equations_at_the_published_times(unet, inputs):
    """x₀ = (x − √(1 − ᾱ) ε) / √ᾱ, then √ᾱ' x₀ + √(1 − ᾱ') ε, at 801, 601 … 1; after the last step ᾱ' is the schedule's first."""
    noise, condition, _ = inputs
    kept = (1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2).cumprod(0).float()
    latents, luminance = noise, condition.luminance
    of_steps = latents_of_steps(unet, noise, condition, 5, 5.0)
    for ours, t in zip(of_steps, (801, 601, 401, 201, 1), strict=True):
        shared_input = torch.cat([latents, luminance], 1)
        empty, full = (unet(shared_input, t, encoder_hidden_states=text).sample for text in (condition.unconditional, condition.text))
        predicted = empty + 5.0 * (full - empty)
        clean = (latents - (1 - kept[t]).sqrt() * predicted) / kept[t].sqrt()
        later = kept[max(t - 200, 0)]
        latents = later.sqrt() * clean + (1 - later).sqrt() * predicted
        assert relative_error(ours, latents) < 1e-5  # batches of one and of two add up in another order


def test_the_closed_form_of_the_published_rule_is_its_gradient(inputs):
    masks = inputs[2]
    tokens = torch.zeros(1, 2, TOKENS)
    for row, (start, end) in enumerate(SPANS):
        tokens[0, row, start:end] = 1
    logits = torch.randn(2, HEADS, 64, TOKENS, generator=torch.Generator().manual_seed(1))
    by_gradient = TwoPasses(masks, SPANS, 1000.0)._updated(logits)
    in_closed_form = PublishedBias(tokens, masks[None], 1000.0, "push", heads=HEADS).after_unconditional().steer(logits, 8, 8)
    torch.testing.assert_close(in_closed_form, by_gradient, atol=1e-6, rtol=1e-5)
    assert (by_gradient - logits)[1].abs().max() <= 1000 / (HEADS * 2 * 64)
    assert torch.equal(by_gradient[0], logits[0])


@pytest.mark.slow
def test_as_published_the_rule_moves_next_to_nothing_and_a_thousandfold_step_moves_the_picture(unet, inputs):
    noise, condition, masks = inputs
    plain = latents_of_steps(unet, noise, condition, 2, 5.0)[-1]
    moved = {step: latents_of_steps(PublishedDenoiser(unet, masks, SPANS, step), noise, condition, 2, 5.0)[-1] for step in (0, 1, 1000)}
    assert relative_error(moved[0], plain) < 1e-5
    assert relative_error(moved[1], plain) < 1e-3 < relative_error(moved[1000], plain)
