"""Fetched weights on a few pictures: whether they do what they are for, before anybody relies on them.

Wrong weights of an L-CAD load without a word and give pictures like noise; wrong ones of segment-anything give masks of nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from skimage.color import deltaE_ciede2000

from lcad import LCADPipeline, Region
from lcad.grounding import SamPredictor, load_sam, mask_of_clicks
from lcad.imaging import gray_image, image_to_lab
from workbench.errors import InvalidInputError

__all__ = ["Measurement", "TrialPicture", "try_colorizer", "try_segment_anything"]

WORST_PART = 1.5  # of gray's distance from the original: noise is farther from it, any colorizer nearer
LEAST_IOU = 0.6

Progress = Callable[[str], object]


@dataclass(frozen=True, eq=False)
class TrialPicture:
    """A picture (H, W, 3) uint8 in color with a caption of it, and the mask (H, W) bool of each of its phrases, a span."""

    name: str
    rgb: np.ndarray
    caption: str
    masked: Sequence[tuple[tuple[int, int], np.ndarray]]


@dataclass(frozen=True)
class Measurement:
    """What was measured on a picture: `value` must be at most, or at least, `bound`."""

    picture: str
    value: float
    bound: float


def try_colorizer(folder: str | Path, pictures: Sequence[TrialPicture], progress: Progress = lambda what: None) -> list[Measurement]:
    """The mean ΔE00 of pictures from themselves after the autoencoder, which must be less than that of gray.

    Then they are colored: at most WORST_PART times as far off as gray. Raises InvalidInputError where one is farther off, in either way:
    the weights are not those of a colorizer.
    """
    pipeline, findings = LCADPipeline.from_pretrained(folder), []
    for picture in pictures:
        progress(f"coloring {picture.name}")
        gray = _distance(gray_image(image_to_lab(picture.rgb)[..., 0]), picture.rgb)
        small = cv2.resize(picture.rgb, (pipeline.settings.native_size,) * 2, interpolation=cv2.INTER_AREA)
        findings.append(
            Measurement(f"{picture.name}, encoded and decoded", _distance(_restored(pipeline, small, picture.caption), small), gray)
        )
        regions = [Region(span, mask) for span, mask in picture.masked]
        result = np.asarray(pipeline([picture.rgb], [picture.caption], [regions]).images[0])
        findings.append(Measurement(picture.name, _distance(result, picture.rgb), round(WORST_PART * gray, 2)))
    if wrong := [one for one in findings if not one.value <= one.bound]:
        told = ", ".join(f"{one.picture} ΔE00 {one.value:.1f} (at most {one.bound:.1f})" for one in wrong)
        raise InvalidInputError(f"The weights in {folder} do not color: {told}. They are damaged or of another model.")
    return findings


def _distance(image: np.ndarray, truth: np.ndarray) -> float:
    return round(float(deltaE_ciede2000(image_to_lab(image), image_to_lab(truth)).mean()), 2)


@torch.no_grad()
def _restored(pipeline: LCADPipeline, rgb: np.ndarray, caption: str) -> np.ndarray:
    """A picture (S, S, 3) uint8 after the autoencoder, with its own lightness's features."""
    seen, autoencoder = pipeline.encode(pipeline.read([rgb], [caption])), pipeline.autoencoder
    unit = torch.from_numpy(rgb.astype(np.float32) / 127.5 - 1).movedim(-1, 0)[None].to(autoencoder.device, autoencoder.dtype)
    latents = autoencoder.encode(unit).latent_dist.mode() * autoencoder.config.scaling_factor
    decoded = pipeline.decode(latents, seen.features)[0].clamp(0, 1).movedim(0, -1).numpy()
    return (decoded * 255).round().astype(np.uint8)


def try_segment_anything(path: Path, pictures: Sequence[TrialPicture], progress: Progress = lambda what: None) -> list[Measurement]:
    """The mean IoU of a box's mask with the true one, over the things of each picture.

    Raises InvalidInputError where it is below LEAST_IOU on average.
    """
    predictor, findings = load_sam(path), []
    for picture in pictures:
        progress(f"cutting {picture.name}")
        predictor.set_image(picture.rgb)
        shares = [_overlap(predictor, mask) for _, mask in picture.masked if mask.any() and not mask.all()]
        findings.append(Measurement(picture.name, round(float(np.mean(shares)), 3), LEAST_IOU))
    if not np.mean([one.value for one in findings]) >= LEAST_IOU:
        told = ", ".join(f"{one.picture} {one.value:.2f}" for one in findings)
        raise InvalidInputError(f"The weights in {path} find nothing in a box (IoU {told}): they are damaged or of another model.")
    return findings


def _overlap(predictor: SamPredictor, mask: np.ndarray) -> float:
    rows, columns = np.nonzero(mask)
    box = (float(columns.min()), float(rows.min())), (float(columns.max()), float(rows.max()))
    cut, _ = mask_of_clicks(predictor, [], [], box)
    return float((cut & mask).sum() / (cut | mask).sum())
