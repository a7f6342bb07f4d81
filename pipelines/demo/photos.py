"""The demo's photos: pictures that scikit-image and scikit-learn carry in their installed packages, described and traced by hand.

No file is copied into this project and none is downloaded. A region shows the part of a thing that bears its color (the outside of a
cup, the painted parts of a motorcycle), so that its median color can be compared with the color that a caption gives it.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import PIL.Image

from pipelines.demo.captions import Caption, parse_captions
from pipelines.demo.gathered import Gathered
from pipelines.demo.outlines import mask

EXTRA_PACKAGES = {"sklearn": "scikit-learn"}
"""Packages of the `demo` extra, by the name that Python imports; without it their photos are left out."""


@dataclass(frozen=True)
class DemoRegion:
    """A thing in a picture: its name, the nouns that captions use for it, mask (H, W) bool."""

    name: str
    nouns: tuple[str, ...]
    mask: np.ndarray


@dataclass(frozen=True)
class DemoPhoto:
    """A photo with its descriptions; `reference` is False where the file itself is gray."""

    name: str
    path: Path
    reference: bool
    captions: tuple[Caption, ...]
    nouns: dict[str, tuple[str, ...]]
    license: str
    source: str
    tags: tuple[str, ...]

    @cached_property
    def rgb(self) -> np.ndarray:
        """The picture, (H, W, 3) uint8; a gray file has three equal channels."""
        with PIL.Image.open(self.path) as image:
            return np.asarray(image.convert("RGB"))

    @cached_property
    def regions(self) -> tuple[DemoRegion, ...]:
        """The traced things, with masks of the picture's own size."""
        height, width = self.rgb.shape[:2]
        return tuple(DemoRegion(shape, nouns, mask(self.name, shape, width, height)) for shape, nouns in self.nouns.items())


def demo_photos() -> Gathered[DemoPhoto]:
    """All photos of the list `photos.jsonl` whose files the installed packages carry, in that order."""
    rows = [json.loads(line) for line in files("pipelines.demo").joinpath("photos.jsonl").read_text(encoding="utf-8").splitlines()]
    carried, missing = [], []
    for row in rows:
        package, _, inside = row["file"].partition("/")
        path = _inside_package(package, inside)
        if path is None:
            missing.append(f"{row['name']}: {_reason(package, inside)}")
        else:
            carried.append(_photo(row, path))
    return Gathered(tuple(carried), tuple(missing))


def _reason(package: str, inside: str) -> str:
    if find_spec(package) is None and package in EXTRA_PACKAGES:
        return f"{EXTRA_PACKAGES[package]} carries this photo and is not installed; run pip install 'lcad-workbench[demo]'"
    return f"the installed {package} has no file {inside}"


def _inside_package(package: str, inside: str) -> Path | None:
    """The path of a file that an installed package carries, found without importing the package."""
    spec = find_spec(package)
    roots = [Path(root) for root in (spec.submodule_search_locations or ())] if spec else []
    return next((root / inside for root in roots if (root / inside).is_file()), None)


def _photo(row: dict, path: Path) -> DemoPhoto:
    nouns = {shape: tuple(words) for shape, words in row["regions"].items()}
    captions = parse_captions(row["captions"])
    return DemoPhoto(row["name"], path, row["reference"], captions, nouns, row["license"], row["source"], tuple(row["tags"]))
