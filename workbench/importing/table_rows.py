"""Rows of caption tables to notes on pictures: the column names that people use, levels, phrases and masks."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from db.enums import CaptionLevel, CaptionStatus, Origin, RegionOrigin
from workbench.errors import InvalidInputError
from workbench.images import SCENE_SOURCE
from workbench.images.credits import LONGEST as LONGEST_CREDIT
from workbench.imaging import masks
from workbench.importing.items import ItemCaption, ItemRegion, Notes, Phrase, Provenance
from workbench.texts import is_text

__all__ = [
    "CREDIT_COLUMNS",
    "FILE_COLUMNS",
    "TEXT_COLUMNS",
    "file_of_row",
    "hash_of",
    "level_of",
    "notes_of_row",
    "plain_text",
    "provenance_of",
]

FILE_COLUMNS = ("color_file_name", "file_name", "filename", "file", "image_path", "image_file", "image", "path", "name")
"""Columns that may name the picture, the first that is there wins; `color_file_name` is that of our own exports."""
TEXT_COLUMNS = ("caption", "captions", "text", "description", "prompt", "sentence")
CREDIT_COLUMNS = ("source", "author", "license", "url")


def file_of_row(row: Mapping[str, Any], place: str) -> str:
    """The picture that a row is about; raises InvalidInputError naming the place and the columns that would do."""
    for column in FILE_COLUMNS:
        if isinstance(row.get(column), str) and row[column].strip():
            return plain_text(row[column].strip(), place)
    raise InvalidInputError(f"{place} names no picture; it needs one of the columns {', '.join(FILE_COLUMNS[1:])}.")


def notes_of_row(row: Mapping[str, Any], place: str) -> Notes:
    """What a row says about its picture. Raises InvalidInputError naming the place and what is wrong there."""
    regions, own_phrases, index_of_name = _regions(_parsed(row.get("regions") or [], place), place)
    notes = Notes(regions=regions, **credit_in_row(row, place))
    notes.tags, notes.scene_source = _words(row, "tags", place), _words(row, SCENE_SOURCE, place)
    notes.sha256 = hash_of(row)
    if row.get("color_file_name") and row.get("gray_file_name"):
        notes.versions.append(str(row["gray_file_name"]))
    for text, rich in _texts(row, place):
        spans = own_phrases + tuple(_named_phrase(phrase, index_of_name, place) for phrase in rich.get("phrases") or [])
        level = level_of(rich.get("level", row.get("level")), place)
        inside = tuple(phrase for phrase in spans if phrase.end <= len(text))
        notes.captions.append(ItemCaption(text, level, inside, provenance_of(rich, place) or provenance_of(row, place)))
    return notes


def credit_in_row(row: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Where a picture is from, as its row says, by the names of `Notes`. In rows of captions of ours the author is the caption's."""
    names = [name for name in CREDIT_COLUMNS if name != "author" or not row.get("text_origin")]
    texts: dict[str, Any] = {name: _text_in(row, name, place) for name in names}
    if long := [name for name, text in texts.items() if text is not None and len(text) > LONGEST_CREDIT]:
        raise InvalidInputError(f'{place} has a "{long[0]}" of {len(texts[long[0]]):,} characters; there may be {LONGEST_CREDIT:,}.')
    number = row.get("coco_id")
    return texts | {"coco_id": int(str(number)) if str(number or "").isdigit() else None}


def plain_text(text: str, place: str) -> str:
    """A text that a database can hold; raises InvalidInputError for one with a NUL or half of a surrogate pair."""
    if not is_text(text):
        raise InvalidInputError(f"{place} has a text with a character that is none (a NUL or half a surrogate pair): {text[:60]!a}.")
    return text


def _text_in(row: Mapping[str, Any], column: str, place: str) -> str | None:
    """The text of a cell; None where it is empty. Raises InvalidInputError for a value of another kind."""
    cell = row.get(column)
    if cell in (None, "", [], {}):
        return None
    if not isinstance(cell, str):
        raise InvalidInputError(f'{place} has a "{column}" that is no text: {str(cell)[:60]}.')
    return plain_text(cell, place)


def _words(row: Mapping[str, Any], column: str, place: str) -> list[str]:
    """The words of a cell that holds a list or a text with commas; raises InvalidInputError for a value of another kind."""
    cell = row.get(column)
    words = cell.split(",") if isinstance(cell, str) else cell or []
    if not isinstance(words, list) or not all(isinstance(word, str | int) for word in words):
        raise InvalidInputError(f'{place} has "{column}" that are neither a list of words nor a text with commas: {str(cell)[:60]}.')
    return [plain_text(str(word).strip(), place) for word in words if str(word).strip()]


def level_of(value: Any, place: str) -> CaptionLevel | None:
    """The level that a cell names; None where it is empty. Raises InvalidInputError for any other word."""
    if value is None or not str(value).strip():
        return None
    try:
        return CaptionLevel(str(value).strip().lower())
    except ValueError:
        raise InvalidInputError(f'{place} has the level "{str(value)[:60]}"; the levels are {", ".join(CaptionLevel)}.') from None


def hash_of(row: Mapping[str, Any]) -> str | None:
    """The SHA-256 of the picture's file that a row of ours tells under `image`; None in any other row."""
    value = row.get("image")
    return value if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) else None


def provenance_of(row: Mapping[str, Any], place: str) -> Provenance | None:
    """Where a caption of ours comes from; None where the row has no `text_origin`. Raises InvalidInputError for an unknown word."""
    if not row.get("text_origin"):
        return None
    try:
        return Provenance(
            Origin(row["text_origin"]),
            Origin(row.get("level_origin") or Origin.RULE),
            CaptionStatus(row.get("status") or CaptionStatus.ACCEPTED),
            str(row.get("author") or ""),
            row.get("derived_from") or None,
        )
    except ValueError as error:
        raise InvalidInputError(f"{place} says what no export of ours says: {error}.") from None


def _texts(row: Mapping[str, Any], place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The texts in a row, each with what is said of it alone."""
    for column in TEXT_COLUMNS:
        cell = row.get(column)
        if cell is None or cell == "":
            continue
        for entry in cell if isinstance(cell, list) else [cell]:
            rich = entry if isinstance(entry, Mapping) else {"text": entry}
            text = rich.get("text", rich.get("caption"))
            if not isinstance(text, str):
                raise InvalidInputError(f"{place} has a caption that is no text: {str(entry)[:60]}.")
            if text.strip():
                yield text, rich
        return


def _parsed(cells: Any, place: str) -> Any:
    """Regions as they are, or read from text that holds them as JSON, as our exports write them."""
    if not isinstance(cells, str):
        return cells
    try:
        return json.loads(cells)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f'{place} has "regions" that are no JSON: {str(error)[:200]}.') from None


def _regions(cells: Any, place: str) -> tuple[list[ItemRegion], tuple[Phrase, ...], dict[str, int]]:
    """A row's regions, the phrases that stand in them, and their places by name.

    Two forms are read: that of our exports, `{phrase, start, end, mask}`, and named ones, `{name, mask, origin}`, which captions
    point to by `phrases: [{start, end, region}]`.
    """
    regions: list[ItemRegion] = []
    phrases, index_of_name = [], {}
    if not isinstance(cells, list) or not all(isinstance(cell, Mapping) and "mask" in cell for cell in cells):
        raise InvalidInputError(f'{place} has "regions" that are no list of objects with a "mask".')
    for cell in cells:
        region = _region(cell, place)
        if region not in regions:
            regions.append(region)
        index = regions.index(region)
        if "name" in cell:
            index_of_name[str(cell["name"])] = index
        if "start" in cell and "end" in cell:
            phrases.append(_phrase(cell, index, place))
    return regions, tuple(phrases), index_of_name


def _region(cell: Mapping[str, Any], place: str) -> ItemRegion:
    try:
        mask = masks.canonical(cell["mask"])
        origin = RegionOrigin(cell.get("origin") or RegionOrigin.IMPORTED)
    except (InvalidInputError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise InvalidInputError(f"{place} has a region that cannot be read: {error}") from None
    return ItemRegion(mask, str(cell.get("name") or cell.get("label") or ""), origin)


def _named_phrase(cell: Mapping[str, Any], index_of_name: dict[str, int], place: str) -> Phrase:
    name = str(cell.get("region"))
    if name not in index_of_name:
        raise InvalidInputError(f'{place} has a phrase on the region "{name}", which is not among its regions.')
    return _phrase(cell, index_of_name[name], place)


def _phrase(cell: Mapping[str, Any], region: int, place: str) -> Phrase:
    start, end = cell.get("start"), cell.get("end")
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end):
        raise InvalidInputError(f"{place} has a phrase from {start} to {end}; it needs whole numbers, the end after the start.")
    return Phrase(start, end, region)
