"""Closer looks: small things are colored once more, each cut out, enlarged, and under its own phrase.

The denoiser works on cells of 8 px: a thing of 20 px is two or three of them, and shares its caption with everything else. As in
instance-aware colorization (Su, Chu and Huang 2020, "Instance-aware Image Colorization"), the region of a phrase that asks for a color
is therefore cut out with some of its surroundings, brought to the size that the model works at, and colored alone; its chroma is
taken inside of its mask, and the rest stays as the whole picture was colored. What is cut out comes from the source's full size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from lcad.canvas import fit
from lcad.checkpoints import Components
from lcad.constraints import Constraints
from lcad.jobs import Job, Region, place_regions
from lcad.joining import join, label_regions
from lcad.prompts import read_prompt
from lcad.terms import terms_in


@dataclass(frozen=True)
class CloserLooks:
    """When regions are looked at again. Raises ValueError for a margin below 1, and for zooms that are no range from 1 up.

    margin      side of the square that is cut out, in longer sides of the region's box
    least_zoom  regions that would be enlarged by less than this stay as they are
    most_zoom   the largest enlargement; a smaller region gets more of its surroundings
    """

    margin: float = 1.4
    least_zoom: float = 1.2
    most_zoom: float = 3.2

    def __post_init__(self):
        if not (self.margin >= 1 and 1 <= self.least_zoom <= self.most_zoom):
            raise ValueError(f"expected margin ≥ 1 and 1 ≤ least_zoom ≤ most_zoom, got {self}")

    def box(self, mask: np.ndarray) -> tuple[slice, slice] | None:
        """The square (rows, columns) to cut out of a picture for a mask (H, W) bool; None for an empty mask and for a large one."""
        left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
        whole = (mask.shape[0] * mask.shape[1]) ** 0.5
        side = max(round(self.margin * max(width, height)), round(whole / self.most_zoom), 1)
        if not width or side * self.least_zoom > whole or side > min(mask.shape):
            return None
        start = (top + (height - side) / 2, left + (width - side) / 2)
        corners = [int(np.clip(round(at), 0, extent - side)) for at, extent in zip(start, mask.shape, strict=True)]
        return tuple(slice(corner, corner + side) for corner in corners)


@dataclass(frozen=True, eq=False)
class Look:
    """One region seen again: the number of its label in `label_regions`, where it was cut out, and the job that colors it."""

    label: int
    box: tuple[slice, slice]
    job: Job

    @cached_property
    def mask(self) -> np.ndarray:
        """The region's mask within the box."""
        return np.asarray(self.job.regions[0].mask)

    def pixels(self, chroma: np.ndarray, cell: int) -> np.ndarray:
        """The box (h, w, 3) uint8 in the chroma (…, …, 2) that was predicted for it."""
        return join(chroma, self.job.lightness, [self.mask], cell=cell, constraints=self.job.constraints)


def looks_of(components: Components, native: int, job: Job, settings: CloserLooks | None) -> list[Look]:
    """The closer looks of a picture; none without settings. Regions with pinned colors need none."""
    if settings is None:
        return []
    pinned = [np.asarray(pin.mask) >= 0.5 for pin in job.constraints.pins]
    looks = []
    for label, (phrase, mask) in enumerate(job.shown, 1):
        inside = mask >= 0.5
        box = settings.box(inside) if terms_in(phrase) else None
        if box is not None and not any((inside & pin).any() for pin in pinned):
            looks.append(Look(label, box, _job(components, native, job, phrase, mask, box)))
    return looks


def _job(components: Components, native: int, job: Job, phrase: str, mask: np.ndarray, box: tuple[slice, slice]) -> Job:
    """The picture's box with a phrase alone; a palette holds there as well."""
    lightness, region = np.ascontiguousarray(job.lightness[box]), Region((0, len(phrase)), mask[box])
    prompt = read_prompt(components.tokenizer, phrase, components.text_encoder.config.max_position_embeddings)
    canvas = fit(lightness.shape, native, components.autoencoder.downscale)
    tokens, masks = place_regions(prompt, canvas, [region])
    palette = Constraints(palette=job.constraints.palette)
    return Job(job.index, id(lightness), lightness, canvas, prompt, (region,), tokens, masks, job.seed, palette)


def put_in(pixels: np.ndarray, job: Job, looks: Sequence[Look], chroma: Sequence[np.ndarray], cell: int) -> None:
    """Put the looks of a picture, with the chroma predicted for each, into its pixels (H, W, 3) uint8, in place."""
    if not looks:
        return
    labels = label_regions([mask for _, mask in job.shown], pixels.shape[:2], [np.asarray(pin.mask) for pin in job.constraints.pins])
    for look, found in zip(looks, chroma, strict=True):
        here = labels[look.box] == look.label
        pixels[look.box][here] = look.pixels(found, cell)[here]
