"""Released images on disk as training examples: an exported release, read file by file and row by row.

A release is a folder with one folder a split, each with `metadata.jsonl`. A row is one image × caption:

    {"color_file_name": "images/1.png", "gray_file_name": "gray/1.png", "caption": "a red cup", "level": "complete", "image": "1",
     "weight": 1.0, "regions": [{"phrase": "a red cup", "start": 0, "end": 9, "colors": ["red"], "mask": {"size": [h, w], "counts": "…"}}]}

The list of regions may also be written as text that holds it as JSON. File names are relative to the split's folder; masks are COCO run
lengths. The weight says how often a row's picture is drawn beside others; it may be left out, and is then 1. Lightness is always derived
from the color file, so `gray_file_name` is not read. Rows without a color file cannot teach color and are an error.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import PIL.Image
from pycocotools import mask as coco_mask
from torch.utils.data import Dataset

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Grounded:
    """A phrase, caption[start:end], and the index of the mask that shows what it names."""

    start: int
    end: int
    mask: int


@dataclass(frozen=True)
class Description:
    """A caption with its grounded phrases, its level (complete, partial, scarce), and how much its colors are to be trusted, above 0."""

    text: str
    level: str
    phrases: tuple[Grounded, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True)
class Example:
    """What training takes of an image: rgb (S, S, 3) uint8, masks (N, S, S) bool, and one or more descriptions."""

    rgb: np.ndarray
    masks: np.ndarray
    descriptions: tuple[Description, ...]


class Examples(Protocol):
    """Examples by their number; a `ReleaseDataset` is one, and a list."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Example: ...


def fit_square(pixels: np.ndarray, size: int) -> np.ndarray:
    """An image (H, W, 3) or mask (H, W), uint8, whole in a square of `size`: scaled by its longer side, mirrored over its edges."""
    height, width = pixels.shape[:2]
    scale = size / max(height, width)
    target = max(1, round(width * scale)), max(1, round(height * scale))
    scaled = cv2.resize(pixels, target, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    down, right = size - target[1], size - target[0]
    return np.pad(scaled, ((down // 2, down - down // 2), (right // 2, right - right // 2)) + ((0, 0),) * (pixels.ndim - 2), "symmetric")


class ReleaseDataset(Dataset):
    """One split of a release: item i is the Example of image i with all of its captions.

    `size`: the side in pixels of the square that each image is fitted into. Raises ValueError that names the file and the row
    when the release is not as described above, at once for what the metadata says and on reading for what the files hold.
    """

    def __init__(self, folder: str | Path, split: str, size: int = 128):
        self.root, self.size = Path(folder) / split, size
        self.path = self.root / "metadata.jsonl"
        if not self.path.is_file():
            raise ValueError(f"{self.path} is missing: expected an exported release with the splits {', '.join(SPLITS)}")
        self._rows: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip():
                row = self._checked(number, line)
                self._rows.setdefault(row["color_file_name"], []).append((number, row))
        if not self._rows:
            raise ValueError(f"{self.path} has no rows")
        self._names = list(self._rows)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, index: int) -> Example:
        name = self._names[index]
        rows = self._rows[name]
        try:
            with PIL.Image.open(self.root / name) as image:
                rgb = np.asarray(image.convert("RGB"))
        except OSError as error:
            raise ValueError(f"{self.path}, row {rows[0][0]}: {name} cannot be read as an image: {error}") from error
        masks: list[np.ndarray] = []
        descriptions = tuple(self._description(number, row, rgb.shape[:2], masks) for number, row in rows)
        empty = np.zeros((0, self.size, self.size), bool)
        return Example(fit_square(rgb, self.size), np.stack(masks) if masks else empty, descriptions)

    def _checked(self, number: int, line: str) -> dict[str, Any]:
        """The row of a line, if it has what a row must have."""
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"{self.path}, row {number}: not JSON: {error}") from error
        if not isinstance(row, Mapping):
            raise ValueError(f"{self.path}, row {number}: expected an object, got {type(row).__name__}")
        for key in ("color_file_name", "caption"):
            if not isinstance(row.get(key), str):
                raise ValueError(f"{self.path}, row {number}: {key!r} must be a text, got {row.get(key)!r}")
        if not isinstance(row.get("weight", 1.0), int | float) or not 0 < row.get("weight", 1.0) < float("inf"):
            raise ValueError(f"{self.path}, row {number}: 'weight' must be a number above 0, got {row['weight']!r}")
        if not (self.root / row["color_file_name"]).is_file():
            raise ValueError(f"{self.path}, row {number}: the file {row['color_file_name']} is missing")
        return dict(row)

    def _description(self, number: int, row: Mapping[str, Any], size: Sequence[int], masks: list[np.ndarray]) -> Description:
        """The row's caption; the masks of its regions are added to `masks`."""
        phrases = []
        for region in _listed(row.get("regions")):
            start, end = region["start"], region["end"]
            if not 0 <= start < end <= len(row["caption"]):
                raise ValueError(f"{self.path}, row {number}: the phrase [{start}, {end}) lies outside of the caption {row['caption']!r}")
            height, width = region["mask"]["size"]
            if abs(height * size[1] - width * size[0]) > max(height, width, *size):
                raise ValueError(f"{self.path}, row {number}: a mask of {height} × {width} does not fit an image of {size[0]} × {size[1]}")
            counts = region["mask"]["counts"]
            decoded = coco_mask.decode({"size": [height, width], "counts": counts.encode() if isinstance(counts, str) else counts})
            masks.append(fit_square(decoded * np.uint8(255), self.size) >= 128)
            phrases.append(Grounded(start, end, len(masks) - 1))
        return Description(row["caption"], str(row.get("level", "")), tuple(phrases), float(row.get("weight", 1.0)))


def _listed(regions: str | list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """A row's regions, given as a list or as its JSON."""
    return json.loads(regions) if isinstance(regions, str) else regions or []
