"""Whole photos in their true colors, with captions that name their dominant colors by region."""

from collections.abc import Sequence

import cv2
import numpy as np

from pipelines.composing.captions import Caption, Phrase, article
from pipelines.composing.recoloring import color_words, to_lab
from pipelines.composing.scenes import Backdrop, Scene, SceneObject

LEAST_SHARE = 0.1  # of the picture that a color must cover to be named
MOST_NAMED = 3


def _square(rng: np.random.Generator, rgb: np.ndarray, size: int) -> np.ndarray:
    """A random square of at least 70 % of the shorter side, by chance mirrored: (size, size, 3) uint8."""
    shorter = min(rgb.shape[:2])
    side = int(rng.integers(int(0.7 * shorter), shorter + 1))
    y, x = int(rng.integers(0, rgb.shape[0] - side + 1)), int(rng.integers(0, rgb.shape[1] - side + 1))
    square = cv2.resize(rgb[y : y + side, x : x + side], (size, size), interpolation=cv2.INTER_AREA if side > size else cv2.INTER_CUBIC)
    return square[:, ::-1].copy() if rng.random() < 0.5 else square


def color_regions(rgb: np.ndarray) -> dict[str, np.ndarray]:
    """The masks (H, W) bool of the basic colors that cover a picture (H, W, 3) uint8 most, largest first, chromatic ones only.

    A picture without any has its one largest achromatic region.
    """
    lab = to_lab(cv2.medianBlur(rgb, 5))
    terms = color_words(lab)
    names, counts = np.unique(terms, return_counts=True)
    ranked = [str(name) for _, name in sorted(zip(-counts, names, strict=True))]
    large = [name for name in ranked if name not in ("black", "white", "gray") and (terms == name).mean() > LEAST_SHARE]
    return {name: terms == name for name in (large or ranked[:1])[:MOST_NAMED]}


def _middle(size: int) -> np.ndarray:
    """The ellipse in which a photo's subject mostly stands: (size, size) bool."""
    y, x = np.mgrid[:size, :size] / (size - 1) - 0.5
    return (x / 0.36) ** 2 + (y / 0.36) ** 2 < 1


def _spanned(parts: Sequence[tuple[str, int | None]], level: str) -> Caption:
    """Join parts of text; a part with a number is a phrase of that subject."""
    text, phrases = "", []
    for words, subject in parts:
        if subject is not None:
            phrases.append(Phrase(words, len(text), len(text) + len(words), subject, True))
        text += words
    return Caption(text, level, tuple(phrases))


def _listed(names: Sequence[str]) -> list[tuple[str, int | None]]:
    """ "red", "red and green", "red, green and blue" with each name a phrase of the mask of its number."""
    parts: list[tuple[str, int | None]] = []
    for n, name in enumerate(names):
        parts += [(" and " if n == len(names) - 1 else ", ", None)] if n else []
        parts.append((name, n))
    return parts


def _captions(rng: np.random.Generator, label: str, masks: dict[str, np.ndarray]) -> list[Caption]:
    """A caption that names all dominant colors, one that names the subject's or the surroundings' color, one without colors."""
    names = list(masks)
    start = str(rng.choice(["a photo of ", "a picture of ", ""]))
    listed = [(f"{start}{article(label)}, ", None), *_listed(names)]
    if rng.random() < 0.3:
        listed = [(f"{start or 'a photo of '}{article(label)} in ", None), *_listed(names)]
    middle = _middle(next(iter(masks.values())).shape[0])
    inside = max(names, key=lambda name: masks[name][middle].mean())
    at_the_edge = max(names, key=lambda name: masks[name][~middle].mean())
    if masks[inside][middle].mean() > 0.4 and inside != at_the_edge:
        partial = [(start, None), (article(f"{inside} {label}"), names.index(inside))]
    elif masks[at_the_edge][~middle].mean() > 0.35:
        place = str(rng.choice(["background", "background", "surroundings", "scene"]))
        partial = [(f"{start}{article(label)} with ", None), (f"{article(at_the_edge)} {place}", names.index(at_the_edge))]
    else:
        partial = [(f"{start}{article(label)} with some ", None), (names[0], 0)]
    return [_spanned(listed, "complete"), _spanned(partial, "partial"), _spanned([(start + article(label), None)], "scarce")]


def describe_photo(rng: np.random.Generator, photo: Backdrop, size: int = 128) -> Scene:
    """A photo as a scene without composed objects: its `objects` are the regions of its dominant basic colors.

    Raises ValueError when the photo has no label.
    """
    if not photo.label:
        raise ValueError("a photo without a label cannot be described")
    rgb = _square(rng, photo.rgb, size)
    masks = color_regions(rgb)
    objects = tuple(SceneObject(photo.label, 1, name, (name,)) for name in masks)
    return Scene(rgb, np.stack(list(masks.values())), objects, tuple(_captions(rng, photo.label, masks)))
