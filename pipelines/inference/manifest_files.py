"""Colorizations of files named in a manifest, without a store: row i becomes `DIR/iii.png` and a line of `DIR/results.jsonl`.

A row is a JSON object; all but the image and the caption may be left out, and paths are relative to the manifest:

    image, caption   a file, and its description
    seed             of the noise, 0 by default
    regions          [{"phrase": TEXT, "mask": PATH}]: where a phrase of the caption is, white in a picture of the image's size
    colors           [{"phrase": TEXT, "color": COLOR}] pins a color to a phrase of it, [{"mask": PATH, "color": COLOR}] to a mask
    palette          [COLOR, …]: the colors that the rest may have

A COLOR is a color word, "#rrggbb", [red, green, blue] in whole numbers from 0 to 255, or [a, b] of CIELAB, as in `lcad.chroma.constraints`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageOps

from lcad import Colorizer
from lcad.chroma import Color, Constraints, Pin, target_of
from lcad.prompts import find_phrase, find_phrases
from pipelines.inference.colorize import CaptionedPicture, ColorizedPicture, Sampling, colorize
from pipelines.inference.loaded_models import steps_of
from pipelines.inference.phrase_regions import MaskedPhrase, ThingColor
from pipelines.worker.job import batches_of
from workbench.colorizations.credentials import Making, with_credentials
from workbench.errors import InvalidInputError, UnreadableFileError
from workbench.imaging import png_of
from workbench.imaging.decode import decode
from workbench.store.downloads import sha256_of

FIELDS = {"image", "caption", "seed", "regions", "colors", "palette"}
CHUNK_BATCHES = 4
"""Batches whose pictures are in memory together: pictures of different sizes in it can still fill their batches."""


@dataclass(frozen=True)
class MaskFile:
    """A phrase of a row's caption and the picture that is white where its object is."""

    phrase: str
    path: Path


@dataclass(frozen=True)
class ColorFile:
    """A color and the picture that is white where it is pinned, which `field` of the row names."""

    color: Color
    path: Path
    field: str


@dataclass(frozen=True)
class PhraseColor:
    """A color and the phrase of the caption that it is for, wherever that is."""

    color: Color
    phrase: str


@dataclass(frozen=True)
class Row:
    """One row of a manifest, its paths made absolute."""

    line: int
    image: Path
    caption: str
    seed: int
    regions: tuple[MaskFile, ...]
    pins: tuple[ColorFile | PhraseColor, ...]
    palette: tuple[Color, ...]

    def error(self, field: str, what: str) -> InvalidInputError:
        """The error of a field of this row."""
        return _error(self.line, field, what)


def _error(line: int, field: str, what: str) -> InvalidInputError:
    return InvalidInputError(f"Line {line} of the manifest, field {field!r}: {what}")


def read_manifest(path: Path) -> list[Row]:
    """The rows of a manifest, every file in them opened and decoded once, so that nothing can fail half-way for its sake.

    Raises InvalidInputError naming the line and the field that cannot be used.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"The manifest {path} cannot be read: {error}") from None
    rows = [_row(number, line, path.parent) for number, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise InvalidInputError(f"The manifest {path} has no rows; a row is a JSON object with at least 'image' and 'caption'.")
    for row in rows:
        shape = read_picture(row).shape[:2]
        _masked(row, shape)
        _constraints(row, shape)
    return rows


def _row(line: int, text: str, folder: Path) -> Row:
    try:
        entry = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInputError(f"Line {line} of the manifest is no JSON: {error}.") from None
    if not isinstance(entry, dict):
        raise InvalidInputError(f"Line {line} of the manifest is no JSON object: {text[:60]}")
    for field in entry.keys() - FIELDS:
        raise _error(line, field, f"is not known; a row has {', '.join(sorted(FIELDS))}.")
    for field in ("image", "caption"):
        if not isinstance(entry.get(field), str) or not entry[field].strip():
            raise _error(line, field, f"expected text, got {entry.get(field)!r}.")
    seed = entry.get("seed", 0)
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**63:
        raise _error(line, "seed", f"expected a whole number from 0 to 2^63 - 1, got {seed!r}.")
    regions, colors, palette = (_list(line, field, entry) for field in ("regions", "colors", "palette"))
    masks = tuple(_mask_file(line, number, region, entry["caption"], folder) for number, region in enumerate(regions))
    pins = tuple(_pinned(line, number, pin, entry["caption"], folder) for number, pin in enumerate(colors))
    for number, color in enumerate(palette):
        _check_color(line, f"palette[{number}]", color)
    return Row(line, folder / entry["image"], entry["caption"], seed, masks, pins, tuple(palette))


def _list(line: int, field: str, entry: dict[str, Any]) -> list[Any]:
    """A field that is a list, empty when it is left out."""
    content = entry.get(field, [])
    if not isinstance(content, list):
        raise _error(line, field, f"expected a list, got {type(content).__name__}.")
    return content


def _check_color(line: int, field: str, color: Any) -> None:
    try:
        target_of(color)
    except ValueError as error:
        raise _error(line, field, f"{error}.") from None


def _pinned(line: int, number: int, pin: Any, caption: str, folder: Path) -> "ColorFile | PhraseColor":
    """A pinned color with a mask of its own, or with the phrase that it is for."""
    field = f"colors[{number}]"
    places = [key for key in ("phrase", "mask") if isinstance(pin, dict) and isinstance(pin.get(key), str) and pin[key]]
    if len(places) != 1 or pin.keys() != {"color", *places}:
        raise _error(line, field, f'expected {{"color": COLOR}} with either "phrase": TEXT or "mask": PATH, got {json.dumps(pin)[:80]}.')
    _check_color(line, f"{field}.color", pin["color"])
    if "mask" in pin:
        return ColorFile(pin["color"], folder / pin["mask"], f"{field}.mask")
    try:
        find_phrase(caption, pin["phrase"])
    except ValueError as error:
        raise _error(line, f"{field}.phrase", f"{error}.") from None
    return PhraseColor(pin["color"], pin["phrase"])


def _mask_file(line: int, number: int, region: Any, caption: str, folder: Path) -> MaskFile:
    field = f"regions[{number}]"
    if not isinstance(region, dict) or not all(isinstance(region.get(key), str) and region[key] for key in ("phrase", "mask")):
        raise _error(line, field, f'expected {{"phrase": TEXT, "mask": PATH}}, got {json.dumps(region)[:80]}.')
    if region["phrase"] not in caption:
        raise _error(line, f"{field}.phrase", f"“{region['phrase']}” does not stand in the caption “{caption}”.")
    return MaskFile(region["phrase"], folder / region["mask"])


def read_picture(row: Row) -> np.ndarray:
    """The upright sRGB pixels (H, W, 3) uint8 of a row's image, read as an import reads them."""
    try:
        return decode(row.image.read_bytes()).pixels
    except FileNotFoundError:
        raise row.error("image", f"there is no file {row.image}.") from None
    except (OSError, UnreadableFileError) as error:
        raise row.error("image", f"{row.image} cannot be read: {error}") from None


def read_mask(row: Row, field: str, path: Path, shape: tuple[int, int]) -> np.ndarray:
    """The mask (H, W) bool of a field: true where the picture is brighter than half; `shape` is the image's height and width."""
    try:
        with PIL.Image.open(path) as file:
            mask = np.asarray(PIL.ImageOps.exif_transpose(file).convert("L")) > 127
    except FileNotFoundError:
        raise row.error(field, f"there is no file {path}.") from None
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError) as error:
        raise row.error(field, f"{path} cannot be read: {error}") from None
    if mask.shape != shape:
        raise row.error(field, f"{path} is {mask.shape[1]}×{mask.shape[0]}, its image {shape[1]}×{shape[0]}.")
    return mask


def colorize_rows(
    pipeline: Colorizer, rows: list[Row], folder: Path, *, checkpoint: str, digest: str = "", sampling: Sampling = Sampling()
) -> Iterator[dict[str, Any]]:
    """Colorize the rows into `folder`; yield the line of `results.jsonl` of each as it is written.

    The files say that the checkpoint of that name and digest made them (`workbench.colorizations.credentials`).
    """
    folder.mkdir(parents=True, exist_ok=True)
    digits = max(3, len(str(len(rows) - 1)))
    common = {"checkpoint": checkpoint, "steps": sampling.steps or steps_of(pipeline, sampling.preset)}
    with (folder / "results.jsonl").open("w", encoding="utf-8") as results:
        for first, chunk in enumerate(batches_of(rows, CHUNK_BATCHES * sampling.batch_size)):
            for offset, (row, picture) in enumerate(zip(chunk, _colored(pipeline, chunk, sampling), strict=True)):
                index = first * CHUNK_BATCHES * sampling.batch_size + offset
                made = with_credentials(png_of(np.asarray(picture.image)), _making(row, sampling, checkpoint, digest))
                (folder / f"{index:0{digits}}.png").write_bytes(made)
                line = _line(index, row, picture) | common
                results.write(json.dumps(line, ensure_ascii=False) + "\n")
                yield line
            results.flush()


def _making(row: Row, sampling: Sampling, checkpoint: str, digest: str) -> Making:
    settings = {name: getattr(sampling, name) for name in ("steps", "guidance", "instances", "expected", "preset")}
    pins = [{"thing": pin.phrase, "color": pin.color} if isinstance(pin, PhraseColor) else {"color": pin.color} for pin in row.pins]
    settings |= ({"pins": pins} if pins else {}) | ({"palette": row.palette} if row.palette else {})
    return Making(checkpoint, digest, row.caption, row.seed, settings, sha256_of(row.image))


def _colored(pipeline: Colorizer, chunk: list[Row], sampling: Sampling) -> list[ColorizedPicture]:
    """The results of the rows of a chunk."""
    pictures = []
    for row in chunk:
        rgb = read_picture(row)
        shape = rgb.shape[:2]
        pictures.append(CaptionedPicture(rgb, row.caption, _masked(row, shape), row.seed, _constraints(row, shape), _things(row)))
    return colorize(pipeline, pictures, sampling)


def _masked(row: Row, shape: tuple[int, int]) -> list[MaskedPhrase]:
    """The masks of a row; one that has no pixel, as of a thing that others hide, guides and judges nothing."""
    return [(one.phrase, read_mask(row, f"regions[{number}].mask", one.path, shape)) for number, one in enumerate(row.regions)]


def _constraints(row: Row, shape: tuple[int, int]) -> Constraints:
    """The colors that a row pins, and its palette. Raises InvalidInputError for a color pinned to nothing."""
    drawn = [pin for pin in row.pins if isinstance(pin, ColorFile)]
    masks = [read_mask(row, pin.field, pin.path, shape) for pin in drawn]
    for pin, mask in zip(drawn, masks, strict=True):
        if not mask.any():
            raise row.error(pin.field, f"{pin.path} is empty: no pixel is brighter than half, so there is nothing to pin a color to.")
    return Constraints([Pin(mask, pin.color) for pin, mask in zip(drawn, masks, strict=True)], row.palette)


def _things(row: Row) -> list[ThingColor]:
    """The colors that a row pins to phrases, by their spans."""
    pins = [pin for pin in row.pins if isinstance(pin, PhraseColor)]
    return list(zip(find_phrases(row.caption, [pin.phrase for pin in pins]), [pin.color for pin in pins], strict=True))


def _line(index: int, row: Row, picture: ColorizedPicture) -> dict[str, Any]:
    facts = {"index": index, "image": str(row.image), "caption": row.caption, "seed": row.seed}
    empty = [phrase.phrase for phrase, mask in zip(row.regions, picture.masks, strict=True) if not mask.any()]
    return {**facts, "seconds": picture.seconds, "adherence": picture.adherence.score, **({"empty_masks": empty} if empty else {})}
