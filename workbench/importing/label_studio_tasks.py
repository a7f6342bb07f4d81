"""Captions and masks in the tasks of Label Studio: what people wrote, chose as a level, painted or drew on a task's picture."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from workbench.errors import InvalidInputError
from workbench.imaging import masks
from workbench.importing.items import ItemCaption, ItemRegion, Notes
from workbench.importing.table_rows import FILE_COLUMNS, level_of, provenance_of
from workbench.labelstudio.annotation_values import drawn_in

__all__ = ["is_task", "row_of_task"]

_LABEL = re.compile(r"^(.*?)( \((\d+)\))?$", re.DOTALL)


def is_task(row: Mapping[str, Any]) -> bool:
    """Whether an object is a task: `data`, with annotations or predictions beside it."""
    return isinstance(row.get("data"), Mapping) and ("annotations" in row or "predictions" in row)


def row_of_task(task: Mapping[str, Any], place: str) -> tuple[str, Notes]:
    """The picture of a task with its captions and masks; those of annotations, else those of predictions."""
    data = task["data"]
    named = next((data[column] for column in FILE_COLUMNS if isinstance(data.get(column), str) and data[column].strip()), None)
    if named is None:
        raise InvalidInputError(f'{place} names no picture; its "data" needs one of {", ".join(FILE_COLUMNS[1:])}.')
    told = data.get("wb_id")
    notes = Notes(sha256=told if isinstance(told, str) and re.fullmatch(r"[0-9a-f]{64}", told) else None)
    told_by = task.get("annotations") or task.get("predictions") or []
    for answer in told_by:
        notes.captions += _captions(answer.get("result") or [], place)
    for answer in told_by:
        notes.regions += _regions(answer.get("result") or [], [caption.text for caption in notes.captions], place)
    return _path_of(named), notes


def _captions(results: list[dict[str, Any]], place: str) -> Iterator[ItemCaption]:
    """The texts of one answer; a level chosen beside a single text is its level."""
    chosen = [word for result in results for word in (result.get("value") or {}).get("choices") or []]
    texts = [(result, text) for result in results for text in _texts(result.get("value") or {})]
    for result, text in texts:
        meta = result.get("meta") or {}
        level = meta.get("level") or (chosen[0] if chosen and len(texts) == 1 else None)
        yield ItemCaption(text, level_of(level, place), provenance=provenance_of(meta, place))


def _regions(results: list[dict[str, Any]], texts: list[str], place: str) -> Iterator[ItemRegion]:
    """The masks of one answer, each spoken of where its label stands in a caption: "a cup (2)" is the second time."""
    try:
        drawn = drawn_in(results)
    except (InvalidInputError, KeyError, TypeError, ValueError) as error:
        raise InvalidInputError(f"{place} has a mask that cannot be read: {error}") from None
    for part in drawn:
        phrase, _, number = _LABEL.findall(part.label)[0]
        spans = dict.fromkeys(span for text in texts for span in _spans(text, phrase, int(number or 1)))
        yield ItemRegion(masks.encode(part.mask), phrase, spoken=tuple(spans))


def _spans(text: str, phrase: str, number: int) -> list[tuple[int, int, str]]:
    spans = [match.span() for match in re.finditer(re.escape(phrase), text)] if phrase else []
    return [(*span, phrase) for span in spans[number - 1 : number]]


def _texts(value: Mapping[str, Any]) -> list[str]:
    texts = value.get("text") or []
    return [text for text in ([texts] if isinstance(texts, str) else texts) if isinstance(text, str) and text.strip()]


def _path_of(address: str) -> str:
    """The file that a task's address names: of "/data/local-files/?d=photos/1.jpg" it is "photos/1.jpg"."""
    parts = urlsplit(address)
    local = parse_qs(parts.query).get("d")
    return local[0] if local else unquote(parts.path).lstrip("/") if parts.scheme else address
