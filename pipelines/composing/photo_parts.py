"""Photos and their labeled parts: masks as people or machines gave them, made disjoint and soft along the photo's edges.

Labels are lines of JSON, {"file_name", "size": [h, w], "masks": [{"label", "counts"}]} or, one thing a line, {"file_name", "size",
"label", "counts"}; counts are run lengths down the columns that begin with zeros, as COCO writes them uncompressed. A machine's mask may
have a "quality" in [0, 1].
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import PIL.Image

from pipelines.composing.photo_words import kind_of, label_of, words
from pipelines.composing.recoloring import to_lab

LEAST_QUALITY = 0.55
LEAST_AREA, LEAST_LEFT = 0.004, 0.4  # of the photo; of a mask that others in front of it have not taken
RADIUS, SOFTNESS = 6, 1e-4  # of the guided filter, in pixels and in squares of its guide's units
HELD_OUT_SHARE = 0.1
SKIPPED = ("other", "accessories", "necklace", "bracelet")  # in front of others, but too thin or too mixed to be a part
PERSON_AREA = 0.02


@dataclass(frozen=True)
class LabeledMask:
    """A mask as it was read: its label, run lengths, and (height, width)."""

    label: str
    counts: Sequence[int]
    size: tuple[int, int]

    def decoded(self) -> np.ndarray:
        """The mask (H, W) bool."""
        flat, ends = np.zeros(self.size[0] * self.size[1], bool), np.cumsum(self.counts)
        for start, end in zip(ends[::2], ends[1::2], strict=False):
            flat[start:end] = True
        return flat.reshape(self.size[1], self.size[0]).T


@dataclass(frozen=True)
class LabeledPhoto:
    """A photo (H, W, 3) uint8, the labels of its parts, their soft masks (N, H, W) float32, which add up to at most 1, and where
    people are, (H, W) bool; None where there are none."""

    rgb: np.ndarray
    labels: tuple[str, ...]
    masks: np.ndarray
    person: np.ndarray | None


def read_labels(paths: Iterable[Path]) -> dict[str, list[LabeledMask]]:
    """By file name, the masks of several files of labels; those of the first file are in front of those of the second."""
    by_photo: dict[str, list[LabeledMask]] = defaultdict(list)
    for path in paths:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            for row in map(json.loads, lines):
                for mask in row.get("masks", [row]):
                    if mask.get("quality", 1.0) >= LEAST_QUALITY:
                        by_photo[row["file_name"]].append(LabeledMask(label_of(mask["label"]), mask["counts"], tuple(row["size"])))
    return by_photo


def held_out_names(source_of: dict[str, str], masked: Iterable[str]) -> set[str]:
    """The last tenth of each source's file names, and of those that people drew masks on: neighbors often show the same place."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, source in source_of.items():
        groups[source].append(name)
    return {name for group in [*groups.values(), list(masked)] for name in sorted(group)[round(len(group) * (1 - HELD_OUT_SHARE)) :]}


def labeled_photo(path: Path, labeled: Iterable[LabeledMask]) -> LabeledPhoto | None:
    """A photo with its parts, of masks of which the first are in front; None where nothing of it has a label."""
    rgb = np.asarray(PIL.Image.open(path).convert("RGB"))
    taken, person = np.zeros(rgb.shape[:2], bool), np.zeros(rgb.shape[:2], bool)
    labels, masks = [], []
    for one in labeled:
        mask = one.decoded()
        if mask.shape != taken.shape:
            mask = cv2.resize(mask.astype(np.uint8), taken.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
        own = mask & ~taken
        if kind_of(one.label) in ("person", "garment"):
            person |= own
        taken |= mask
        whole = own.mean() >= LEAST_AREA and own.sum() >= LEAST_LEFT * mask.sum()
        if whole and one.label not in SKIPPED and one.label not in words()["natural_only"]:
            labels.append(one.label), masks.append(own)
    if not labels:
        return None
    soft = along_edges(rgb, np.stack(masks))
    return LabeledPhoto(rgb, tuple(labels), soft / np.maximum(soft.sum(0), 1), person if person.mean() > PERSON_AREA else None)


def along_edges(rgb: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Soft masks (N, H, W) float32 that follow the edges of a photo (H, W, 3) uint8, of masks (N, H, W) bool.

    The guided filter (He, Sun and Tang 2013, "Guided image filtering", equations 14 to 16) with Lab as its guide.
    """
    guide, window = to_lab(rgb) / np.float32(100), (2 * RADIUS + 1, 2 * RADIUS + 1)

    def mean(plane: np.ndarray) -> np.ndarray:
        return cv2.blur(np.ascontiguousarray(plane), window, borderType=cv2.BORDER_REFLECT)

    center = mean(guide)
    products = np.stack([mean(guide[..., i] * guide[..., j]) for i in range(3) for j in range(3)], -1).reshape(*rgb.shape[:2], 3, 3)
    covariance = products - center[..., :, None] * center[..., None, :] + SOFTNESS * np.eye(3, dtype=np.float32)
    inverse = np.linalg.inv(covariance)
    soft = np.empty(masks.shape, np.float32)
    for n, mask in enumerate(masks.astype(np.float32)):
        share = mean(mask)
        cross = mean(guide * mask[..., None]) - center * share[..., None]
        slope = np.einsum("hwij,hwj->hwi", inverse, cross)
        offset = share - (slope * center).sum(-1)
        filtered = (mean(slope) * guide).sum(-1) + mean(offset)
        near = cv2.dilate(mask.astype(np.uint8), np.ones(window, np.uint8))
        soft[n] = np.clip((filtered * near - 0.1) / 0.8, 0, 1)
    return soft


def square_of(rng: np.random.Generator, photo: LabeledPhoto, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A square of a photo as `square_planes` draws it: rgb (size, size, 3) uint8, masks (N, size, size) float32, and where people are,
    (size, size) bool."""
    person = np.zeros(photo.rgb.shape[:2]) if photo.person is None else photo.person
    rgb, *masks = square_planes(rng, [photo.rgb, *photo.masks, person.astype(np.float32)], size)
    return rgb, np.stack(masks[:-1]), masks[-1] > 0.5


def square_planes(rng: np.random.Generator, planes: Sequence[np.ndarray], size: int, whole: bool = False) -> list[np.ndarray]:
    """A square of 65 to 100 % of a photo's shorter side, or the whole photo on a mirrored square, by chance turned left to right.

    The same of all its planes (H, W, …): (size, size, …) each. `whole`: never a part of it.
    """
    height, width = planes[0].shape[:2]
    if whole or rng.random() < 0.3:
        down, across = ((max(height, width) - extent) for extent in (height, width))
        pads = down // 2, down - down // 2, across // 2, across - across // 2
        planes = [cv2.copyMakeBorder(plane, *pads, cv2.BORDER_REFLECT) for plane in planes]
    else:
        side = int(rng.integers(int(0.65 * min(height, width)), min(height, width) + 1))
        y, x = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
        planes = [plane[y : y + side, x : x + side] for plane in planes]
    resized = [cv2.resize(plane, (size, size), interpolation=cv2.INTER_AREA) for plane in planes]
    return [plane[:, ::-1].copy() for plane in resized] if rng.random() < 0.5 else resized


def labeled_photos(root: Path, labels: dict[str, list[LabeledMask]], names: Iterable[str]) -> Iterator[LabeledPhoto]:
    """The photos of some names that have parts."""
    for name in names:
        photo = labeled_photo(root / name, labels[name]) if name in labels else None
        if photo is not None:
            yield photo
