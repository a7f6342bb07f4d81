"""A case of three things, to experiment with."""

import numpy as np

from pipelines.experiments.cases import Case, Phrase

CAPTION = "a red cup, a blue plate and an orange table"
NAMES = ("a red cup", "a blue plate", "an orange table")
PAINTS = ((200, 40, 40), (50, 80, 200), (230, 140, 40))


def case_of_three(item: int = 0) -> Case:
    """Three stripes in the colors that the caption says."""
    rgb, phrases = np.zeros((48, 48, 3), np.uint8), []
    for number, (name, paint) in enumerate(zip(NAMES, PAINTS, strict=True)):
        mask = np.zeros((48, 48), bool)
        mask[:, 16 * number : 16 * number + 16] = True
        shade = np.random.default_rng(item).uniform(0.7, 1.0, (48, 48, 1))
        rgb = np.where(mask[..., None], (np.array(paint) * shade).astype(np.uint8), rgb)
        start = CAPTION.index(name)
        phrases.append(Phrase(start, start + len(name), mask, mask))
    return Case(item, f"image {item}", "drawn", "complete", rgb, rgb, CAPTION, tuple(phrases))
