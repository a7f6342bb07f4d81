"""Captions without their pictures: read from any file that describes images, and given to the images that are in the store.

described = read("captions.jsonl")                   # file name, or name without suffix → Notes
found = match(session, described)                    # image id → names in the file, and what fits no image, with the reason
notes = {image_id: together(described, names) for image_id, names in found.names.items()}
store(session, notes, author="ann")                  # doing it twice adds nothing
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import CaptionStatus, Origin
from db.models import Caption, Image
from workbench import captions, levels
from workbench.captions import NewCaption, Stored
from workbench.errors import InvalidInputError
from workbench.importing.archives import Tree, open_tree
from workbench.importing.file_kinds import PICTURES
from workbench.importing.items import ItemCaption, Notes
from workbench.importing.sidecars import SIDECAR_SUFFIXES, notes_of_sidecars
from workbench.importing.tables import TABLE_SUFFIXES, rows_of
from workbench.store import batches, events
from workbench.texts import legible

__all__ = ["Matched", "match", "read", "store", "together"]

KINDS = {"lcad": "lcad", "coco": "coco", "csv": "csv", "jsonl": "jsonl", "label-studio": "jsonl", "imagefolder": None}
"""Formats that are tables, with the reader of each; None lets the file say it."""
BESIDE = ("folder", "webdataset", "sd-scripts")
"""Formats with a file of captions for each picture."""


@dataclass
class Matched:
    """The names that mean an image, by its id, in the file's order, and (name, reason) of what means none."""

    names: dict[int, list[str]] = field(default_factory=dict)
    unmatched: list[tuple[str, str]] = field(default_factory=list)


def read(place: str | Path, format: str = "auto") -> dict[str, Notes]:  # noqa: A002
    """What a table, a folder or an archive says of each picture that it names; "1" stands for "1.jpg" where the suffix is not told.

    Raises InvalidInputError for a broken or foreign file and for a format that is not read, NotFoundError where there is nothing.
    """
    if format not in ("auto", *KINDS, *BESIDE):
        raise InvalidInputError(f'Captions are not read as "{format}"; use one of auto, {", ".join([*KINDS, *BESIDE])}.')
    tree, described = open_tree(place), {}
    names = [name for name in tree.names() if PurePosixPath(name).suffix.lower() in (*TABLE_SUFFIXES, *SIDECAR_SUFFIXES)]
    tables = [] if format in BESIDE else _tables(tree, names, alone=str(place).lower().endswith(TABLE_SUFFIXES), format=format)
    for name in tables:
        for file_name, notes in rows_of(name, tree.read(name), KINDS.get(format)):
            described.setdefault(file_name, Notes()).add(notes)
    if not tables:
        for name in names:
            described.setdefault(_stem(name), Notes()).add(notes_of_sidecars(tree, [name]))
    if not described:
        raise InvalidInputError(f"{place} has no captions that can be read as {format}.")
    return described


def match(session: Session, described: Mapping[str, Notes]) -> Matched:
    """The image of each name: the one with the row's hash, else the only one whose path is that name, ends with it, or is its end."""
    hashes = {notes.sha256 for notes in described.values() if notes.sha256}
    by_hash: dict[str, int] = {}
    for some in batches(sorted(hashes)):
        by_hash |= dict(map(tuple, session.execute(select(Image.sha256, Image.id).where(Image.sha256.in_(some)))))
    shelf: _Names | None = None
    matched = Matched()
    for name, notes in described.items():
        if notes.sha256 in by_hash:
            image_ids = [by_hash[notes.sha256]]
        else:
            shelf = shelf or _Names(session)  # read once, and only where some name needs it
            image_ids = shelf.called(name)
        if len(image_ids) == 1:
            matched.names.setdefault(image_ids[0], []).append(name)
        elif image_ids:
            matched.unmatched.append((name, f'{len(image_ids)} images of the store are called "{name}"; name the folder too.'))
        else:
            matched.unmatched.append((name, f'No image of the store is called "{name}"; import the picture first.'))
    return matched


def together(described: Mapping[str, Notes], names: Iterable[str]) -> Notes:
    """What a file says under several names."""
    notes = Notes()
    for name in names:
        notes.add(described[name])
    return notes


def store(
    session: Session, described: Mapping[int, Notes], *, author: str, proposed: bool = False, run_id: int | None = None
) -> tuple[Stored, list[tuple[str, str]]]:
    """Add captions to images, with what our own files say of them; return what was stored and (text, reason) of what could not be.

    With `proposed`, captions of unknown provenance wait for a person's word. A caption made from another one follows it.
    """
    entries = [(image_id, caption) for image_id, notes in described.items() for caption in notes.captions]
    readings = levels.read_captions([legible(caption.text) for _, caption in entries])
    waiting, refused = [], []
    for (image_id, caption), reading in zip(entries, readings, strict=True):
        try:
            captions.require_text(caption.text)
            waiting.append((image_id, caption, reading))
        except InvalidInputError as error:
            refused.append((caption.text, str(error)))
    keys = _present(session, described)
    ids: list[int] = []
    added = 0
    while waiting:
        ready = [entry for entry in waiting if _source(entry[1]) is None or (entry[0], _source(entry[1])) in keys]
        ready = ready or waiting  # what it was made from is nowhere: it stands alone
        rows = [_entry(image_id, caption, reading, keys, proposed) for image_id, caption, reading in ready]
        stored = captions.add_many(
            session,
            rows,
            text_origin=Origin.IMPORTED,
            author=author,
            run_id=run_id,
            batch_id=events.batch_of_run(run_id) if run_id else None,
        )
        keys |= {(row.image_id, row.text): key for row, key in zip(rows, stored.ids, strict=True)}
        ids, added = [*ids, *stored.ids], added + stored.added
        done = set(map(id, ready))
        waiting = [entry for entry in waiting if id(entry) not in done]
    return Stored(ids, added), refused


def _entry(image_id: int, caption: ItemCaption, reading: levels.Reading, keys: Mapping[tuple[int, str], int], proposed: bool) -> NewCaption:
    told = caption.provenance
    if told is None:
        return NewCaption(image_id, caption.text, caption.level, reading=reading, status=CaptionStatus.PROPOSED if proposed else None)
    by_rule = told.level_origin is Origin.RULE
    return NewCaption(
        image_id, caption.text, None if by_rule else caption.level, keys.get((image_id, told.derived_from or "")), reading,
        told.text_origin, told.level_origin, told.status, told.author or None,
    )  # fmt: skip


def _source(caption: ItemCaption) -> str | None:
    return caption.provenance.derived_from if caption.provenance else None


def _present(session: Session, image_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    """The captions that some images have, (image id, text) → id."""
    existing: dict[tuple[int, str], int] = {}
    for some in batches(image_ids):
        rows = session.execute(select(Caption.image_id, Caption.text, Caption.id).where(Caption.image_id.in_(some)))
        existing |= {(image_id, text): key for image_id, text, key in rows}
    return existing


def _tables(tree: Tree, names: Sequence[str], *, alone: bool, format: str) -> list[str]:  # noqa: A002
    """The tables to read: the file itself, or in a folder those of the format, or what `metadata` and `captions` files there are."""
    if alone or format in ("coco", "lcad", "csv", "jsonl", "label-studio"):
        suffixes = {"csv": (".csv", ".tsv"), "jsonl": (".jsonl",)}.get(format, TABLE_SUFFIXES)
        return list(names) if alone else [name for name in names if name.lower().endswith(suffixes)]
    known = ("metadata", "caption", "annotation")
    return [name for name in names if name.lower().endswith(TABLE_SUFFIXES) and any(word in _stem(name).lower() for word in known)]


def _stem(name: str) -> str:
    """A path without the suffix of a table, a side file or a picture."""
    suffix = PurePosixPath(name).suffix.lower()
    return name[: -len(suffix)] if suffix in PICTURES or suffix in (*SIDECAR_SUFFIXES, *TABLE_SUFFIXES) else name


class _Names:
    """The file names of all images, by every end of their paths, with suffix and without."""

    def __init__(self, session: Session):
        self._by_end: dict[str, list[int]] = {}
        rows = iter(session.execute(select(Image.file_name, Image.id).execution_options(yield_per=2000)))
        while some := list(islice(rows, 2000)):
            for name, image_id in some:
                for end in _ends(name):
                    self._by_end.setdefault(end, []).append(image_id)

    def called(self, name: str) -> list[int]:
        """The images that a table means by a name: the longest end of it that any image has."""
        return next((self._by_end[end] for end in _ends_of_path(name) if end in self._by_end), [])


def _ends(name: str) -> set[str]:
    whole = name.replace("\\", "/").lstrip("./")
    return {end for form in (whole, _stem(whole)) for end in _ends_of_path(form)}


def _ends_of_path(name: str) -> list[str]:
    """a/b/c, b/c, c."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    return ["/".join(parts[start:]) for start in range(len(parts))]
