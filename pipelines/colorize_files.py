"""Colorizations of files named in a manifest, without a store: row i becomes `DIR/iii.png` and a line of `DIR/results.jsonl`."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageOps

from lcad import LCADPipeline, Region
from lcad.metrics import adherence
from workbench.errors import InvalidInputError

FIELDS = {"image", "caption", "seed", "regions"}
CHUNK_BATCHES = 4
"""Batches whose pictures are in memory together: pictures of different sizes in it can still fill their batches."""


@dataclass(frozen=True)
class MaskFile:
    """A phrase of a row's caption and the picture that is white where its object is."""

    phrase: str
    path: Path


@dataclass(frozen=True)
class Row:
    """One row of a manifest, its paths made absolute."""

    line: int
    image: Path
    caption: str
    seed: int
    regions: tuple[MaskFile, ...]

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
        size = read_picture(row).size
        for number, region in enumerate(row.regions):
            read_mask(row, number, region, size)
    return rows


def _row(line: int, text: str, folder: Path) -> Row:
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInputError(f"Line {line} of the manifest is no JSON: {error}.") from None
    if not isinstance(given, dict):
        raise InvalidInputError(f"Line {line} of the manifest is no JSON object: {text[:60]}")
    for field in given.keys() - FIELDS:
        raise _error(line, field, f"is not known; a row has {', '.join(sorted(FIELDS))}.")
    for field in ("image", "caption"):
        if not isinstance(given.get(field), str) or not given[field].strip():
            raise _error(line, field, f"expected text, got {given.get(field)!r}.")
    seed, regions = given.get("seed", 0), given.get("regions", [])
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**63:
        raise _error(line, "seed", f"expected a whole number from 0 to 2^63 - 1, got {seed!r}.")
    if not isinstance(regions, list):
        raise _error(line, "regions", f"expected a list, got {type(regions).__name__}.")
    masks = tuple(_mask_file(line, number, region, given["caption"], folder) for number, region in enumerate(regions))
    return Row(line, folder / given["image"], given["caption"], seed, masks)


def _mask_file(line: int, number: int, region: Any, caption: str, folder: Path) -> MaskFile:
    field = f"regions[{number}]"
    if not isinstance(region, dict) or not all(isinstance(region.get(key), str) and region[key] for key in ("phrase", "mask")):
        raise _error(line, field, f'expected {{"phrase": TEXT, "mask": PATH}}, got {json.dumps(region)[:80]}.')
    if region["phrase"] not in caption:
        raise _error(line, f"{field}.phrase", f"“{region['phrase']}” does not stand in the caption “{caption}”.")
    return MaskFile(region["phrase"], folder / region["mask"])


def read_picture(row: Row) -> PIL.Image.Image:
    """The upright picture of a row."""
    return _decoded(row, "image", row.image)


def read_mask(row: Row, number: int, region: MaskFile, size: tuple[int, int]) -> np.ndarray:
    """A region's mask (H, W) bool: true where the picture is brighter than half; `size` is the image's width and height."""
    field = f"regions[{number}].mask"
    picture = _decoded(row, field, region.path)
    if picture.size != size:
        raise row.error(field, f"{region.path} is {picture.width}×{picture.height}, its image {size[0]}×{size[1]}.")
    mask = np.asarray(picture.convert("L")) > 127
    if not mask.any():
        raise row.error(field, f"{region.path} is empty: no pixel is brighter than half.")
    return mask


def _decoded(row: Row, field: str, path: Path) -> PIL.Image.Image:
    try:
        with PIL.Image.open(path) as file:
            return PIL.ImageOps.exif_transpose(file).copy()
    except FileNotFoundError:
        raise row.error(field, f"there is no file {path}.") from None
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError) as error:
        raise row.error(field, f"{path} cannot be read: {error}") from None


def colorize_rows(
    pipeline: LCADPipeline,
    rows: list[Row],
    folder: Path,
    *,
    checkpoint: str,
    steps: int | None = None,
    guidance: float | None = None,
    instances: bool = True,
    batch_size: int = 8,
    progress: Callable[[int], None] = lambda _done: None,
) -> Iterator[dict[str, Any]]:
    """Colorize the rows into `folder`; yield the line of `results.jsonl` of each as it is written.

    With `instances` the masks guide the sampling; without, they only judge the result. `progress` hears how many are done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    digits = max(3, len(str(len(rows) - 1)))
    with (folder / "results.jsonl").open("w", encoding="utf-8") as results:
        for start in range(0, len(rows), CHUNK_BATCHES * batch_size):
            chunk = rows[start : start + CHUNK_BATCHES * batch_size]
            pictures = [read_picture(row) for row in chunk]
            regions = [_regions(row, picture.size) for row, picture in zip(chunk, pictures, strict=True)]
            images = pipeline(
                pictures,
                [row.caption for row in chunk],
                regions if instances else None,
                [row.seed for row in chunk],
                steps,
                guidance,
                batch_size=batch_size,
            )
            for index, (row, image, masks) in enumerate(zip(chunk, images, regions, strict=True), start):
                image.save(folder / f"{index:0{digits}}.png")
                line = _line(index, row, image, masks)
                line |= {"checkpoint": checkpoint, "steps": steps or pipeline.settings.steps}
                results.write(json.dumps(line, ensure_ascii=False) + "\n")
                yield line
            results.flush()
            progress(start + len(chunk))


def _regions(row: Row, size: tuple[int, int]) -> list[Region]:
    return [Region(region.phrase, read_mask(row, number, region, size)) for number, region in enumerate(row.regions)]


def _line(index: int, row: Row, image: PIL.Image.Image, regions: list[Region]) -> dict[str, Any]:
    score = adherence(np.asarray(image.convert("RGB")), [r.phrase for r in regions], [r.mask for r in regions]).score if regions else None
    facts = {"index": index, "image": str(row.image), "caption": row.caption, "seed": row.seed}
    return {**facts, "seconds": image.info["seconds"], "adherence": score}
