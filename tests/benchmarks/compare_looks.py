"""What closer looks give: composed scenes of held-out things, with exact masks and with phrases that the denoiser finds, once and again.

    python -m tests.benchmarks.compare_looks SOURCES [--scenes 96] [--seed 0] [--checkpoint mini] [--json]

All four color the same scenes from the same noise with the checkpoint's own settings. Printed are the share of mentions with a color
that are right, by the number of objects and by the size of the region (px of 128²), bleeding, and the time in units of the fastest.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np

from lcad import LCADPipeline, Region, load_pipeline
from lcad.crop_refinement import CropRefinement
from lcad.metrics import adherence, bleedings
from tests.benchmarks.scenes import COUNTS, Shown, composed

SMALL_PX = 600
"""Regions of fewer pixels, of 128², are called small."""


def color(pipeline: LCADPipeline, scenes: Sequence[Shown], masked: bool) -> list[np.ndarray]:
    """Results (H, W, 3) uint8; a scene's seed is its number. Without masks the phrases are found by the denoiser."""
    regions = [one.regions if masked else [Region(region.phrase) for region in one.regions] for one in scenes]
    results = pipeline([one.rgb for one in scenes], [one.caption for one in scenes], regions, list(range(len(scenes)))).images
    return [np.asarray(result) for result in results]


def measure(images: Sequence[np.ndarray], scenes: Sequence[Shown]) -> dict[str, float]:
    """The shares of mentions that are right, of all and by kind, and bleeding."""
    rights: dict[str, list[bool]] = defaultdict(list)
    bled: list[float] = []
    for number, (image, one) in enumerate(zip(images, scenes, strict=True)):
        for region, mask in zip(adherence(image, one.phrases, one.masks).regions, one.masks, strict=True):
            if region is not None:
                size = "small" if mask.mean() * 128**2 < SMALL_PX else "large"
                for kind in ("all", f"of {COUNTS[number % len(COUNTS)]}", size):
                    rights[kind].append(region.right)
        bled += bleedings(image, one.masks)
    shares = {f"right {kind}" if kind != "all" else "right": float(np.mean(rights[kind])) for kind in sorted(rights)}
    return {name: round(value, 3) for name, value in (shares | {"bleeding": float(np.mean(bled))}).items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path, help="folder with cutouts.jsonl and photos.jsonl")
    parser.add_argument("--scenes", type=int, default=96)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpoint", default="mini")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    pipeline = load_pipeline(options.checkpoint)
    scenes = composed(options.sources, options.scenes, pipeline.settings.native_size, options.seed)
    measures: dict[str, dict[str, float]] = {}
    color(pipeline, scenes[:2], True)  # what is loaded at the first call is no part of the times
    for closer in (None, pipeline.settings.crop_refinement or CropRefinement()):
        pipeline.settings = replace(pipeline.settings, crop_refinement=closer)
        for masked in (False, True):
            name, started = f"{'masks' if masked else 'found'}, {'closer looks' if closer else 'once'}", perf_counter()
            images = color(pipeline, scenes, masked)
            measures[name] = {"seconds": perf_counter() - started, **measure(images, scenes)}
    fastest = min(one["seconds"] for one in measures.values())
    for name, one in measures.items():
        one["time"] = round(one.pop("seconds") / fastest, 2)
        sys.stdout.write(f"{name:22}" + "".join(f"{key} {value:6.3f}   " for key, value in one.items()) + "\n")
    if options.json:
        sys.stdout.write(json.dumps(measures) + "\n")


if __name__ == "__main__":
    main()
