"""Caption tables: `{file: [captions]}` as L-CAD has it, COCO, CSV, JSONL and tasks of Label Studio, each to rows `(file name, notes)`.

JSON is read as a stream: of an annotation file of any size only the captions and masks themselves are held. A row that cannot be used
costs itself alone: it comes as notes with a problem, under the name of its picture, or under "" where it names none.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import ijson

from workbench.errors import InvalidInputError
from workbench.images.credits import LONGEST as LONGEST_CREDIT
from workbench.imaging import masks
from workbench.importing.items import ItemCaption, ItemRegion, Notes
from workbench.importing.label_studio_tasks import is_task, row_of_task
from workbench.importing.table_rows import (
    CREDIT_COLUMNS,
    FILE_COLUMNS,
    TEXT_COLUMNS,
    file_of_row,
    hash_of,
    level_of,
    notes_of_row,
    plain_text,
    provenance_of,
)
from workbench.texts import is_text, unguarded

__all__ = ["TABLE_SUFFIXES", "Row", "kind_of", "rows_of"]

Row = tuple[str, Notes]
LONGEST_REASON = 300

TABLE_SUFFIXES = (".json", ".jsonl", ".csv", ".tsv")
COCO_KEYS = frozenset({"images", "annotations", "categories", "info", "licenses"})
MALFORMED = (InvalidInputError, TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)
"""What a value of another kind than expected brings about, wherever in a row it stands."""


def kind_of(name: str, content: bytes) -> str:
    """The format of a table: csv, jsonl, lcad or coco, by its suffix and, for JSON, by what is in it.

    Raises InvalidInputError for a JSON file that is none of these.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in (".csv", ".tsv"):
        return "csv"
    if suffix == ".jsonl":
        return "jsonl"
    try:
        events = ijson.basic_parse(io.BytesIO(content), use_float=True)
        kind, _ = next(events)
        if kind == "start_array":
            return "jsonl"
        if kind == "start_map":
            kind, key = next(events)
            return "coco" if kind == "map_key" and key in COCO_KEYS else "lcad"
    except (ijson.JSONError, StopIteration, ValueError, SystemError) as error:  # SystemError: ijson's, where a number has no end
        raise InvalidInputError(f"{name} is no JSON: {_said(error)}.") from error
    raise InvalidInputError(f"{name} holds no captions; it should be {{file: [captions]}}, COCO, or a list of objects.")


def rows_of(name: str, content: bytes, kind: str | None = None) -> Iterator[Row]:
    """The rows of a table. Raises InvalidInputError naming the file where it is broken as a whole or from some place on."""
    reader = {"csv": _csv_rows, "jsonl": _jsonl_rows, "lcad": _lcad_rows, "coco": _coco_rows}[kind or kind_of(name, content)]
    try:
        yield from reader(name, content)
    except UnicodeDecodeError:
        raise InvalidInputError(f"{name} is not UTF-8 text; save it as UTF-8.") from None
    except (ijson.JSONError, ValueError, SystemError) as error:
        raise InvalidInputError(f"{name} is broken: {_said(error)}.") from error
    except RecursionError:
        raise InvalidInputError(f"{name} is broken: its values stand too deep in each other.") from None


def _said(error: BaseException) -> str:
    return " ".join(str(error).split())[:LONGEST_REASON] or type(error).__name__


def _row(place: str, file_of: Callable[[], str], notes_of: Callable[[], Notes]) -> Row:
    """A row, or what is wrong with it."""
    file_name = ""
    try:
        file_name = plain_text(file_of(), place)
        return file_name, notes_of()
    except InvalidInputError as error:
        return file_name, Notes(problems=[str(error)])
    except MALFORMED as error:
        return file_name, Notes(problems=[f"{place} cannot be read: {_said(error)}."])


def _csv_rows(name: str, content: bytes) -> Iterator[Row]:
    text = content.decode("utf-8-sig")
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = {column.strip().lower() for column in reader.fieldnames or ()}
        if not columns & set(FILE_COLUMNS) or not columns & {*TEXT_COLUMNS, *CREDIT_COLUMNS}:
            raise InvalidInputError(
                f"{name} needs a first line that names its columns, such as: file_name,caption,level or file,source,author,license,url."
            )
        for row in reader:
            place = f"Line {reader.line_num} of {name}"
            plain = {key.strip().lower(): unguarded(value) for key, value in row.items() if key is not None}
            yield _row(place, partial(file_of_row, plain, place), partial(notes_of_row, plain, place))
    except csv.Error as error:
        raise InvalidInputError(f"Line {reader.line_num} of {name} cannot be read: {error}.") from error


def _jsonl_rows(name: str, content: bytes) -> Iterator[Row]:
    if content.lstrip()[:1] == b"[":
        for number, row in enumerate(ijson.items(io.BytesIO(content), "item", use_float=True), 1):
            yield _object_row(row, f"Entry {number} of {name}")
        return
    for number, line in enumerate(io.BytesIO(content), 1):
        if line.strip():
            place = f"Line {number} of {name}"
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield "", Notes(problems=[f"{place} is broken: {_said(error)}."])
                continue
            yield _object_row(row, place)


def _object_row(row: Any, place: str) -> Row:
    if not isinstance(row, dict):
        return "", Notes(problems=[f"{place} is no JSON object."])
    try:
        task = row_of_task(row, place) if is_task(row) else None
    except InvalidInputError as error:
        return "", Notes(problems=[str(error)])
    except MALFORMED as error:
        return "", Notes(problems=[f"{place} cannot be read: {_said(error)}."])
    return task or _row(place, partial(file_of_row, row, place), partial(notes_of_row, row, place))


def _lcad_rows(name: str, content: bytes) -> Iterator[Row]:
    for file_name, captions in ijson.kvitems(io.BytesIO(content), "", use_float=True):
        texts = [captions] if isinstance(captions, str) else captions
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            problem = f'"{file_name}" in {name} has no list of captions; the form is {{file: [captions]}}.'
            yield file_name, Notes(problems=[problem])
        else:
            yield file_name, Notes([ItemCaption(text) for text in texts if text.strip()])


def _coco_rows(name: str, content: bytes) -> Iterator[Row]:
    images: dict[Any, dict[str, Any]] = {}
    for place, image, problem in _entries(name, content, "images", ("id", "file_name")):
        if problem:
            yield "", Notes(problems=[problem])
        elif isinstance(image["id"], str | int) and isinstance(image["file_name"], str):
            images[image["id"]] = image
        else:
            yield "", Notes(problems=[f'{place} needs a number or a text as "id", and a text as "file_name".'])
    if not images:
        raise InvalidInputError(f'{name} has no "images" with file names; a COCO file needs id and file_name of each.')
    licenses = _named(name, content, "licenses", ("id",), lambda entry: entry.get("name") or entry.get("url"))
    labels = _named(name, content, "categories", ("id", "name"), lambda entry: entry["name"])
    for image in images.values():
        yield image["file_name"], _notes_of_image(image, licenses)
    for place, annotation, problem in _entries(name, content, "annotations", ("image_id",)):
        if problem:
            yield "", Notes(problems=[problem])
            continue
        image = images.get(annotation["image_id"]) if isinstance(annotation["image_id"], str | int) else None
        if image is None:
            yield "", Notes(problems=[f"{place} is about image {str(annotation['image_id'])[:60]}, which the file does not list."])
            continue
        yield _row(place, partial(_file_name, image), partial(_notes_of_annotation, annotation, image, labels, place))


def _named(name: str, content: bytes, key: str, needed: tuple[str, ...], text_of: Callable[[dict[str, Any]], Any]) -> dict[str, str]:
    """The names of a COCO file's licenses or categories by their ids, written as text."""
    columns = {}
    for _place, entry, problem in _entries(name, content, key, needed):
        if not problem and isinstance(text_of(entry), str):
            columns[str(entry["id"])] = text_of(entry)
    return columns


def _notes_of_image(image: dict[str, Any], licenses: dict[str, str]) -> Notes:
    """Where a COCO image is from: its license by name, its address, and its number; and what exports of ours say besides."""
    texts = {name: image.get(name) for name in ("source", "author")}
    addresses = (image.get(name) for name in ("url", "flickr_url", "coco_url"))
    url = next((text for text in addresses if _may_be_credit(text)), None)
    number = int(image["id"]) if str(image["id"]).isdigit() else None
    told: dict[str, Any] = {name: text for name, text in texts.items() if _may_be_credit(text)}
    license_name = licenses.get(str(image.get("license")))
    return Notes(license=license_name if _may_be_credit(license_name) else None, url=url, coco_id=number, **told)


def _may_be_credit(text: Any) -> bool:
    return isinstance(text, str) and 0 < len(text) <= LONGEST_CREDIT and is_text(text)


def _notes_of_annotation(annotation: dict[str, Any], image: dict[str, Any], labels: dict[str, str], place: str) -> Notes:
    notes = Notes(sha256=hash_of({"image": image.get("sha256")}))
    caption = annotation.get("caption")
    if isinstance(caption, str) and caption.strip():
        notes.captions.append(ItemCaption(caption, level_of(annotation.get("level"), place), provenance=provenance_of(annotation, place)))
    if annotation.get("segmentation"):
        mask, label = _mask(annotation["segmentation"], image, place), labels.get(str(annotation.get("category_id")), "")
        notes.regions.append(ItemRegion(mask, label, spoken=_spoken(annotation.get("phrases"), place)))
    return notes


def _entries(name: str, content: bytes, key: str, needed: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The entries of a COCO file's list, each with its place and, where it is no use, the problem."""
    for number, entry in enumerate(ijson.items(io.BytesIO(content), f"{key}.item", use_float=True), 1):
        usable = isinstance(entry, dict) and all(field in entry for field in needed)
        place = f"Annotation {number} of {name}" if key == "annotations" else f'Entry {number} of "{key}" in {name}'
        yield place, entry, "" if usable else f'Entry {number} of "{key}" in {name} needs {" and ".join(needed)}.'


def _spoken(phrases: Any, place: str) -> tuple[tuple[int, int, str], ...]:
    """The phrases that our own COCO export writes to its instances."""
    try:
        return tuple(dict.fromkeys((int(cell["start"]), int(cell["end"]), str(cell["phrase"])) for cell in phrases or ()))
    except (KeyError, TypeError, ValueError):
        raise InvalidInputError(f'{place} has "phrases" without start, end and phrase.') from None


def _mask(segmentation: Any, image: dict[str, Any], place: str) -> masks.Rle:
    """The mask of a COCO segmentation: polygons, or run lengths."""
    try:
        if isinstance(segmentation, dict):
            return masks.canonical(segmentation)
        height, width = int(image["height"]), int(image["width"])
        return masks.from_polygons([[float(number) for number in polygon] for polygon in segmentation], height, width)
    except InvalidInputError as error:
        raise InvalidInputError(f"{place} has a mask that cannot be used: {error}") from None
    except (KeyError, TypeError, ValueError, OverflowError):
        raise InvalidInputError(f"{place} needs polygons of numbers, and its image a height and a width.") from None


def _file_name(image: dict[str, Any]) -> Any:
    return image.get("file_name")
