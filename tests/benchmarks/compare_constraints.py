"""What pinning a color does: on composed scenes of held-out pictures and on the demo's photos, each region pinned to its true median.

    python -m tests.benchmarks.compare_constraints SOURCES [--scenes 24] [--checkpoint mini] [--level scarce] [--json]

Once without pins, once with the exact step at the end alone, once with sampling guided as well; with the exact masks, and with the
inner third of each mask, as a person's rough stroke. Printed are means over regions and pictures, in Lab units of (a, b):

    off      from the region's median to the pinned color at each pixel's own lightness
    within   error inside of the whole region
    outside  error outside of all regions, and `changed`, how far that part moved from the result without pins
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from lcad import LCADPipeline, load_pipeline
from lcad.chroma import Constraints, Pin
from lcad.chroma.constraints import look_up
from lcad.imaging import image_to_lab
from lcad.metrics import region_pixels
from pipelines.demo import demo_photos
from tests.benchmarks.scenes import Shown, composed, demo_pictures

ROUGH = 0.7  # of a mask's pixels are farther out than a rough stroke goes
BATCH = 8
PROCEDURES = ("without", "at the end", "guided")


@dataclass(frozen=True, eq=False)
class Case:
    """A picture with its pins: Lab (H, W, 3) of the original, the whole regions (H, W) bool, and where their pins are put."""

    shown: Shown
    lab: np.ndarray
    regions: list[np.ndarray]
    constraints: Constraints


def rough(mask: np.ndarray) -> np.ndarray:
    """The inner part of a mask."""
    depth = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3)
    return depth >= np.quantile(depth[mask], ROUGH)


def case_of(shown: Shown, strokes: bool) -> Case:
    """The case of a picture: each region that has pixels of its own is pinned to their median color."""
    lab, masks = image_to_lab(shown.rgb), [mask for mask in shown.masks if mask.any()]
    regions = []
    for number, mask in enumerate(masks):
        others = np.any([other for i, other in enumerate(masks) if i != number] or [np.zeros_like(mask)], axis=0)
        own = region_pixels(mask, others)
        if own.any():
            regions.append(own)
    pins = [Pin(rough(own) if strokes else own, tuple(np.median(lab[own][:, 1:], 0).tolist())) for own in regions]
    return Case(shown, lab, regions, Constraints(pins))


def colored(pipeline: LCADPipeline, cases: list[Case], procedure: str) -> Iterator[np.ndarray]:
    """The Lab of the results of a procedure."""
    constraints = None if procedure == "without" else [case.constraints for case in cases]
    guide = pipeline.chroma_guidance
    if procedure == "at the end":
        pipeline.chroma_guidance = lambda *_: None
    try:
        results = pipeline(
            [case.shown.rgb for case in cases],
            [case.shown.caption for case in cases],
            seeds=list(range(len(cases))),
            constraints=constraints,
            batch_size=BATCH,
        ).images
    finally:
        pipeline.chroma_guidance = guide
    return (image_to_lab(np.asarray(result)) for result in results)


def measure(case: Case, lab: np.ndarray, without: np.ndarray) -> dict[str, float]:
    """The four numbers of one result, means over its regions."""
    off, within = [], []
    for region, pin in zip(case.regions, case.constraints.pins, strict=True):
        goal = look_up(pin.target.members[0], lab[region][:, 0])
        off.append(np.linalg.norm(np.median(lab[region][:, 1:], 0) - np.median(goal, 0)))
        within.append(np.linalg.norm((lab - case.lab)[region][:, 1:], axis=1).mean())
    rest = ~np.any(case.regions, axis=0)
    outside, changed = (np.linalg.norm((lab - other)[rest][:, 1:], axis=1).mean() for other in (case.lab, without))
    return {"off": np.mean(off), "within": np.mean(within), "outside": outside, "changed": changed}


def compare(pipeline: LCADPipeline, shown: list[Shown], strokes: bool) -> dict[str, dict[str, float]]:
    """Means over pictures by procedure."""
    cases = [case for case in (case_of(one, strokes) for one in shown) if case.regions]
    without = list(colored(pipeline, cases, "without"))
    table = {}
    for procedure in PROCEDURES:
        results = without if procedure == "without" else colored(pipeline, cases, procedure)
        rows = [measure(case, lab, base) for case, lab, base in zip(cases, results, without, strict=True)]
        table[procedure] = {name: round(float(np.mean([row[name] for row in rows])), 2) for name in rows[0]}
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path, help="folder with cutouts.jsonl and photos.jsonl")
    parser.add_argument("--scenes", type=int, default=24)
    parser.add_argument("--checkpoint", default="mini")
    parser.add_argument("--level", default="scarce", choices=("complete", "partial", "scarce"))
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    pipeline = load_pipeline(options.checkpoint)
    photos = [photo for photo in demo_photos().items if photo.reference and photo.regions]
    pictures = {
        "scenes": composed(options.sources, options.scenes, pipeline.settings.native_size, level=options.level),
        "photos": demo_pictures(photos, 2 * pipeline.settings.native_size, (options.level,)),
    }
    errors = {}
    for name, shown in pictures.items():
        for strokes in (False, True):
            title = f"{name}, {'rough strokes' if strokes else 'exact masks'}"
            errors[title] = compare(pipeline, shown, strokes)
            sys.stdout.write(f"{title} ({len(shown)} pictures)\n")
            for procedure, row in errors[title].items():
                sys.stdout.write(f"  {procedure:12}" + "".join(f"{key} {value:6.2f}   " for key, value in row.items()) + "\n")
            sys.stdout.flush()
    if options.json:
        sys.stdout.write(json.dumps(errors) + "\n")


if __name__ == "__main__":
    main()
