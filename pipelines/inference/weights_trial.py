"""Fetched weights on three pictures: whether they do what they are for, before anybody relies on them.

Wrong weights of an L-CAD load without a word and give pictures like noise; wrong ones of segment-anything give masks of nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from skimage.color import deltaE_ciede2000

from lcad import LCADPipeline, Region, load_pipeline
from lcad.grounding import load_sam, mask_of_clicks
from lcad.imaging import gray_image, image_to_lab
from pipelines.demo import DemoScene, demo_scenes
from workbench.errors import InvalidInputError

__all__ = ["Finding", "try_colorizer", "try_segment_anything"]

PICTURES = 3
WORST_PART = 1.5  # of gray's distance from the original: noise is farther from it, any colorizer nearer
LEAST_IOU = 0.6
SIDE = 256

Progress = Callable[[str], object]


@dataclass(frozen=True)
class Finding:
    """What was measured on a picture: `value` must be at most, or at least, `bound`."""

    picture: str
    value: float
    bound: float


def _pictures() -> list[DemoScene]:
    return list(demo_scenes(SIDE))[:PICTURES]


def try_colorizer(folder: Path, progress: Progress = lambda what: None) -> list[Finding]:
    """The mean ΔE00 of three colorizations from their originals, which may be WORST_PART times that of gray.

    Raises InvalidInputError where one is farther off: the weights are not those of a colorizer.
    """
    pipeline, findings = load_pipeline(folder), []
    for scene in _pictures():
        progress(f"coloring {scene.name}")
        findings.append(_distance(pipeline, scene))
    if wrong := [one for one in findings if not one.value <= one.bound]:
        told = ", ".join(f"{one.picture} ΔE00 {one.value:.1f} (at most {one.bound:.1f})" for one in wrong)
        raise InvalidInputError(f"The weights in {folder} do not color: {told}. They are damaged or of another model.")
    return findings


def _distance(pipeline: LCADPipeline, scene: DemoScene) -> Finding:
    caption, masks = scene.captions[0], {region.name: region.mask for region in scene.regions}
    regions = [Region((phrase.start, phrase.end), masks[phrase.region]) for phrase in caption.phrases]
    truth = image_to_lab(scene.rgb)
    gray = image_to_lab(gray_image(truth[..., 0]))
    result = pipeline([scene.rgb], [caption.text], [regions]).images[0]
    found, plain = (float(deltaE_ciede2000(lab, truth).mean()) for lab in (image_to_lab(np.asarray(result)), gray))
    return Finding(scene.name, round(found, 2), round(WORST_PART * plain, 2))


def try_segment_anything(path: Path, progress: Progress = lambda what: None) -> list[Finding]:
    """The mean IoU of a box's mask with the true one, over the things of each of three pictures.

    Raises InvalidInputError where it is below LEAST_IOU on average.
    """
    predictor, findings = load_sam(path), []
    for scene in _pictures():
        progress(f"cutting {scene.name}")
        predictor.set_image(scene.rgb)
        shares = [_overlap(predictor, region.mask) for region in scene.regions if region.mask.any() and not region.mask.all()]
        findings.append(Finding(scene.name, round(float(np.mean(shares)), 3), LEAST_IOU))
    if not np.mean([one.value for one in findings]) >= LEAST_IOU:
        told = ", ".join(f"{one.picture} {one.value:.2f}" for one in findings)
        raise InvalidInputError(f"The weights in {path} find nothing in a box (IoU {told}): they are damaged or of another model.")
    return findings


def _overlap(predictor, mask: np.ndarray) -> float:
    rows, columns = np.nonzero(mask)
    box = (float(columns.min()), float(rows.min())), (float(columns.max()), float(rows.max()))
    found, _ = mask_of_clicks(predictor, [], [], box)
    return float((found & mask).sum() / (found | mask).sum())
