"""Compare our sampling with reference tensors of the official code, the published instance-aware rule included.

    python -m tests.lcad.official_sampling ../shared/golden/a [tolerance]

The published rule changes the logits of one pass and runs a second pass on them: with step 1 it does next to nothing, so it is held
to the references made with a large step. Prints relative errors (max |ours − reference| / max |reference|); exits 1 past the
tolerance. Beside them, without a verdict, stands how far the same push in our single pass is from the published two.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from diffusers import DPMSolverMultistepScheduler, UNet2DConditionModel
from safetensors.torch import load_file
from torch.nn import functional as F

from lcad.attention import MaskBias
from lcad.conversion import components_from_official
from lcad.guidance import CaptionGuidance, InstanceGuidance
from lcad.sampler import BETAS, Condition, sample, solver
from tests.lcad.official_training import relative_error, report

Span = tuple[int, int]


@dataclass(frozen=True)
class PublishedBias(MaskBias):
    """The published update in the single pass: rule "push" with λ = step / (heads · tokens of the phrase · cells), nearest masks.

    `strength` is the step of each sample, `heads` the denoiser's.
    """

    heads: int = 8

    def coverage(self, height: int, width: int) -> torch.Tensor:
        cells = F.interpolate(self.masks, (height, width), mode="nearest").flatten(2)
        return torch.einsum("bpc,bpt->bct", cells, self.tokens)[:, None]

    def steer(self, logits: torch.Tensor, height: int, width: int) -> torch.Tensor:
        lengths = torch.einsum("bpt,bp->bt", self.tokens, self.tokens.sum(-1))[:, None, None].clamp(min=1)
        scale = self._strength() / (self.heads * lengths * height * width)
        return logits + scale * (self.coverage(height, width) - self.grounded * logits.sigmoid())


@dataclass
class TwoPasses:
    """A processor for all attention layers of the published procedure: it keeps the logits of a pass, or runs on kept ones.

    Masks (P, H, W) steer the conditional half of a doubled batch of one, for the tokens of the half-open spans.
    """

    masks: torch.Tensor
    spans: Sequence[Span]
    step: float
    keeps: bool = True
    kept: dict[int, torch.Tensor] = field(default_factory=dict)

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, temb=None) -> torch.Tensor:
        crosses = encoder_hidden_states is not None
        seen = encoder_hidden_states if crosses else hidden_states
        query, key, value = (
            x.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for x in (attn.to_q(hidden_states), attn.to_k(seen), attn.to_v(seen))
        )
        if self.keeps:
            logits = query @ key.transpose(-1, -2) * attn.scale
            self.kept[id(attn)] = self._updated(logits) if crosses else logits
        else:
            logits = self.kept[id(attn)]
        return attn.to_out[0]((logits.softmax(-1) @ value).transpose(1, 2).flatten(2))

    def _updated(self, logits: torch.Tensor) -> torch.Tensor:
        """Logits (2, heads, cells, T) less the gradient of each phrase's mean BCE with its mask, times the step."""
        with torch.enable_grad():
            leaf = logits[1].detach().requires_grad_()
            side = round(leaf.shape[1] ** 0.5)
            cells = F.interpolate(self.masks[None], (side, side), mode="nearest")[0].flatten(1)
            loss = sum(
                F.binary_cross_entropy_with_logits(leaf[..., a:b], mask[None, :, None].expand(len(leaf), -1, b - a))
                for mask, (a, b) in zip(cells, self.spans, strict=True)
            )
            (gradient,) = torch.autograd.grad(loss, leaf)
        return torch.stack([logits[0], leaf.detach() - self.step * gradient])


class PublishedDenoiser:
    """A denoiser whose every call is the published two passes; what it is asked otherwise is the denoiser's own."""

    def __init__(self, unet: UNet2DConditionModel, masks: torch.Tensor, spans: Sequence[Span], step: float):
        self.unet, self.two_passes = unet, TwoPasses(masks, spans, step)

    def __getattr__(self, name: str):
        return getattr(self.unet, name)

    def __call__(self, *arguments, **named):
        before = self.unet.attn_processors
        self.unet.set_attn_processor(self.two_passes)
        for self.two_passes.keeps in (True, False):
            result = self.unet(*arguments, **named)
        self.unet.set_attn_processor(before)
        return result


def latents_of_steps(unet, noise: torch.Tensor, condition: Condition, steps: int, scale: float) -> list[torch.Tensor]:
    """The latents after each step of our sampler with the published solver and time steps."""
    published = DPMSolverMultistepScheduler(**BETAS, timestep_spacing="leading", steps_offset=1)  # (1, 1 + 1000/S, …), downwards
    schedule, seen = solver("ddim", published), []
    take_step = schedule.step

    def watched(*arguments, **named):
        result = take_step(*arguments, **named)
        seen.append(result.prev_sample)
        return result

    schedule.step = watched
    sample(unet, schedule, noise, condition, steps, CaptionGuidance(scale, (0.0, 1.0)), InstanceGuidance("push", decay=0.0))
    return seen


@torch.no_grad()
def errors(folder: Path) -> Iterator[tuple[str, float]]:
    """The relative error of each step's latents."""
    about = json.loads((folder / "golden.json").read_text())
    run = about["run"]
    weights = {name: tensor.float() for name, tensor in load_file(folder / "weights.safetensors").items()}
    inputs, expected = load_file(folder / "inputs.safetensors"), load_file(folder / "outputs.safetensors")
    autoencoder, unet = components_from_official(weights, attention_heads=about["config"]["heads"])
    empty = inputs["ctx_uncond"]

    control = autoencoder.luminance_encoder(inputs["hint"])[-1]
    condition = Condition(control, inputs["ctx_cond"], empty)
    latents = latents_of_steps(unet, inputs["ddim_x_T"], condition, run["ddim_steps"], run["cfg"])
    yield from _compared("ddim", latents, expected["ddim.x_inter"])

    control = autoencoder.luminance_encoder(inputs["sam_hint"])[-1]
    masks, spans = inputs["sam_mask"], [tuple(span) for span in run["spans_half_open"]]
    for name, step in (("sam.plain_x_inter", 0.0), ("sam.x_inter", run["sam_grad_step"]), ("sam_big.x_inter", run["sam_big_step"])):
        condition = Condition(control, inputs["sam_ctx_cond"], empty)
        denoiser = PublishedDenoiser(unet, masks[0], spans, step) if step else unet
        latents = latents_of_steps(denoiser, inputs["sam_x_T"], condition, run["sam_steps"], run["sam_cfg"])
        yield from _compared(name, latents, expected[name])


@torch.no_grad()
def single_pass_distance(folder: Path) -> tuple[float, float]:
    """How far our single pass with the large step, and plain sampling, end from the published two passes."""
    about = json.loads((folder / "golden.json").read_text())
    run, heads = about["run"], about["config"]["heads"]
    weights = {name: tensor.float() for name, tensor in load_file(folder / "weights.safetensors").items()}
    inputs, expected = load_file(folder / "inputs.safetensors"), load_file(folder / "outputs.safetensors")
    autoencoder, unet = components_from_official(weights, attention_heads=heads)
    tokens = torch.zeros(1, len(run["spans_half_open"]), inputs["sam_ctx_cond"].shape[1])
    for row, (start, end) in enumerate(run["spans_half_open"]):
        tokens[0, row, start:end] = 1
    bias = PublishedBias(tokens, inputs["sam_mask"], run["sam_big_step"], "push", heads=heads)
    control = autoencoder.luminance_encoder(inputs["sam_hint"])[-1]
    condition = Condition(control, inputs["sam_ctx_cond"], inputs["ctx_uncond"], bias)
    ours = latents_of_steps(unet, inputs["sam_x_T"], condition, run["sam_steps"], run["sam_cfg"])[-1]
    reference = expected["sam_big.x_inter"][-1]
    return relative_error(ours, reference), relative_error(expected["sam.plain_x_inter"][-1], reference)


def _compared(name: str, latents: list[torch.Tensor], reference: torch.Tensor) -> Iterator[tuple[str, float]]:
    for number, (ours, theirs) in enumerate(zip(latents, reference[1:], strict=True), 1):
        yield f"{name} step {number}", relative_error(ours, theirs)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    within = report(errors(place), float(sys.argv[2]) if len(sys.argv) > 2 else 1e-4)
    single, plain = single_pass_distance(place)
    sys.stdout.write(f"the large step in our single pass ends {single:.2e} from the published two passes, plain sampling {plain:.2e}\n")
    sys.exit(not within)
