"""The sampler: from noise to latents, one pass of the denoiser a step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import signature

import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    LCMScheduler,
    SchedulerMixin,
    UNet2DConditionModel,
    UniPCMultistepScheduler,
)
from torch import nn

from lcad.attention import MaskBias, steered
from lcad.guidance import CaptionGuidance, InstanceGuidance

LCM_STEPS = 50  # of the schedule that consistency distillation is done on; sampling takes some of them
# The solvers by name; each takes the noise schedule of the checkpoint's own scheduler. The first three follow the probability-flow
# equation. "lcm" (Luo et al. 2023) jumps to the clean latents at each step and adds fresh noise: 2–8 steps at guidance near 1, for a
# denoiser that was distilled for it (or has an LCM-LoRA merged into its weights); what another one gives is soft and pale.
SOLVERS = {
    "dpm++": (DPMSolverMultistepScheduler, {"algorithm_type": "dpmsolver++", "solver_order": 2, "final_sigmas_type": "zero"}),
    "ddim": (DDIMScheduler, {"clip_sample": False, "set_alpha_to_one": False}),
    "unipc": (UniPCMultistepScheduler, {"solver_order": 2}),
    "lcm": (LCMScheduler, {"clip_sample": False, "set_alpha_to_one": False, "original_inference_steps": LCM_STEPS}),
}
BETAS = {"num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}

Progress = Callable[[int, int], bool | None]  # (steps done, steps in all); False cancels
Adjustment = Callable[[torch.Tensor, float], torch.Tensor]  # of predicted clean latents (B, 4, h, w), at a time in [0, 1]


class SamplingCancelledError(Exception):
    """A progress callback returned False."""


@dataclass(frozen=True)
class Condition:
    """What the denoiser sees besides the latents, for a batch of B.

    luminance      (B, c, h, w), the last luminance feature
    text           (B, T, D) caption embeddings
    unconditional  (1, T, D), the embedding of the empty caption
    masks          where phrases should attend, B samples; None for captions alone
    """

    luminance: torch.Tensor
    text: torch.Tensor
    unconditional: torch.Tensor
    masks: MaskBias | None = None

    def doubled(self) -> "Condition":
        """The condition of the doubled batch [unconditional, conditional]; the luminance is the same in both halves."""
        empty = self.unconditional.expand(len(self.text), -1, -1)
        masks = None if self.masks is None else self.masks.after_unconditional()
        return Condition(self.luminance.repeat(2, 1, 1, 1), torch.cat([empty, self.text]), self.unconditional, masks)


def default_scheduler(prediction_type: str = "epsilon", **options) -> SchedulerMixin:
    """The published noise schedule (scaled-linear betas 0.00085–0.012); `prediction_type` is "epsilon" or "v_prediction"."""
    return DPMSolverMultistepScheduler(**BETAS, prediction_type=prediction_type, timestep_spacing="trailing", **options)


def solver(name: str, scheduler: SchedulerMixin) -> SchedulerMixin:
    """A fresh solver with a checkpoint's noise schedule and prediction type; ValueError for an unknown name."""
    if name not in SOLVERS:
        raise ValueError(f"unknown solver {name!r}, expected one of {', '.join(SOLVERS)}")
    kind, options = SOLVERS[name]
    known = signature(kind.__init__).parameters
    return kind.from_config({key: value for key, value in scheduler.config.items() if key in known}, **options)


def generators(seeds: Sequence[int]) -> list[torch.Generator]:
    """A source of noise for each image, on the CPU, so that its noise depends on neither batch nor device."""
    return [torch.Generator().manual_seed(int(seed)) for seed in seeds]


def initial_noise(sources: Sequence[torch.Generator], shape: Sequence[int], like: torch.Tensor) -> torch.Tensor:
    """Noise (B, *shape), each image's drawn from its own source."""
    return torch.stack([torch.randn(shape, generator=source) for source in sources]).to(like)


def _predict(unet, latents: torch.Tensor, t: torch.Tensor, condition: Condition, strength: float) -> torch.Tensor:
    """One pass of the denoiser, (B, 4, h, w)."""
    masks = None if condition.masks is None else condition.masks.scaled(strength)
    with steered(unet, latents.shape[-2:], masks):
        return unet(torch.cat([latents, condition.luminance], 1), t, encoder_hidden_states=condition.text).sample


class _Guided:
    """The denoiser's prediction under a caption's guidance, step after step.

    Between the steps at which guidance is computed, what it adds to the clean latents stays: clean = √ᾱ · x − √(1 − ᾱ) · v, or
    (x − √(1 − ᾱ) · noise) / √ᾱ, so that a prediction moves by what it moved before times the ratio of those factors.
    """

    def __init__(
        self, unet: nn.Module, scheduler: SchedulerMixin, condition: Condition, caption: CaptionGuidance, instance: InstanceGuidance
    ):
        self.unet, self.scheduler, self.caption, self.instance = unet, scheduler, caption, instance
        self.condition, self.doubled = condition, condition.doubled()
        self.guided_steps, self.added = 0, torch.zeros(())

    def __call__(self, latents: torch.Tensor, t: torch.Tensor, time: float) -> torch.Tensor:
        """The prediction (B, 4, h, w) for latents as the scheduler scales them, at a step of the schedule and its time in [0, 1]."""
        strength = self.instance.factor(time)
        if not self.caption.active(time):
            return _predict(self.unet, latents, t, self.condition, strength)
        computed = self.guided_steps % self.caption.every == 0
        self.guided_steps += 1
        if not computed:
            return _predict(self.unet, latents, t, self.condition, strength) + self.added / self._factor(t)
        both = _predict(self.unet, torch.cat([latents, latents]), t, self.doubled, strength)
        unconditional, conditional = both.chunk(2)
        prediction = self.caption.combine(unconditional, conditional)
        self.added = (prediction - conditional) * self._factor(t)
        return prediction

    def _factor(self, t: torch.Tensor) -> float:
        kept = float(self.scheduler.alphas_cumprod[int(t)])
        return (1 - kept) ** 0.5 / (1.0 if self.scheduler.config.prediction_type == "v_prediction" else kept**0.5)


def _adjusted(
    scheduler: SchedulerMixin, prediction: torch.Tensor, latents: torch.Tensor, t: torch.Tensor, adjust: Adjustment, time: float
) -> torch.Tensor:
    """The prediction that stands for adjusted clean latents: x = √ᾱ · clean + √(1 − ᾱ) · noise, v = √ᾱ · noise − √(1 − ᾱ) · clean."""
    kept = scheduler.alphas_cumprod[int(t)].to(latents)
    signal, spread = kept.sqrt(), (1 - kept).sqrt()
    if scheduler.config.prediction_type == "v_prediction":
        clean = adjust(signal * latents - spread * prediction, time)
        return (signal * latents - clean) / spread
    clean = adjust((latents - spread * prediction) / signal, time)
    return (latents - signal * clean) / spread


@torch.no_grad()
def sample(
    unet: UNet2DConditionModel,
    scheduler: SchedulerMixin,
    noise: torch.Tensor,
    condition: Condition,
    steps: int,
    caption: CaptionGuidance,
    instance: InstanceGuidance,
    progress: Progress | None = None,
    *,
    adjust: Adjustment | None = None,
    sources: Sequence[torch.Generator] | None = None,
) -> torch.Tensor:
    """Denoise (B, 4, h, w) in `steps` steps of a fresh `solver`; returns latents, still times the scaling factor.

    adjust   changes the clean latents that each step predicts, before the solver uses them
    sources  of fresh noise, one an image, which "lcm" needs; the others draw none
    Raises SamplingCancelledError when `progress` returns False after a step, ValueError for more steps than the noise schedule has,
    or LCM_STEPS of "lcm".
    """
    if steps > scheduler.config.num_train_timesteps:
        raise ValueError(f"expected at most {scheduler.config.num_train_timesteps} steps, as the noise schedule has, got {steps}")
    scheduler.set_timesteps(steps, device=noise.device)
    horizon = scheduler.config.num_train_timesteps - 1
    fresh = {"generator": list(sources)} if sources is not None and isinstance(scheduler, LCMScheduler) else {}
    latents, predict = noise * scheduler.init_noise_sigma, _Guided(unet, scheduler, condition, caption, instance)
    for done, t in enumerate(scheduler.timesteps, 1):
        time = float(t) / horizon
        prediction = predict(scheduler.scale_model_input(latents, t), t, time)
        if adjust is not None:
            prediction = _adjusted(scheduler, prediction, latents, t, adjust, time)
        latents = scheduler.step(prediction, t, latents, **fresh).prev_sample
        if progress is not None and progress(done, len(scheduler.timesteps)) is False:
            raise SamplingCancelledError(f"cancelled after {done} of {len(scheduler.timesteps)} steps")
    return latents
