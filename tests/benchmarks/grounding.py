"""How well phrases are grounded without segment-anything: intersection over union with exact masks, on composed scenes of held-out things.

    python tests/benchmarks/grounding.py SOURCES [--scenes 12] [--checkpoint mini] [--json]

Scenes have one, two and three objects in turn; the phrases of all objects are grounded together, by GrabCut. Printed are the mean IoU,
the share of masks with IoU ≥ 0.5, and the share of phrases whose heat peaks inside of the true mask, by the number of objects. There is no
bound to be held: a mask is a proposal.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from scenes import COUNTS, Shown, composed

from lcad import LCADPipeline, load_pipeline
from lcad.instances import phrase_heat, prompt_from_heat, propose_masks

LARGEST = 0.5  # of the picture; a larger mask is the background's


def overlap(mask: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of two masks (H, W) bool."""
    return float((mask & truth).sum() / (mask | truth).sum())


def measure(pipeline: LCADPipeline, shown: Shown) -> list[tuple[float, bool]]:
    """Of each object that the caption mentions, the IoU of its proposal and whether its heat peaks inside of it."""
    objects = [region for region in shown.regions if region.mask.mean() <= LARGEST]
    phrases = [region.phrase for region in objects]
    proposals = propose_masks(pipeline, shown.rgb, shown.caption, phrases)
    peaks = [prompt_from_heat(heat).point for heat in phrase_heat(pipeline, shown.rgb, shown.caption, phrases)]
    return [
        (overlap(proposal.mask, region.mask), bool(region.mask[y, x]))
        for proposal, region, (x, y) in zip(proposals, objects, peaks, strict=True)
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path, help="folder with cutouts.jsonl and photos.jsonl")
    parser.add_argument("--scenes", type=int, default=12)
    parser.add_argument("--checkpoint", default="mini")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    asked = parser.parse_args()
    pipeline = load_pipeline(asked.checkpoint)
    scenes = composed(asked.sources, asked.scenes, pipeline.settings.native_size)
    measured = [(COUNTS[n % len(COUNTS)], pair) for n, one in enumerate(scenes) for pair in measure(pipeline, one)]
    found = {}
    for name, counts in {**{f"{count} objects": (count,) for count in COUNTS}, "all": COUNTS}.items():
        pairs = [pair for count, pair in measured if count in counts]
        overlaps, inside = (np.array(values) for values in zip(*pairs, strict=True))
        numbers = {"phrases": len(pairs), "iou": overlaps.mean(), "iou_of_half": (overlaps >= 0.5).mean(), "peak_inside": inside.mean()}
        found[name] = {key: round(float(value), 3) for key, value in numbers.items()}
        sys.stdout.write(f"{name:12}" + "".join(f"{key} {value:6.3f}   " for key, value in found[name].items()) + "\n")
    if asked.json:
        sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
