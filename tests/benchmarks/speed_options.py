"""What each gain of speed costs: precision, presets, steps and guidance beside the checkpoint's own settings in float32.

    python -m tests.benchmarks.speed_options SOURCES [--checkpoint mini] [--scenes 48] [--options NAME,…] [--threads 1] [--out FILE.md]

SOURCES holds `cutouts.jsonl` and `photos.jsonl`; scenes are composed of what training holds out, and colored with their masks and under
their captions alone, from the same noise. ΔE00 is against the originals, and against the results of the first row; right is the share of
mentions in their color (`lcad.metrics`), seconds are the processor's for a picture in batches of eight. Prints a Markdown table.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from lcad import LCADPipeline, Region, load_pipeline
from lcad.metrics import adherence, color_difference
from lcad.precision import fast_dtype
from lcad.presets import with_preset
from lcad.settings import PipelineSettings
from tests.benchmarks.scenes import Shown, composed

SettingsChange = Callable[[PipelineSettings], PipelineSettings]


def _caption(**changes) -> SettingsChange:
    return lambda settings: replace(settings, caption=replace(settings.caption, **changes))


OPTIONS: dict[str, tuple[bool, SettingsChange]] = {  # whether in the processor's type, and what changes
    "float32": (False, lambda settings: settings),
    "the processor's type": (True, lambda settings: settings),
    "guided from 1 to 0.3": (True, _caption(interval=(0.3, 1.0))),
    "guided from 1 to 0.5": (True, _caption(interval=(0.5, 1.0))),
    "guidance at every second step": (True, _caption(every=2)),
    "6 steps": (True, lambda settings: replace(settings, steps=6)),
    "no closer looks": (True, lambda settings: replace(settings, crop_refinement=None)),
    "--fast": (True, lambda settings: with_preset(settings, "fast")),
    "--best": (True, lambda settings: with_preset(settings, "best")),
}


@dataclass(frozen=True)
class Outcome:
    """What an option gave: results (N, H, W, 3), shares of mentions that are right, ΔE00 to the originals, and seconds a picture."""

    results: list[np.ndarray]
    right_with_masks: float
    right_alone: float
    to_original: float
    seconds: float


def outcome(pipeline: LCADPipeline, shown: Sequence[Shown]) -> Outcome:
    """Color the scenes with masks and without."""
    started = time.process_time()
    masked = _colored(pipeline, shown, [list(one.regions) for one in shown])
    seconds = (time.process_time() - started) / len(shown)
    alone = _colored(pipeline, shown, [[Region(region.phrase) for region in one.regions] for one in shown])
    difference = np.mean([color_difference(result, one.rgb) for result, one in zip(masked, shown, strict=True)])
    return Outcome(masked, _right(masked, shown), _right(alone, shown), float(difference), seconds)


def _colored(pipeline: LCADPipeline, shown: Sequence[Shown], regions: list[list[Region]]) -> list[np.ndarray]:
    results = pipeline([one.rgb for one in shown], [one.caption for one in shown], regions, list(range(len(shown))))
    return [np.asarray(result) for result in results.images]


def _right(results: Sequence[np.ndarray], shown: Sequence[Shown]) -> float:
    judged = [adherence(result, one.phrases, one.masks).regions for result, one in zip(results, shown, strict=True)]
    return float(np.mean([region.right for regions in judged for region in regions if region is not None]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--checkpoint", default="mini")
    parser.add_argument("--scenes", type=int, default=48)
    parser.add_argument(
        "--options", dest="rows", default=",".join(OPTIONS), help="names of rows, separated by commas; the first is what others are beside"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    plain, quick = load_pipeline(options.checkpoint), load_pipeline(options.checkpoint).to(dtype=fast_dtype(), channels_last=True)
    shown, first = composed(options.sources, options.scenes, plain.settings.native_size, seed=7), None
    lines = ["| | right, masks | right, captions alone | ΔE00 | ΔE00 to the first row | processor s |", "|---|---|---|---|---|---|"]
    for name in options.rows.split(","):
        reduced, change = OPTIONS[name]
        pipeline = quick if reduced else plain
        own = pipeline.settings
        pipeline.settings = change(own)
        row = outcome(pipeline, shown)
        pipeline.settings = own
        first = first or row
        away = np.mean([color_difference(a, b) for a, b in zip(row.results, first.results, strict=True)])
        values = f"{row.right_with_masks:.3f} | {row.right_alone:.3f} | {row.to_original:.2f} | {away:.2f} | {row.seconds:.2f}"
        lines.append(f"| {name} | {values} |")
        sys.stderr.write(lines[-1] + "\n")
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if options.out is not None:
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
