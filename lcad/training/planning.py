"""What a training will take: steps, memory, hours and cost, on the hardware found or on one that is named.

All that a training does is counted (`lcad.training.step_costs`), not its steps alone: on a small base coloring the validation photos, ten
times and more, takes longer than they do. Hardware found is measured with the real base. Of hardware that is named the floating operations
are divided by what such a device reaches in training, UTILIZATION of its peak, or the kernels are counted that it is asked for, LAUNCH
each, where that takes longer, as it does for small bases; memory is counted, not measured. Both are estimates, and the prices are rough:
give your own with `price`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from lcad.training.blending import SHARES
from lcad.training.finetuning import FineTuning, views_of_each
from lcad.training.natural_colors import MOST_COUNTED
from lcad.training.release_phrases import MOST_PASTED, MOST_PICTURES, PICTURES
from lcad.training.step_costs import Cost, Costs, measure
from lcad.training.validation_judge import MOST

UTILIZATION = 0.3
LAUNCH = 1e-5
"""Seconds that a device needs at least for one kernel, asked for from Python one after another: an assumption, measured on none."""
SPARE = 1.15  # of counted memory: what allocators and kernels need beside it
FORWARD = 1 / 3  # of a step


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
class ReleaseSize:
    """How much there is to learn from: pictures and items of the training split, and the same of the validation split."""

    pictures: int
    items: int
    validation_pictures: int
    validation_items: int


@dataclass(frozen=True)
class TrainingPlan:
    """What a training takes at most: it ends earlier where validations bring nothing better.

    passes       how often each item is seen
    validations  how often the validation photos are colored
    parts        seconds by what is done: preparing, steps, validations, and what else is learned
    fits         whether the memory is enough; None where that of the device is not known
    cost         dollars; None where there is no price
    """

    device: str
    measured: bool
    steps: int
    passes: float
    validations: int
    parts: Mapping[str, float]
    memory_gb: float
    fits: bool | None
    cost: float | None

    @property
    def seconds(self) -> float:
        """Of all parts."""
        return sum(self.parts.values())

    @property
    def hours(self) -> float:
        """The seconds as hours."""
        return self.seconds / 3600


def plan(config: FineTuning, size: ReleaseSize, on: str | None = None, price: float | None = None) -> TrainingPlan:
    """What a training of the denoiser's stage takes for a release of so many images and items; the config's folders are not looked at.

    Raises ValueError for hardware that is not known and for another stage, FileNotFoundError for a base that is not there.
    """
    if on is not None and on not in HARDWARE:
        raise ValueError(f"no hardware is known as {on!r}: name one of {', '.join(HARDWARE)}, or none to measure this machine")
    if config.stage != "denoiser":
        raise ValueError(f"the stage {config.stage} is not planned, only denoiser is")
    costs = measure(config)
    validations = validations_of(config)
    parts = {name: _seconds(cost, on) for name, cost in parts_of(config, size, costs, validations).items()}
    passes, needed = config.steps * config.batch_size * config.accumulate / max(1, size.items), SPARE * costs.memory / 1e9
    memory_gb = _memory_here() if on is None else HARDWARE[on].memory_gb
    price = HARDWARE[on].price if on is not None and price is None else price
    planned = TrainingPlan(
        on or _device_name(), on is None, config.steps, passes, validations, {name: each for name, each in parts.items() if each},
        needed, None if memory_gb is None else needed <= memory_gb, None,
    )  # fmt: skip
    return planned if price is None else replace(planned, cost=planned.hours * price)


def validations_of(config: FineTuning) -> int:
    """How often the weights are validated: before the first step, on the way, after the last, and at the share of the way that is kept."""
    every = config.loop.validate_every
    judged = 1 if config.chosen_by == "adherence" else 0
    return 1 + config.steps // every + (config.steps % every > 0) + judged


def parts_of(config: FineTuning, size: ReleaseSize, costs: Costs, validations: int) -> dict[str, Cost]:
    """What each part costs."""
    shown = size.pictures * (1 + views_of_each(max(1, size.pictures)))
    judging = costs.judging * (min(MOST, size.validation_pictures) if config.chosen_by == "adherence" else 0)
    shares = len(SHARES) - 1 if config.chosen_by == "adherence" else 0
    natural, grounder = config.natural_steps, config.grounder_steps
    pasted = min(size.pictures, MOST_PASTED)
    seen_naturally = _validated(natural) * size.validation_pictures + (min(shown, MOST_COUNTED) if natural else 0)
    looked = 2 * (_drawn(size.pictures) + _drawn(size.validation_pictures)) + pasted
    held_out = 2 * _asked(size.validation_pictures, size.validation_items)
    asked = 2 * _asked(size.pictures, size.items) + held_out + pasted * size.items / max(1, size.pictures)
    return {
        "preparing": costs.loading + costs.preparing * (shown + size.validation_pictures),
        "steps": costs.step * (config.steps * config.accumulate),
        "validations": (costs.validation_loss + judging) * validations + costs.validation_loss * shares,
        "color prior": costs.natural_step * natural + costs.natural_validation * seen_naturally,
        "grounder": costs.looking * looked
        + costs.asking * asked
        + costs.grounder_step * (grounder + FORWARD * math.ceil(held_out / PICTURES) * _validated(grounder)),
    }


def _drawn(pictures: int) -> int:
    """How many pictures of a split the grounder learns from, each as it is and mirrored; others with things pasted on come beside."""
    return min(pictures, MOST_PICTURES // 2)


def _asked(pictures: int, items: int) -> float:
    """How many captions of those pictures it is asked about, at most: equal in what they name they are one."""
    return items * _drawn(pictures) / max(1, pictures)


def _validated(steps: int) -> int:
    """How often the color prior and the grounder are validated in so many steps."""
    return 1 + steps // max(1, steps // 10) if steps else 0


def _seconds(cost: Cost, on: str | None) -> float:
    """Seconds here, or on hardware by name."""
    return cost.seconds if on is None else max(cost.operations / (HARDWARE[on].teraflops * 1e12 * UTILIZATION), cost.kernels * LAUNCH)


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
