"""Pictures made elsewhere, by a peer's model or by hand: a folder of files named as the images, or a manifest that names them."""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from skimage.color import lab2rgb, rgb2lab

from db.models import Image
from workbench.errors import InvalidInputError
from workbench.imaging import SUFFIXES, lightness_of, png_of
from workbench.imaging.decode import decode
from workbench.store import MediaStore, expanded, is_file, is_folder
from workbench.studies.design_io import ExternalSystem

MANIFEST = ("image", "caption", "file")
SMALL = 0.75
LONGEST = 1280
"""Pixels of the longer side that a rater's page shows at most (`workbench.rating.blinded_images`)."""

KNOWN = {*SUFFIXES.values(), ".jpeg", ".tiff"}
TOLERANCE = 0.02
"""How far the sides' ratio may be off: a model may crop to multiples of eight."""


@dataclass(frozen=True)
class Matched:
    """The files of an outside system by image and caption, None where a file is for every caption; and what its author should know."""

    files: dict[tuple[int, str | None], Path]
    warnings: tuple[str, ...] = ()


def match(system: ExternalSystem, images: Mapping[int, Image], base: Path) -> Matched:
    """The file of an outside system for each image (and caption).

    Raises InvalidInputError where the folder or manifest cannot be used, or holds a file for none of the images.
    """
    if system.manifest:
        return _by_manifest(system, images, (base / expanded(system.manifest)).resolve())
    return Matched({(image_id, None): path for image_id, path in _by_name(system, images, base).items()})


def _by_manifest(system: ExternalSystem, images: Mapping[int, Image], path: Path) -> Matched:
    by_name, by_stem = _images_by_name(images)
    files: dict[tuple[int, str | None], Path] = {}
    strange: list[str] = []
    for number, row in enumerate(_rows(system, path), 2):
        where = f'"{system.name}": row {number} of {path.name}'
        file = path.parent / row["file"]
        if not row["image"] or not row["file"] or not is_file(file):
            raise InvalidInputError(f"{where} names no image and file that is there: image {row['image']!r}, file {row['file']!r}.")
        meant = by_name.get(Path(row["image"]).name) or by_stem.get(Path(row["image"]).stem.casefold(), [])
        if len(meant) > 1:
            raise InvalidInputError(f"{where} means {len(meant)} images of the library by {row['image']!r}; write the whole file name.")
        if not meant:
            strange.append(row["image"])  # a manifest may hold more than a study shows
            continue
        key = meant[0], row.get("caption") or None
        file = file.resolve()
        if files.setdefault(key, file) != file:
            raise InvalidInputError(f"{where} gives {row['image']} a second file; keep one of them.")
    if images and not files:
        names = ", ".join(sorted(image.file_name for image in images.values())[:3])
        raise InvalidInputError(f'"{system.name}": {path.name} names none of the images; they are called {names} …')
    says = f'"{system.name}": {len(strange)} rows of {path.name} name images that this study does not show ({named(strange)}).'
    return Matched(files, (says,) if strange else ())


def _images_by_name(images: Mapping[int, Image]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """The images of each file name, and of each name without its suffix, whatever its case."""
    by_name, by_stem = defaultdict(list), defaultdict(list)
    for image_id, image in images.items():
        by_name[Path(image.file_name).name].append(image_id)
        by_stem[Path(image.file_name).stem.casefold()].append(image_id)
    return by_name, by_stem


def named(names: Sequence[str]) -> str:
    """The first of some names, as a sentence lists them."""
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def _rows(system: ExternalSystem, path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as source:
            rows = [{name: (row.get(name) or "").strip() for name in MANIFEST} for row in _reader(system, path, source)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInputError(f'"{system.name}": {path} cannot be read: {error}') from None
    return rows


def _reader(system: ExternalSystem, path: Path, source: TextIO) -> csv.DictReader:
    reader = csv.DictReader(source)
    missing = {"image", "file"} - set(reader.fieldnames or ())
    if missing:
        raise InvalidInputError(
            f'"{system.name}": {path.name} has no column {sorted(missing)[0]}; it needs image and file, and may have caption.'
        )
    return reader


def _by_name(system: ExternalSystem, images: Mapping[int, Image], base: Path) -> dict[int, Path]:
    """By image, the file of its name in an outside folder (relative to `base`), whatever the suffix; images without one are left out."""
    folder = (base / expanded(system.folder)).resolve()
    if not is_folder(folder):
        raise InvalidInputError(f'"{system.name}": there is no folder {folder}.')
    files: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in KNOWN:
            first = files.setdefault(path.stem.casefold(), path)
            if first is not path:
                raise InvalidInputError(f'"{system.name}": {first.name} and {path.name} in {folder} have one name; keep one of them.')
    paths = {image_id: files[stem] for image_id, image in images.items() if (stem := Path(image.file_name).stem.casefold()) in files}
    if images and not paths:
        names = ", ".join(sorted(image.file_name for image in images.values())[:3])
        raise InvalidInputError(f'"{system.name}": no file in {folder} is named as one of the images; they are called {names} …')
    return paths


def is_small(size: tuple[int, int], image: Image) -> bool:
    """Whether a picture of a size, width and height, shows clearly less than its image would."""
    return max(size) < SMALL * min(max(image.width, image.height), LONGEST)


def bring_in(media: MediaStore, system: ExternalSystem, image: Image, path: Path) -> tuple[str, tuple[int, int]]:
    """Store an outside picture, upright in sRGB; return its media key and its width and height.

    Raises UnreadableFileError, and InvalidInputError where its shape is not that of the image.
    """
    decoded = decode(path.read_bytes())
    height, width = decoded.pixels.shape[:2]
    if abs(width * image.height / (height * image.width) - 1) > TOLERANCE:
        raise InvalidInputError(
            f'"{system.name}": {path.name} has {width} × {height} pixels, its image {image.width} × {image.height}; '
            "their shapes differ, and raters would know it by that."
        )
    return media.put(png_of(decoded.pixels), ".png"), (width, height)


def with_lightness_of(source: bytes, picture: bytes) -> bytes:
    """A picture's colors (Lab a*, b*) at the size and with the lightness of its source, as PNG; both upright, in sRGB."""
    gray = _stored_pixels(source)
    height, width = gray.shape[:2]
    colored = PIL.Image.fromarray(_stored_pixels(picture)).resize((width, height), PIL.Image.Resampling.BICUBIC)
    lab = rgb2lab(np.asarray(colored))
    lab[..., 0] = lightness_of(gray)
    return png_of((np.clip(lab2rgb(lab), 0, 1) * 255).round().astype(np.uint8))


def _stored_pixels(content: bytes) -> NDArray[np.uint8]:
    with PIL.Image.open(io.BytesIO(content)) as opened:
        return np.asarray(opened.convert("RGB"))
