"""What the parts of a training cost: each is done with the real base on pictures of noise of its size, counted once, and timed.

A cost is the seconds on this machine, the floating operations, and how many kernels a device would be asked for: of a small base what a
large device does in a step takes less time than asking for it.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers.training_utils import EMAModel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from lcad.dataset import Description, Example, Grounded
from lcad.grounding.finder_files import load_finder
from lcad.models.phrase_grounder import SIDE
from lcad.pipeline import LCADPipeline
from lcad.training.denoiser import DenoiserObjective
from lcad.training.finetuning import FineTuning
from lcad.training.loop import Objective
from lcad.training.natural_colors import BATCH, unasked_cells
from lcad.training.packed_dataset import Pack, encode, write_pack
from lcad.training.prior import PriorConfig, PriorObjective, keep_features
from lcad.training.release_phrases import PICTURES, ReleasePhrases, asked_about, look_at
from lcad.training.validation_judge import ValidationJudge

TIMED = 3
PHOTOS = 4  # that are colored
CAPTION, PHRASES = "a red cup on a green table", ((0, 9), (13, 26))
ABSENT = frozenset({"dog", "tree"})  # which are asked about as well
FLOAT = 4  # bytes


@dataclass(frozen=True)
class Cost:
    """Seconds on this machine, floating operations, and kernels asked for."""

    seconds: float = 0.0
    operations: float = 0.0
    kernels: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.seconds + other.seconds, self.operations + other.operations, self.kernels + other.kernels)

    def __mul__(self, times: float) -> "Cost":
        return Cost(times * self.seconds, times * self.operations, times * self.kernels)


@dataclass(frozen=True)
class Costs:
    """What is done once (`loading`), and what is done again and again.

    preparing   of each picture: its latents and features; of the color prior and the grounder too, where they learn
    looking     of each picture that the grounder learns from
    asking      of each caption of it
    step        of one batch: forward, backward, the optimizer and the average
    judging     of one validation photo: coloring it
    memory      bytes of a step: weights, gradients, moments, the average, and what the forward pass keeps
    """

    loading: Cost
    preparing: Cost
    step: Cost
    validation_loss: Cost
    judging: Cost
    memory: float
    natural_step: Cost = Cost()
    natural_validation: Cost = Cost()
    looking: Cost = Cost()
    asking: Cost = Cost()
    grounder_step: Cost = Cost()


class _Kernels(TorchDispatchMode):
    """Counts the operations that torch is asked for within the block."""

    def __init__(self):
        super().__init__()
        self.number = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.number += 1
        return func(*args, **(kwargs or {}))


def cost_of(do: Callable[[], object], timed: int = 1) -> Cost:
    """What a call costs: counted in the first, which warms up as well, and timed in the fastest of the others."""
    with _Kernels() as kernels, FlopCounterMode(display=False) as counted:
        do()
    seconds = []
    for _ in range(timed):
        began = time.monotonic()
        do()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        seconds.append(time.monotonic() - began)
    return Cost(min(seconds), counted.get_total_flops(), kernels.number)


def measure(config: FineTuning) -> Costs:
    """Measure the parts of a denoiser's training on this machine's device."""
    began = time.monotonic()
    pipeline = LCADPipeline.from_pretrained(config.base)
    loading = Cost(time.monotonic() - began)
    pipeline.to("cuda" if torch.cuda.is_available() else "cpu")
    size = pipeline.settings.native_size
    judge = ValidationJudge(pipeline, [noise(size, seed) for seed in range(PHOTOS)])
    judging = cost_of(judge) * (1 / PHOTOS)
    natural_step, natural_validation, features = _natural(config, pipeline, size)
    looking, asking, grounder_step = _phrases(config)
    with tempfile.TemporaryDirectory() as folder:
        preparing, pack = _prepared(pipeline, Path(folder), size, config.batch_size)
        parts = (pipeline.unet, pipeline.text_encoder, pipeline.tokenizer, pipeline.scheduler)
        objective = DenoiserObjective(*parts, pack, pack, config.denoiser)
        memory, step = memory_of(objective, bool(config.denoiser_keep)), _step(objective)
        with torch.no_grad():
            validation_loss = cost_of(lambda: objective.validation_loss(objective.modules.eval()))
    return Costs(
        loading, preparing + features, step, validation_loss, judging, memory, natural_step, natural_validation, looking, asking,
        grounder_step,
    )  # fmt: skip


def noise(size: int, seed: int = 0) -> Example:
    """A picture of noise under a caption of two things, each with a mask of a ninth of it."""
    masks = np.zeros((2, size, size), bool)
    for mask, place in zip(masks, (0, size // 2), strict=True):
        mask[size // 3 : 2 * size // 3, place : place + size // 3] = True
    rgb = np.random.default_rng(seed).integers(0, 256, (size, size, 3), np.uint8)
    phrases = tuple(Grounded(*span, number) for number, span in enumerate(PHRASES))
    return Example(rgb, masks, (Description(CAPTION, "complete", phrases),))


def _pack(folder: Path, size: int, count: int) -> Pack:
    return write_pack(folder, (noise(size, seed) for seed in range(count)), count, size)


def _prepared(pipeline: LCADPipeline, folder: Path, size: int, count: int) -> tuple[Cost, Pack]:
    """What encoding a picture costs, and pictures that are encoded."""
    pack = _pack(folder, size, count)
    encode(pack, pipeline.autoencoder, 1)  # warms up
    with _Kernels() as kernels, FlopCounterMode(display=False) as counted:
        began = time.monotonic()
        pack = encode(Pack(folder), pipeline.autoencoder)
        seconds = time.monotonic() - began
    return Cost(seconds, counted.get_total_flops(), kernels.number) * (1 / max(1, count - 1)), pack


def _step(objective: Objective) -> Cost:
    """One step as the loop does it."""
    modules = objective.modules.train()
    trained = [p for p in modules.parameters() if p.requires_grad]
    optimizer, average = torch.optim.AdamW(trained, lr=0.0), EMAModel(trained, foreach=True)

    def step() -> None:
        objective.loss(modules, torch.Generator().manual_seed(0))[0].backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        average.step(trained)

    return cost_of(step, TIMED)


def memory_of(objective: Objective, keeps_base: bool) -> float:
    """Bytes that a step needs: weights (twice where the base is kept beside), gradients, two moments, the average, activations."""
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    modules = objective.modules.train()
    own = {p.untyped_storage().data_ptr() for p in modules.parameters()}
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        objective.loss(modules, torch.Generator().manual_seed(0))
    trained = sum(p.numel() for p in modules.parameters() if p.requires_grad)
    weights = sum(p.numel() for p in modules.parameters()) * (2 if keeps_base else 1)
    return FLOAT * (weights + 4 * trained) + sum(size for place, size in kept.items() if place not in own)


def _natural(config: FineTuning, pipeline: LCADPipeline, size: int) -> tuple[Cost, Cost, Cost]:
    """Of the color prior: a step, validating a picture, and seeing one; nothing where it does not learn."""
    prior = pipeline.autoencoder.color_prior
    if prior is None or not config.natural_steps:
        return Cost(), Cost(), Cost()
    with tempfile.TemporaryDirectory() as folder:
        pack = _pack(Path(folder), size, BATCH)
        began = time.monotonic()
        keep_features(prior, pack)
        seeing = Cost(time.monotonic() - began) * (1 / BATCH)
        objective = PriorObjective(prior, pack, pack, PriorConfig(BATCH), (unasked_cells(pack), unasked_cells(pack)))
        validation = cost_of(lambda: objective.validation_loss(objective.modules)) * (1 / BATCH)
        step = _step(objective)
    prior.requires_grad_(False)
    return step, validation, seeing


def _phrases(config: FineTuning) -> tuple[Cost, Cost, Cost]:
    """Of the grounder: looking at a picture, asking about a caption of it, and a step; nothing where it does not learn."""
    if not config.grounder_steps:
        return Cost(), Cost(), Cost()
    finder = load_finder(config.base)
    example, nothing, rng = noise(SIDE), frozenset[str](), np.random.default_rng(0)
    picture = look_at(finder, example)
    pictures = asked_about(finder, picture, example, nothing, nothing, rng)
    looking = cost_of(lambda: look_at(finder, example), TIMED)
    asking = cost_of(lambda: asked_about(finder, picture, example, ABSENT, nothing, rng), TIMED)
    batch = pictures * PICTURES
    return looking, asking, _step(ReleasePhrases(finder.grounder.train().requires_grad_(True), batch, batch))
