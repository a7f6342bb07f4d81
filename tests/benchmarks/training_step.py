"""A training step of the denoiser at the size of Stable Diffusion 1.5, with and without what is encoded once.

    python -m tests.benchmarks.training_step [--repeats 2] [--batch 2] [--side 256]

Random weights, float32, forward and backward of the published parameter set; the optimizer's own step, which all share, is left out.
`cached` is ours: latents and luminance features are read, and what the text encoder, which does not learn, made of a caption is kept.
`uncached` encodes latents, luminance and captions at every step, as the official procedure does; `uncached, checkpointed` computes
activations a second time besides, as its training configuration asks for.
The procedures take turns. Seconds are of the processor, and on the clock in parentheses.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import torch
from torch.nn import functional as F
from transformers import CLIPTextConfig, CLIPTextModel

from lcad.imaging import hint_from_lightness, lightness_of
from lcad.models import LuminanceAutoencoder, build_unet
from lcad.training.denoiser import published_parts
from lcad.training.text_states import TextStates

TEXT_ENCODER = CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12)
MOST = 0.6
"""The goal: of the uncached step's time."""


class Steps:
    """The modules, a batch, and a step of each kind."""

    def __init__(self, batch: int, side: int):
        torch.manual_seed(0)
        self.autoencoder = LuminanceAutoencoder().eval().requires_grad_(False)
        self.unet = build_unet(self.autoencoder.luminance_channels).requires_grad_(False)
        self.text_encoder = CLIPTextModel(TEXT_ENCODER).eval().requires_grad_(False)
        for part in published_parts(self.unet):
            part.requires_grad_(True)
        self.rgb, self.ids = torch.rand(batch, 3, side, side), torch.randint(0, 1000, (batch, 77))
        self.times = torch.randint(0, 1000, (batch,))
        self.latents, self.feature = self.encoded()
        self.text_states = TextStates()
        self.text_states(self.text_encoder, self.ids)

    @torch.no_grad()
    def encoded(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents and the last luminance feature of the batch."""
        latents = self.autoencoder.encode(self.rgb * 2 - 1).latent_dist.mode() * self.autoencoder.config.scaling_factor
        return latents, self.autoencoder.luminance_encoder(hint_from_lightness(lightness_of(self.rgb)))[-1]

    def cached(self) -> None:
        """A step from what was encoded before."""
        self._step(self.latents, self.feature, self.text_states(self.text_encoder, self.ids))

    def uncached(self) -> None:
        """A step that encodes its batch."""
        self._step(*self.encoded(), self.text())

    def checkpointed(self) -> None:
        """The same, with activations computed again on the way back."""
        self.unet.enable_gradient_checkpointing()
        try:
            self._step(*self.encoded(), self.text())
        finally:
            self.unet.disable_gradient_checkpointing()

    @torch.no_grad()
    def text(self) -> torch.Tensor:
        """What the text encoder makes of the captions, worked out now."""
        return self.text_encoder(input_ids=self.ids).last_hidden_state

    def _step(self, latents: torch.Tensor, feature: torch.Tensor, text: torch.Tensor) -> None:
        self.unet.train()
        noise = torch.randn_like(latents)
        predicted = self.unet(torch.cat([0.7 * latents + 0.7 * noise, feature], 1), self.times, encoder_hidden_states=text).sample
        F.mse_loss(predicted, noise).backward()
        self.unet.zero_grad()


def timed(step: Callable[[], None]) -> tuple[float, float]:
    """Seconds of the processor and on the clock."""
    began = time.process_time(), time.perf_counter()
    step()
    return time.process_time() - began[0], time.perf_counter() - began[1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--side", type=int, default=256)
    options = parser.parse_args()
    steps = Steps(options.batch, options.side)
    kinds = {"cached": steps.cached, "uncached": steps.uncached, "uncached, checkpointed": steps.checkpointed}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
    for _ in range(options.repeats):
        for name, step in kinds.items():
            taken[name].append(timed(step))
    spent = {name: [statistics.median(column) for column in zip(*seconds, strict=True)] for name, seconds in taken.items()}
    for name, (processor, clock) in spent.items():
        share = spent["cached"][0] / processor
        sys.stdout.write(f"{name:24} {processor:6.1f} s ({clock:.1f} s)   cached / this {share:.2f}\n")
    sys.stdout.write(f"goal: at most {MOST} of what the official procedure takes\n")


if __name__ == "__main__":
    main()
