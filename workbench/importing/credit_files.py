"""Where images are from, read from a file: CSV, JSONL or a JSON list with the columns file, source, author, license and url.

said = read("sources.csv")
outcome = apply(said, actor="me", reading=store.reading, writing=store.writing)  # by names, as captions (`caption_files.match`)
events.rollback(session, outcome.batch, actor="me")
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from workbench import images
from workbench.errors import InvalidInputError
from workbench.images import Credit
from workbench.importing import caption_files
from workbench.importing.archives import open_tree
from workbench.importing.items import Notes, credit_of
from workbench.importing.tables import TABLE_SUFFIXES, rows_of
from workbench.store import Opening

__all__ = ["Outcome", "Said", "apply", "read"]


@dataclass
class Said:
    """What a file says by the names of its pictures, and its rows that cannot be used, each with the reason."""

    notes: dict[str, Notes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """The batch of a file's credits, how many images changed, and (name, reason) of what fits none."""

    batch: str
    changed: int
    unmatched: list[tuple[str, str]]


def read(place: str | Path) -> Said:
    """Read a file of credits. Raises InvalidInputError where it holds none, NotFoundError where there is no file."""
    name = str(place)
    if not name.lower().endswith(TABLE_SUFFIXES):
        raise InvalidInputError(f"{place} is no table of sources; it should be CSV, JSONL or a JSON list of objects.")
    said = Said()
    tree = open_tree(place)
    for member in tree.names():
        for file_name, notes in rows_of(member, tree.read(member)):
            said.problems += notes.problems
            if file_name and credit_of(notes).said:
                said.notes.setdefault(file_name, Notes()).add(notes)
    if not said.notes:
        raise InvalidInputError(f"{place} says of no picture where it is from; its columns are file, {', '.join(images.CREDIT_PARTS)}.")
    return said


def apply(said: Said, *, actor: str, reading: Opening, writing: Opening) -> Outcome:
    """Give images the credits of a file, as one batch, some in each transaction.

    Raises InvalidInputError where none of its names is an image.
    """
    with reading() as session:
        matches = caption_files.match(session, said.notes)
    if not matches.names:
        raise InvalidInputError(f"None of the {len(said.notes):,} names in the file is an image of the store: {_first(matches.unmatched)}")
    credits_by_image = {key: _credit(said, names) for key, names in matches.names.items()}
    batch, changed = images.credit_in_parts(credits_by_image, actor=actor, writing=writing)
    return Outcome(batch, changed, matches.unmatched)


def _credit(said: Said, names: Iterable[str]) -> Credit:
    return credit_of(caption_files.together(said.notes, names))


def _first(unmatched: list[tuple[str, str]]) -> str:
    return unmatched[0][1] if unmatched else ""
