"""The pictures that scenes are made of: cut-outs and photos listed in JSON lines, and which of them are held out."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import numpy as np
import PIL.Image

from pipelines.composing.scenes import Backdrop, Cutout

HELD_OUT_OF = 10  # one label of so many is held out
Labeled = TypeVar("Labeled", Cutout, Backdrop)


def held_out(label: str) -> bool:
    """Whether pictures of a label are kept from training: by a hash, so the answer is the same in every collection."""
    return int(hashlib.sha256(label.encode()).hexdigest(), 16) % HELD_OUT_OF == 0


def _rows(folder: Path, name: str) -> list[tuple[Path, str]]:
    """The (path, label) of each line of `<name>.jsonl`; ValueError when it is missing or a line is not as it must be."""
    listing = folder / f"{name}.jsonl"
    if not listing.is_file():
        raise ValueError(f'{listing} is missing: expected a line {{"file_name": …, "label": …}} for each picture')
    rows = []
    for number, line in enumerate(listing.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            rows.append((folder / row["file_name"], str(row["label"])))
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ValueError(f"{listing}, line {number}: {error!r}") from error
    return rows


def read_cutouts(folder: str | Path) -> list[Cutout]:
    """The cut-outs of `cutouts.jsonl` in a folder."""
    return [Cutout(np.asarray(PIL.Image.open(path).convert("RGBA")), label) for path, label in _rows(Path(folder), "cutouts")]


def read_backdrops(folder: str | Path) -> list[Backdrop]:
    """The photos of `photos.jsonl` in a folder."""
    return [Backdrop(np.asarray(PIL.Image.open(path).convert("RGB")), label) for path, label in _rows(Path(folder), "photos")]


def parted(pictures: Iterable[Labeled]) -> tuple[list[Labeled], list[Labeled]]:
    """Pictures for training and pictures held out."""
    kept, out = [], []
    for picture in pictures:
        (out if held_out(picture.label) else kept).append(picture)
    return kept, out
