"""Pictures made elsewhere, by a peer's model or by hand: a folder whose files have the names of the images that they color."""

from collections.abc import Mapping
from pathlib import Path

from db.models import Image
from workbench.errors import InvalidInputError
from workbench.imaging import SUFFIXES, png_of
from workbench.imaging.decode import decode
from workbench.store import MediaStore
from workbench.studies.design_io import Outside

__all__ = ["bring_in", "match"]

KNOWN = {*SUFFIXES.values(), ".jpeg", ".tiff"}
TOLERANCE = 0.02
"""How far the sides' ratio may be off: a model may crop to multiples of eight."""


def match(outside: Outside, images: Mapping[int, Image], base: Path) -> dict[int, Path]:
    """By image, the file of its name in an outside folder (relative to `base`), whatever the suffix; images without one are left out.

    Raises InvalidInputError where there is no such folder, two files have one name, or no file has the name of any image.
    """
    folder = (base / Path(outside.folder).expanduser()).resolve()
    if not folder.is_dir():
        raise InvalidInputError(f'"{outside.name}": there is no folder {folder}.')
    files: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in KNOWN:
            there = files.setdefault(path.stem.casefold(), path)
            if there is not path:
                raise InvalidInputError(f'"{outside.name}": {there.name} and {path.name} in {folder} have one name; keep one of them.')
    found = {image_id: files[stem] for image_id, image in images.items() if (stem := Path(image.file_name).stem.casefold()) in files}
    if images and not found:
        asked = ", ".join(sorted(image.file_name for image in images.values())[:3])
        raise InvalidInputError(f'"{outside.name}": no file in {folder} is named as one of the images; they are called {asked} …')
    return found


def bring_in(media: MediaStore, outside: Outside, image: Image, path: Path) -> str:
    """Store an outside picture, upright in sRGB, and return its media key.

    Raises UnreadableFileError, and InvalidInputError where its shape is not that of the image.
    """
    decoded = decode(path.read_bytes())
    height, width = decoded.pixels.shape[:2]
    if abs(width * image.height / (height * image.width) - 1) > TOLERANCE:
        raise InvalidInputError(
            f'"{outside.name}": {path.name} has {width} × {height} pixels, its image {image.width} × {image.height}; '
            "their shapes differ, and raters would know it by that."
        )
    return media.put(png_of(decoded.pixels), ".png")
