"""Pictures and wishes unlike what a checkpoint was trained on."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from lcad.imaging import image_to_lab, lab_to_image
from pipelines.experiments.cases import Case, colors_of, rewritten
from pipelines.experiments.frame import Condition, Experiment

NOISE, QUALITY, CONTRAST = 20.0, 12, 0.4
UNLIKELY = {
    "red": "green", "orange": "purple", "yellow": "purple", "green": "pink", "blue": "orange", "cyan": "red", "purple": "yellow",
    "pink": "green", "brown": "cyan", "black": "black", "white": "white", "gray": "gray",
}  # fmt: skip


def _seen_as(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Case], Case]:
    """Makes the case of which another lightness L (H, W) is seen; it is judged as before."""

    def changed(case: Case) -> Case:
        lab = image_to_lab(case.seen)
        gray = np.dstack([np.clip(change(lab[..., 0]), 0, 100), np.zeros((*lab.shape[:2], 2))])
        return replace(case, seen=lab_to_image(gray.astype(np.float32)))

    return changed


def _noisy(lightness: np.ndarray) -> np.ndarray:
    return lightness + np.random.default_rng(0).normal(0, NOISE / 2.55, lightness.shape)


def _compressed(lightness: np.ndarray) -> np.ndarray:
    _, coded = cv2.imencode(".jpg", np.uint8(lightness * 2.55), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE) / 2.55


def _flat(lightness: np.ndarray) -> np.ndarray:
    return lightness.mean() + CONTRAST * (lightness - lightness.mean())


def _unlikely(case: Case) -> Case:
    """The case that is asked for other colors than things have there."""
    edits = [(span, word) for _, one in colors_of(case) for span, word in zip(one.color_spans, map(UNLIKELY.get, one.colors), strict=False)]
    return rewritten(case, [(span, word) for span, word in edits if word])


EXPERIMENT = Experiment(
    "out-of-distribution",
    "Do colors still go where they are asked for on noisy, compressed, flat and negative pictures, and when they are unlikely?",
    (
        Condition("as it is"),
        Condition("noise", _seen_as(_noisy)),
        Condition("JPEG", _seen_as(_compressed)),
        Condition("little contrast", _seen_as(_flat)),
        Condition("negative", _seen_as(lambda lightness: 100 - lightness)),
        Condition("unlikely colors", _unlikely),
    ),
    note=f"Noise of {NOISE:g} of 255, JPEG of quality {QUALITY}, {CONTRAST:.0%} of the contrast; ΔE00 has the picture's own change in it.",
    needs=lambda case: bool(colors_of(case)),
)
