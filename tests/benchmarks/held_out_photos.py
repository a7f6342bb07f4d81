"""Photos that training held out, with captions that name no color: are they as colorful as the originals, and nearer than gray or sepia?

    python -m tests.benchmarks.held_out_photos SOURCES [--checkpoint mini] [--photos N] [--json]

Prints a table. The sepia is the one constant (a, b) with the least mean ΔE00 over all of these photos: what a colorizer gets that knows
nothing. `colorfulness` is M³ of Hasler and Süsstrunk.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
from skimage.color import deltaE_ciede2000

from lcad import LCADPipeline, load_pipeline
from lcad.imaging import image_to_lab, lab_to_image
from lcad.metrics import color_difference, colorfulness
from pipelines.composing.captions import article
from tests.benchmarks.scenes import held_out_photos

STEPS_OF_AB = (8, 4, 2, 1)  # the search for the sepia goes from coarse to fine
EVERY = 13  # pixels looked at in that search


def color(pipeline: LCADPipeline, photos: Sequence[np.ndarray], labels: Sequence[str]) -> list[np.ndarray]:
    """Results (H, W, 3) uint8 of captions that name no color; a photo's seed is its number."""
    captions = [f"a photo of {article(label)}" for label in labels]
    return [np.asarray(result) for result in pipeline(list(photos), captions, seeds=list(range(len(photos)))).images]


def toned(photo: np.ndarray, ab: tuple[float, float]) -> np.ndarray:
    """A photo (H, W, 3) uint8 in one constant (a, b), with its lightness."""
    lab = image_to_lab(photo)
    lab[..., 1:] = ab
    return lab_to_image(lab)


def best_sepia(photos: Sequence[np.ndarray]) -> tuple[float, float]:
    """The constant (a, b) with the least mean ΔE00 to the photos."""
    lab = np.concatenate([image_to_lab(photo).reshape(-1, 3)[::EVERY] for photo in photos])

    def error(ab: tuple[float, float]) -> float:
        constant = lab.copy()
        constant[:, 1:] = ab
        return float(deltaE_ciede2000(lab, constant).mean())

    best = (0.0, 0.0)
    for step in STEPS_OF_AB:
        best = min(((best[0] + step * i, best[1] + step * j) for i, j in product(range(-3, 4), repeat=2)), key=error)
    return best


def measure(pipeline: LCADPipeline, pairs: Sequence[tuple[np.ndarray, str]]) -> dict[str, object]:
    """ΔE00 and colorfulness of ours, gray and sepia."""
    photos, labels = zip(*pairs, strict=True)
    sepia = best_sepia(photos)
    groups = {
        "ours": color(pipeline, photos, labels),
        "gray": [toned(photo, (0, 0)) for photo in photos],
        "sepia": [toned(photo, sepia) for photo in photos],
    }
    original = np.array([colorfulness(photo) for photo in photos])
    facts: dict[str, object] = {"photos": len(photos), "sepia_ab": sepia, "colorfulness_of_originals": round(float(original.mean()), 2)}
    for name, images in groups.items():
        errors = np.array([color_difference(image, photo) for image, photo in zip(images, photos, strict=True)])
        color_of = np.array([colorfulness(image) for image in images])
        facts[name] = {
            "delta_e": round(float(errors.mean()), 3),
            "colorfulness": round(float(color_of.mean()), 2),
            "colorfulness_ratio": round(float(color_of.mean() / original.mean()), 3),
            "colorfulness_gap": round(float(np.abs(color_of - original).mean()), 2),
        }
        if name == "ours":
            ours = errors
        else:
            facts[name]["ours_is_nearer"] = round(float((ours < errors).mean()), 3)
    return facts


def report(facts: dict[str, object]) -> str:
    """The measurement as a table."""
    a, b = facts["sepia_ab"]
    lines = [
        f"{facts['photos']} held-out photos, mean colorfulness {facts['colorfulness_of_originals']}; the best sepia is a {a:g}, b {b:g}",
        f"{'':8}{'ΔE00':>8}{'colorfulness':>14}{'ratio':>8}{'mean |gap|':>12}{'ours is nearer':>16}",
    ]
    for name in ("ours", "gray", "sepia"):
        row = facts[name]
        nearer = f"{row['ours_is_nearer']:.0%}" if "ours_is_nearer" in row else ""
        numbers = f"{row['delta_e']:>8.2f}{row['colorfulness']:>14.1f}{row['colorfulness_ratio']:>8.2f}{row['colorfulness_gap']:>12.1f}"
        lines.append(f"{name:8}{numbers}{nearer:>16}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--checkpoint", default="mini")
    parser.add_argument("--photos", type=int, help="only the first so many")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    pipeline = load_pipeline(options.checkpoint)
    facts = measure(pipeline, held_out_photos(options.sources, pipeline.settings.native_size)[: options.photos])
    sys.stdout.write(report(facts) + "\n")
    if options.json:
        sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main()
