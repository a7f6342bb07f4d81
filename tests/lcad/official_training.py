"""Compare our training step with reference tensors of the official code.

    python -m tests.lcad.official_training ../shared/golden/a [tolerance]

The same weights, latents, noise and time steps give the same loss and the same gradients. Prints the relative error (max |ours −
reference| / max |reference|) of each stored tensor and the worst; exits 1 past the tolerance.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from diffusers import SchedulerMixin, UNet2DConditionModel
from safetensors.torch import load_file
from torch import nn

from lcad.conversion import components_from_official
from lcad.conversion.official_tensor_names import UNET, unet_names
from lcad.imaging import hint_from_lightness, rgb_to_lab
from lcad.sampler import default_scheduler
from lcad.training.denoiser import Batch, DenoiserConfig, DenoiserObjective

TRAINED = ("input_blocks.0.", "output_blocks.", "out.")  # of the denoiser, by their official names


class GivenText(nn.Module):
    """Stands where the text encoder does, and gives the caption embeddings (B, T, D) that the reference was made with."""

    def __init__(self, embeddings: torch.Tensor):
        super().__init__()
        self.embeddings, self.config = embeddings, SimpleNamespace(max_position_embeddings=embeddings.shape[1])

    def forward(self, input_ids: torch.Tensor) -> SimpleNamespace:
        return SimpleNamespace(last_hidden_state=self.embeddings)


@dataclass(frozen=True)
class Step:
    """What one training step saw and gave: the noisy latents, the loss, and the gradient of each parameter by our name."""

    noisy: torch.Tensor
    loss: torch.Tensor
    gradients: dict[str, torch.Tensor]


def training_step(
    unet: UNet2DConditionModel, scheduler: SchedulerMixin, latents: torch.Tensor, feature: torch.Tensor, text: torch.Tensor,
    times: torch.Tensor, noise: torch.Tensor,
) -> Step:  # fmt: skip
    """The denoising loss of our second stage without masks, as training calls it, and its gradients."""
    pack, count, tokens = SimpleNamespace(encoded=1, weights=np.ones(1)), len(latents), text.shape[1]
    objective = DenoiserObjective(unet, GivenText(text), None, scheduler, pack, pack, DenoiserConfig(batch_size=count))
    nobody = torch.zeros(count, 1)
    masks = nobody[..., None, None].expand(-1, -1, *latents.shape[-2:])
    ids, phrases = torch.zeros(count, tokens, dtype=torch.long), nobody[..., None].expand(-1, -1, tokens)
    batch = Batch(latents, feature, ids, phrases, masks, torch.zeros(count), nobody > 0, masks)
    seen = []
    hook = unet.register_forward_pre_hook(lambda _, arguments: seen.append(arguments[0][:, : latents.shape[1]]))
    _, loss, _ = objective._losses(objective.modules, batch, times, noise)
    hook.remove()
    names, parameters = zip(*unet.named_parameters(), strict=True)
    return Step(seen[0], loss.detach(), dict(zip(names, torch.autograd.grad(loss, parameters), strict=True)))


def relative_error(ours: torch.Tensor, reference: torch.Tensor) -> float:
    """The largest difference, in parts of the reference's largest magnitude."""
    return ((ours - reference).abs().max() / reference.abs().max()).item()


def norm(gradients: Iterator[torch.Tensor]) -> torch.Tensor:
    return torch.stack([gradient.square().sum() for gradient in gradients]).sum().sqrt()


def errors(folder: Path) -> Iterator[tuple[str, float]]:
    """The relative error of each tensor of a folder with references."""
    about = json.loads((folder / "golden.json").read_text())
    weights = {name: tensor.float() for name, tensor in load_file(folder / "weights.safetensors").items()}
    inputs, expected = load_file(folder / "inputs.safetensors"), load_file(folder / "outputs.safetensors")
    autoencoder, unet = components_from_official(weights, attention_heads=about["config"]["heads"])
    rgb = inputs["image_u8"].permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        hint = hint_from_lightness(rgb_to_lab(rgb)[:, :1])
        yield "hint", relative_error(hint, inputs["hint"])
        features = autoencoder.luminance_encoder(hint)
        mode = autoencoder.encode(rgb * 2 - 1).latent_dist.mode()
        latents = mode * autoencoder.config.scaling_factor
        yield "train.x_start", relative_error(latents, expected["train.x_start"])
        restored = autoencoder.decode(mode, luminance=features).sample
        yield "stage1.recon", relative_error(restored[:1, :, ::2, ::2], expected["stage1.recon"])
    scheduler = default_scheduler("epsilon")
    step = training_step(unet, scheduler, latents, features[-1], inputs["ctx_cond"], inputs["train_t"], inputs["train_noise"])
    yield "train.x_noisy", relative_error(step.noisy, expected["train.x_noisy"])
    for name in ("train.loss", "train.loss_simple"):
        yield name, relative_error(step.loss, expected[name])
    gradients = {official.removeprefix(UNET): step.gradients[ours] for official, ours in unet_names(unet).items()}
    for name in sorted(name for name in expected if name.startswith("train.grad.")):
        yield name, relative_error(gradients[name.removeprefix("train.grad.")], expected[name])
    trained = [gradient for name, gradient in gradients.items() if name.startswith(TRAINED)]
    norms = {"grad_l2_all_unet": gradients.values(), "grad_l2_trained_subset": trained}
    for name, some in norms.items():
        yield name, relative_error(norm(some), torch.tensor(about["measured"][name]))


def report(errors: Iterator[tuple[str, float]], tolerance: float) -> bool:
    """Print each error and the worst; whether all are within the tolerance."""
    worst = 0.0
    for name, error in errors:
        worst = max(worst, error)
        sys.stdout.write(f"{name:72} {error:.2e}{'' if error <= tolerance else '   PAST THE TOLERANCE'}\n")
    sys.stdout.write(f"worst relative error {worst:.2e}, tolerance {tolerance:.0e}\n")
    return worst <= tolerance


if __name__ == "__main__":
    sys.exit(not report(errors(Path(sys.argv[1])), float(sys.argv[2]) if len(sys.argv) > 2 else 1e-4))
