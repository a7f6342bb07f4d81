"""Presets: what of a checkpoint's settings changes for speed, or for the last bit of quality.

fast   fewer steps; captions are guided while colors are decided, and what guidance adds is computed at every second of those steps
best   20 steps or more, guided at every one of them

What each gives and costs stands in docs/benchmarks.md (`tests/benchmarks/speed_options.py`).
"""

from dataclasses import replace
from typing import Literal, get_args

from lcad.settings import PipelineSettings

Preset = Literal["fast", "best"]
PRESETS: tuple[Preset, ...] = get_args(Preset)
FAST_STEPS, FAST_INTERVAL, FAST_EVERY = 6, (0.4, 1.0), 2
BEST_STEPS = 20


def with_preset(settings: PipelineSettings, name: Preset | None) -> PipelineSettings:
    """The settings under a preset; as they are for None. Raises ValueError for an unknown name."""
    if name is None:
        return settings
    if name == "fast":
        caption = replace(settings.caption, interval=FAST_INTERVAL, every=FAST_EVERY)
        return replace(settings, steps=min(FAST_STEPS, settings.steps), caption=caption)
    if name == "best":
        return replace(settings, steps=max(BEST_STEPS, settings.steps), caption=replace(settings.caption, interval=(0.0, 1.0), every=1))
    raise ValueError(f"unknown preset {name!r}, expected one of {', '.join(PRESETS)}")
