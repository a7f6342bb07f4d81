"""What a training will take: steps, memory, hours and cost, on the hardware found or on one that is named.

Hardware found is measured: a few real steps of the real base on pictures of its size. Of hardware that is named the floating operations
of a step are counted and divided by what such a device reaches in training, UTILIZATION of its peak; memory is counted, not measured:
weights, their gradients and two moments of AdamW, the averaged copy, and what the forward pass keeps for the backward one. Both are
estimates, and the prices are rough: give your own with `price`.
"""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from lcad.dataset import Description, Example, Grounded
from lcad.pipeline import LCADPipeline
from lcad.training.denoiser import DenoiserConfig, DenoiserObjective
from lcad.training.packed_dataset import Pack, encode, write_pack

UTILIZATION = 0.3
FORWARD_AND_BACKWARD = 3  # times the operations of a forward pass
SPARE = 1.15  # of counted memory: what allocators and kernels need beside it
STEPS_MEASURED = 3
FLOAT = 4  # bytes
CAPTION = "a red thing before a gray wall"


@dataclass(frozen=True)
class Hardware:
    """A device: memory in GB, peak in TFLOP/s of the type that it trains in, and a rough price in dollars an hour."""

    memory_gb: float
    teraflops: float
    price: float


HARDWARE = {
    "T4": Hardware(16, 65, 0.4), "L4": Hardware(24, 121, 0.8), "A10G": Hardware(24, 125, 1.0), "RTX 4090": Hardware(24, 165, 0.5),
    "A100": Hardware(80, 312, 1.8), "H100": Hardware(80, 989, 3.0), "H200": Hardware(141, 989, 3.8),
}  # fmt: skip
"""Dense peaks of 16-bit types by their makers' data sheets; prices are rough guesses of what an hour is rented for, taken from no list."""


@dataclass(frozen=True)
class TrainingPlan:
    """What a training takes.

    passes   how often each item is seen
    seconds  of all steps and of encoding the release, on the device; validations are not in it
    fits     whether the memory is enough; None where that of the device is not known
    cost     dollars; None where there is no price
    """

    device: str
    measured: bool
    steps: int
    passes: float
    seconds: float
    memory_gb: float
    fits: bool | None
    cost: float | None

    @property
    def hours(self) -> float:
        """The seconds as hours."""
        return self.seconds / 3600


@dataclass(frozen=True)
class _Step:
    """One step: seconds here, operations, and bytes that training needs; of the encoding of one picture seconds and operations."""

    seconds: float
    operations: float
    memory: float
    encoding_seconds: float
    encoding_operations: float


def plan(
    base: str | Path, images: int, items: int, steps: int, config: DenoiserConfig = DenoiserConfig(batch_size=16),
    on: str | None = None, price: float | None = None, accumulate: int = 1,
) -> TrainingPlan:  # fmt: skip
    """What `steps` of the denoiser's stage take for a release of so many training images and items.

    Raises ValueError for hardware that is not known, FileNotFoundError for a base that is not there.
    """
    if on is not None and on not in HARDWARE:
        raise ValueError(f"no hardware is known as {on!r}: name one of {', '.join(HARDWARE)}, or none to measure this machine")
    step, passes = _measured(base, config), steps * config.batch_size * accumulate / max(1, items)
    if on is None:
        seconds, device, memory_gb = steps * accumulate * step.seconds + images * step.encoding_seconds, _device_name(), _memory_here()
    else:
        rate = HARDWARE[on].teraflops * 1e12 * UTILIZATION
        seconds = (steps * accumulate * step.operations + images * step.encoding_operations) / rate
        device, memory_gb, price = on, HARDWARE[on].memory_gb, HARDWARE[on].price if price is None else price
    needed = step.memory / 1e9
    cost = None if price is None else seconds / 3600 * price
    return TrainingPlan(device, on is None, steps, passes, seconds, needed, None if memory_gb is None else needed <= memory_gb, cost)


def _measured(base: str | Path, config: DenoiserConfig) -> _Step:
    """Measure and count one step of a base, on this machine's device."""
    pipeline = LCADPipeline.from_pretrained(base)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    for model in (pipeline.autoencoder, pipeline.unet, pipeline.text_encoder):
        torch.nn.Module.to(model, device)
    with tempfile.TemporaryDirectory() as folder:
        pack = _noise_pack(Path(folder), pipeline.settings.native_size, config.batch_size)
        began = time.monotonic()
        with FlopCounterMode(display=False) as counted:
            pack = encode(pack, pipeline.autoencoder)
        encoding = (time.monotonic() - began) / len(pack)
        parts = (pipeline.unet, pipeline.text_encoder, pipeline.tokenizer, pipeline.scheduler)
        objective = DenoiserObjective(*parts, pack, pack, config)
        seconds, operations, kept = _stepped(objective)
    weights = [p for model in objective.modules.values() for p in model.parameters()]
    trained = sum(p.numel() for p in weights if p.requires_grad)
    memory = FLOAT * (sum(p.numel() for p in weights) * (2 if config.keep else 1) + 4 * trained) + kept
    return _Step(seconds, operations, memory * SPARE, encoding, counted.get_total_flops() / len(pack))


def _stepped(objective: DenoiserObjective) -> tuple[float, float, float]:
    """Seconds and operations of a step, and the bytes that its forward pass keeps."""
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    modules = objective.modules.train()
    own = {p.untyped_storage().data_ptr() for p in modules.parameters()}
    with FlopCounterMode(display=False) as counted, torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        objective.loss(modules, torch.Generator().manual_seed(0))
    seconds = []
    for seed in range(1 + STEPS_MEASURED):
        began = time.monotonic()
        loss, _ = objective.loss(modules, torch.Generator().manual_seed(seed))
        loss.backward()
        modules.zero_grad()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        seconds.append(time.monotonic() - began)
    activations = sum(size for place, size in kept.items() if place not in own)
    return min(seconds[1:]), FORWARD_AND_BACKWARD * counted.get_total_flops(), activations


def _noise_pack(folder: Path, size: int, count: int) -> Pack:
    """Pictures of noise with a masked phrase each."""
    rng, mask = np.random.default_rng(0), np.zeros((1, size, size), bool)
    mask[:, size // 4 : size // 2, size // 4 : size // 2] = True
    described = (Description(CAPTION, "complete", (Grounded(0, 11, 0),)),)
    noise = (Example(rng.integers(0, 256, (size, size, 3), np.uint8), mask, described) for _ in range(count))
    return write_pack(folder, noise, count, size)


def _device_name() -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else f"this machine's processor, {torch.get_num_threads()} threads"


def _memory_here() -> float | None:
    """The memory of the device in GB; of a processor that of the machine, None where it does not tell."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_properties(0).total_memory / 1e9
    facts = Path("/proc/meminfo")
    if not facts.is_file():
        return None
    return next(int(line.split()[1]) * 1024 / 1e9 for line in facts.read_text().splitlines() if line.startswith("MemAvailable"))
