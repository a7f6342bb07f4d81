"""Where images are from: their source, who made them, under which license, and the address that they were found at.

Given at the import, or to many images at once as one batch that can be undone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from db.models import Image
from workbench.errors import InvalidInputError, NotFoundError
from workbench.store import Opening, batches, events
from workbench.texts import is_text

LONGEST = 2000
PART = 500
"""Images that one transaction credits."""


@dataclass(frozen=True)
class Credit:
    """What is said of where an image is from; None says nothing of a part, an empty text that there is nothing to say."""

    source: str | None = None
    author: str | None = None
    license: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None and (not is_text(value) or len(value) > LONGEST):
                raise InvalidInputError(f"The {name} of an image is a text of at most {LONGEST:,} characters without nulls.")

    def or_else(self, other: "Credit") -> "Credit":
        """This, and what another one says where this says nothing."""
        return Credit(*(mine if mine is not None else theirs for mine, theirs in zip(_values(self), _values(other), strict=True)))

    @property
    def said(self) -> dict[str, Any]:
        """The columns of an image's row that this gives."""
        return {name: (value or ("" if name == "source" else None)) for name, value in vars(self).items() if value is not None}


PARTS = tuple(part.name for part in fields(Credit))


def _values(credit: Credit) -> tuple[str | None, ...]:
    return tuple(getattr(credit, name) for name in PARTS)


def credit_all(session: Session, image_ids: Iterable[int], credit: Credit, *, actor: str, batch_id: str | None = None) -> tuple[str, int]:
    """Give images one credit; return the batch under which that is undone, and how many changed.

    Raises NotFoundError for an unknown image and InvalidInputError where nothing is said.
    """
    return credit_each(session, dict.fromkeys(image_ids, credit), actor=actor, batch_id=batch_id)


def credit_each(
    session: Session, own: Mapping[int, Credit], *, actor: str, batch_id: str | None = None, run_id: int | None = None
) -> tuple[str, int]:
    """Give each image its own credit, as one batch; returns and raises as `credit_all`."""
    if not own or not any(credit.said for credit in own.values()):
        raise InvalidInputError(f"Say what to set: {', '.join(PARTS)}, and of which images.")
    batch, changed = batch_id or events.new_batch(), 0
    for keys in batches(sorted(own)):
        rows = session.execute(select(Image.id, *(getattr(Image, name) for name in PARTS)).where(Image.id.in_(keys))).mappings().all()
        if len(rows) < len(keys):
            raise NotFoundError(f"There is no image {next(iter(set(keys) - {row['id'] for row in rows}))}.")
        changed += _write(session, rows, own, actor, batch, run_id)
    session.expire_all()
    return batch, changed


def credit_in_parts(own: Mapping[int, Credit], *, actor: str, writing: Opening) -> tuple[str, int]:
    """Give each image its own credit, PART of them in one transaction, as one batch; returns and raises as `credit_all`.

    Where it is cut short, the batch is what was changed until then; the same again changes the rest.
    """
    batch, changed = events.new_batch(), 0
    for keys in batches(sorted(own), PART) if own else [[]]:
        with writing() as session:
            changed += credit_each(session, {key: own[key] for key in keys}, actor=actor, batch_id=batch)[1]
    return batch, changed


def _write(
    session: Session, rows: Iterable[Mapping[str, Any]], own: Mapping[int, Credit], actor: str, batch: str, run_id: int | None
) -> int:
    changes, written = [], []
    for row in rows:
        after = {name: value for name, value in own[row["id"]].said.items() if value != row[name]}
        if after:
            changes.append((row["id"], {name: row[name] for name in after}, after))
            written.append({"key": row["id"], **{f"new_{name}": after.get(name, row[name]) for name in PARTS}})
    if written:
        table = Image.__table__
        values = {name: bindparam(f"new_{name}") for name in PARTS}
        session.connection().execute(update(table).where(table.c.id == bindparam("key")).values(**values), written)
    return events.record_many(session, changes, actor=actor, action="credit", subject="image", batch_id=batch, run_id=run_id)
