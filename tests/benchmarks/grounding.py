"""How well phrases are grounded without segment-anything: intersection over union with exact masks, on composed scenes of held-out things.

    python -m tests.benchmarks.grounding SOURCES [--scenes 12] [--seed 0] [--checkpoint mini] [--json]

Scenes have one, two and three objects in turn; all phrases of a caption are grounded together, by GrabCut. Printed are the mean IoU on
the gray picture and on the one in color, the share of gray masks with IoU ≥ 0.5, and the share of phrases whose heat peaks inside of the
true mask, by the number of objects; backgrounds ("on a brown table") stand for themselves. There is no bound to be held: a mask is a
proposal.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lcad import LCADPipeline, load_pipeline
from lcad.grounding.mask_proposals import cut_channels, grabcut, phrase_heat, prompt_from_heat
from lcad.imaging import gray_image, lightness_of_image
from tests.benchmarks.scenes import COUNTS, Shown, composed

LARGEST = 0.5  # of the picture; a larger mask is the background's


@dataclass(frozen=True)
class Found:
    """How one phrase was grounded: in which kind of scene, IoU on gray and on color, and whether its heat peaks inside."""

    kind: str
    gray: float
    color: float
    inside: bool


def overlap(mask: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of two masks (H, W) bool."""
    return float((mask & truth).sum() / (mask | truth).sum())


def measure(pipeline: LCADPipeline, shown: Shown, kind: str) -> list[Found]:
    """What was found of each phrase of a scene's caption."""
    lightness = lightness_of_image(shown.rgb)
    faces = [cut_channels(face, lightness) for face in (gray_image(lightness), shown.rgb)]
    spots = []
    for heat, region in zip(phrase_heat(pipeline, shown.rgb, shown.caption, shown.phrases), shown.regions, strict=True):
        x, y = prompt_from_heat(heat).point
        gray, color = (overlap(grabcut(face, heat)[0], region.mask) for face in faces)
        spots.append(Found("backgrounds" if region.mask.mean() > LARGEST else kind, gray, color, bool(region.mask[y, x])))
    return spots


def numbers(spots: list[Found]) -> dict[str, float]:
    """The means over phrases, rounded."""
    gray = np.array([one.gray for one in spots])
    means = {
        "iou": gray,
        "iou_of_half": gray >= 0.5,
        "peak_inside": [one.inside for one in spots],
        "iou_color": [one.color for one in spots],
    }
    return {"phrases": len(spots)} | {name: round(float(np.mean(values)), 3) for name, values in means.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path, help="folder with cutouts.jsonl and photos.jsonl")
    parser.add_argument("--scenes", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpoint", default="mini")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    pipeline = load_pipeline(options.checkpoint)
    scenes = composed(options.sources, options.scenes, pipeline.settings.native_size, options.seed)
    measured = [one for n, shown in enumerate(scenes) for one in measure(pipeline, shown, f"{COUNTS[n % len(COUNTS)]} objects")]
    kinds = {kind: [one for one in measured if one.kind == kind] for kind in (*(f"{count} objects" for count in COUNTS), "backgrounds")}
    kinds["all objects"] = [one for one in measured if one.kind != "backgrounds"]
    spots = {kind: numbers(those) for kind, those in kinds.items() if those}
    for kind, row in spots.items():
        sys.stdout.write(f"{kind:12}" + "".join(f"{key} {value:6.3f}   " for key, value in row.items()) + "\n")
    if options.json:
        sys.stdout.write(json.dumps(spots) + "\n")


if __name__ == "__main__":
    main()
