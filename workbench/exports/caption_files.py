"""Captions of the store as files that an import reads again, in every format that captions are read in.

Rows of ours name the picture's file and its hash, the caption with its level, and where both come from, so that another store with the
same pictures has the same captions afterwards. `lcad` and `sd-scripts` have room for the texts of accepted captions alone.
"""

import csv
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from db.enums import CaptionStatus
from db.models import Caption, Image
from workbench import search
from workbench.errors import ConflictError, InvalidInputError
from workbench.search import parse
from workbench.texts import guarded

SUFFIXES = {".json": "lcad", ".jsonl": "jsonl", ".csv": "csv", ".tar": "webdataset"}
BARE = ("lcad", "sd-scripts", "folder")
"""Formats that hold texts and nothing else."""


@dataclass(frozen=True)
class CaptionRow:
    """A caption with its picture's name and hash, as files of ours have it."""

    file_name: str
    image: str
    caption: str
    level: str
    level_origin: str
    text_origin: str
    status: str
    author: str
    derived_from: str | None


def format_of(path: Path, format: str | None) -> str:  # noqa: A002
    """The format asked for, else that of the file's suffix. Raises InvalidInputError where neither tells it."""
    chosen = format or SUFFIXES.get(path.suffix.lower())
    if chosen not in FORMATS:
        raise InvalidInputError(f"Name the format of {path.name}: one of {', '.join(FORMATS)}.")
    return chosen


def rows(session: Session, query: str = "", *, accepted: bool = False) -> Iterator[CaptionRow]:
    """The captions that match a query, in the order of their images, streamed; with `accepted` no proposals."""
    source = aliased(Caption)
    columns = (Image.file_name, Image.sha256, Caption.text, Caption.level, Caption.level_origin, Caption.text_origin, Caption.status)
    statement = select(*columns, Caption.author, source.text.label("source")).join(Image, Image.id == Caption.image_id)
    statement = statement.outerjoin(source, source.id == Caption.derived_from_id).where(
        Caption.id.in_(search.ids_of_captions(session, parse(query)))
    )
    statement = statement.where(Caption.status == CaptionStatus.ACCEPTED) if accepted else statement
    for row in session.execute(statement.order_by(Caption.image_id, Caption.id).execution_options(yield_per=2000)):
        words = (row.level.value, row.level_origin.value, row.text_origin.value, row.status.value)
        yield CaptionRow(row.file_name, row.sha256, row.text, *words, row.author, row.source)


def write(session: Session, target: Path, query: str = "", format: str | None = None, *, replace: bool = False) -> int:  # noqa: A002
    """Write the captions that match a query; return their number. A file that is there is replaced only where that is said.

    A file appears whole or not at all. Raises InvalidInputError for what a format cannot hold (two pictures of one name, line breaks in
    `sd-scripts`) and ConflictError where a folder to be written is not empty, or a file is there.
    """
    chosen = format_of(target, format)
    if target.is_file() and not replace:
        raise ConflictError(f"{target} is there already; name a new file, or say that it is to be replaced (--replace).")
    exported_rows = list(rows(session, query, accepted=chosen in BARE))
    _WRITERS[chosen](target, exported_rows)
    return len(exported_rows)


def _by_file(caption_rows: list[CaptionRow]) -> dict[str, list[CaptionRow]]:
    """Rows by file name; raises InvalidInputError where two pictures share one, since the file could not tell them apart."""
    grouped: dict[str, list[CaptionRow]] = {}
    for row in caption_rows:
        grouped.setdefault(row.file_name, []).append(row)
    for name, group in grouped.items():
        if len({row.image for row in group}) > 1:
            raise InvalidInputError(f'Two pictures are called "{name}", which this format cannot tell apart; use jsonl or csv.')
    return grouped


def _put(target: Path, content: bytes) -> None:
    partial = target.with_name(f".{target.name}.partial")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial.write_bytes(content)
    partial.replace(target)


def _lines(caption_rows: list[CaptionRow]) -> bytes:
    return "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in caption_rows).encode()


def _write_jsonl(target: Path, caption_rows: list[CaptionRow]) -> None:
    _put(target, _lines(caption_rows))


def _write_csv(target: Path, caption_rows: list[CaptionRow]) -> None:
    content = io.StringIO(newline="")
    table = csv.DictWriter(content, list(CaptionRow.__dataclass_fields__), lineterminator="\n", quoting=csv.QUOTE_ALL)
    table.writeheader()
    for row in caption_rows:
        table.writerow({name: guarded(value or "") for name, value in asdict(row).items()})
    _put(target, content.getvalue().encode())


def _write_lcad(target: Path, caption_rows: list[CaptionRow]) -> None:
    texts = {name: [row.caption for row in group] for name, group in _by_file(caption_rows).items()}
    _put(target, (json.dumps(texts, ensure_ascii=False, indent=1) + "\n").encode())


def _write_coco(target: Path, caption_rows: list[CaptionRow]) -> None:
    ids = {row.image: number for number, row in enumerate({row.image: row for row in caption_rows}.values(), 1)}
    names = {row.image: row.file_name for row in caption_rows}
    images = [{"id": number, "file_name": names[sha256], "sha256": sha256} for sha256, number in ids.items()]
    told = ("caption", "level", "level_origin", "text_origin", "status", "author", "derived_from")
    annotations = [
        {"id": number, "image_id": ids[row.image], **{name: getattr(row, name) for name in told}}
        for number, row in enumerate(caption_rows, 1)
    ]
    content = {"info": {"description": "captions"}, "licenses": [], "images": images, "annotations": annotations}
    _put(target, (json.dumps(content, ensure_ascii=False) + "\n").encode())


def _write_label_studio(target: Path, caption_rows: list[CaptionRow]) -> None:
    tasks: dict[str, dict] = {}
    for row in caption_rows:
        task = tasks.setdefault(row.image, {"data": {"image": row.file_name, "wb_id": row.image}, "predictions": [{"result": []}]})
        meta = _beyond_the_text(row)
        value = {"text": [row.caption]}
        task["predictions"][0]["result"].append(
            {"from_name": "caption", "to_name": "image", "type": "textarea", "value": value, "meta": meta}
        )
    _put(target, (json.dumps(list(tasks.values()), ensure_ascii=False) + "\n").encode())


def _write_imagefolder(target: Path, caption_rows: list[CaptionRow]) -> None:
    _empty(target)
    _put(target / "metadata.jsonl", _lines(caption_rows))


def _write_beside(target: Path, caption_rows: list[CaptionRow]) -> None:
    grouped = _by_file(caption_rows)
    stems = {PurePosixPath(name).with_suffix(".txt").as_posix() for name in grouped}
    if len(stems) < len(grouped):
        raise InvalidInputError("Two pictures differ in their suffix alone, and so would share a file of captions; use jsonl or csv.")
    whole = next((row for row in caption_rows if row.caption != row.caption.strip() or len(row.caption.splitlines()) > 1), None)
    if whole:
        raise InvalidInputError(f'A line cannot hold the caption "{whole.caption}" of {whole.file_name} to the byte; use jsonl or csv.')
    _empty(target)
    for name, group in grouped.items():
        _put(target / PurePosixPath(name).with_suffix(".txt"), "".join(f"{row.caption}\n" for row in group).encode())


def _write_webdataset(target: Path, caption_rows: list[CaptionRow]) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, group in _by_file(caption_rows).items():
            told = [{"text": row.caption, **_beyond_the_text(row)} for row in group]
            sample = json.dumps({"image": group[0].image, "captions": told}, ensure_ascii=False).encode()
            entry = tarfile.TarInfo(PurePosixPath(name).with_suffix(".json").as_posix())
            entry.size = len(sample)
            archive.addfile(entry, io.BytesIO(sample))
    _put(target, content.getvalue())


def _beyond_the_text(row: CaptionRow) -> dict[str, str | None]:
    return {name: value for name, value in asdict(row).items() if name not in ("file_name", "image", "caption")}


def _empty(folder: Path) -> None:
    """Make a folder, or take one that is empty."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConflictError(f"{folder} is not empty; name a new folder.")


_WRITERS: dict[str, Callable[[Path, list[CaptionRow]], None]] = {
    "lcad": _write_lcad,
    "jsonl": _write_jsonl,
    "csv": _write_csv,
    "coco": _write_coco,
    "imagefolder": _write_imagefolder,
    "folder": _write_beside,
    "sd-scripts": _write_beside,
    "webdataset": _write_webdataset,
    "label-studio": _write_label_studio,
}
FORMATS = tuple(_WRITERS)
"""The formats that captions are written in."""
