"""Edits of many captions, each a preview first, then one batch: find and replace, relevel, remove, accept, and tags of their images.

edit = Edit("replace", "level:complete", pattern="grey", replacement="gray")
bulk_edits.preview(session, edit)                                # what it would do
batch_id, changes = bulk_edits.apply(session, edit, actor="ann")  # done
events.rollback(session, batch_id, actor="ann")                  # taken back

Others wait for CHUNK changes at most: `apply_in_parts` makes so many in one transaction, and reads texts before it. More than AT_ONCE
changes are the job's, `edit_captions`.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import CaptionStatus
from db.models import Caption, Event
from workbench import levels, search
from workbench.captions.bulk_edit_kinds import KINDS, Ahead, Change, Edit, about_images
from workbench.search import parse
from workbench.store import Opening, batches, events

AT_ONCE = 500
"""Changes that are made, or taken back, while somebody waits for them; more are a job's."""
CHUNK = 100
"""Captions that are looked at, and changed in one transaction, together."""
LOOKED_AT = 100_000
"""Captions, of those that match, at which a preview looks."""
SHOWN = 200
"""Changes that a preview lists; all that it looks at are counted."""


@dataclass(frozen=True)
class Preview:
    """What an edit would do: its first changes, how many it can make and how many not, and whether there may be more of them."""

    first: list[Change]
    possible: int
    refused: int
    more: bool

    @property
    def number(self) -> search.Count:
        """How many changes the edit can make."""
        return search.Count(self.possible, self.more)


def preview(session: Session, edit: Edit, shown: int = SHOWN) -> Preview:
    """What an edit would do to the first LOOKED_AT captions that match.

    Captions that would become empty, or equal to another one of their image, are listed with their problem and left alone. Raises
    InvalidInputError for what no edit can be: a broken expression, a tag that has no name, a removal of whatever there is.
    """
    keys = _matching(session, edit, LOOKED_AT + 1)
    first: list[Change] = []
    possible = refused = 0
    for change in _changes(session, edit, keys[:LOOKED_AT]):
        first += [change] if len(first) < shown else []
        possible, refused = possible + (not change.problem), refused + bool(change.problem)
    return Preview(first, possible, refused, len(keys) > LOOKED_AT)


def takes_long(looked_at: Preview) -> bool:
    """Whether an edit is one for the job, not for a transaction."""
    return looked_at.more or looked_at.possible > AT_ONCE


def affected(session: Session, edit: Edit) -> list[int]:
    """The ids of all captions (of images, for tags) that an edit would change, or has to leave alone."""
    return [change.subject_id for change in _changes(session, edit, _matching(session, edit))]


def apply(
    session: Session,
    edit: Edit,
    *,
    actor: str,
    keys: Sequence[int] | None = None,
    batch_id: str | None = None,
    run_id: int | None = None,
    ahead: Ahead | None = None,
) -> tuple[str, list[Change]]:
    """Make the changes, of all that match or of those with these keys, as one batch; return its name and what was done or left alone."""
    batch_id = batch_id or events.new_batch()
    done: list[Change] = []
    for some in batches(_matching(session, edit) if keys is None else keys, CHUNK):
        changes, make = KINDS[edit.kind](session, edit, some, ahead)
        if any(not change.problem for change in changes):
            make(actor, batch_id, run_id)
        done += [change if change.problem else dataclasses.replace(change, batch_id=batch_id) for change in changes]
    return batch_id, done


def apply_in_parts(edit: Edit, *, actor: str, reading: Opening, writing: Opening) -> tuple[str, list[Change]]:
    """Make the changes of all that match, CHUNK in one transaction, as one batch; returns as `apply`.

    Where it is cut short, the batch is what was changed until then, and can be taken back.
    """
    batch_id, done = events.new_batch(), list[Change]()
    with reading() as session:
        keys = _matching(session, edit)
    for some in batches(keys, CHUNK):
        with reading() as session:
            ahead = read_ahead(session, edit, some)
        with writing() as session:
            done += apply(session, edit, actor=actor, keys=some, batch_id=batch_id, ahead=ahead)[1]
    return batch_id, done


def read_ahead(session: Session, edit: Edit, keys: Sequence[int]) -> Ahead:
    """The readings of the texts that an edit would give to captions: reading them takes longer than writing them."""
    texts: list[str] = []
    if edit.kind == "replace":
        changes, _make = KINDS[edit.kind](session, edit, keys, Ahead())
        texts = list(dict.fromkeys(change.after for change in changes if not change.problem))
    return Ahead(readings=dict(zip(texts, levels.read_captions(texts), strict=True)))


def not_yet(session: Session, edit: Edit, keys: Sequence[int], batch_id: str) -> list[int]:
    """Those of the keys in which a batch has changed nothing so far: a step that is repeated leaves the others alone."""
    subjects = [str(key) for key in keys]
    if about_images(edit):
        subjects = [f"{key}:{word.strip()}" for key in keys for word in (*edit.add, *edit.take)]
    subject = "image_tag" if about_images(edit) else "caption"
    told = select(Event.subject_id).where(Event.subject == subject, Event.subject_id.in_(subjects), Event.batch_id == batch_id)
    changed = {int(key.partition(":")[0]) for key in session.scalars(told)}
    return [key for key in keys if key not in changed]


def _changes(session: Session, edit: Edit, keys: Sequence[int]) -> Iterator[Change]:
    ahead = Ahead()
    KINDS[edit.kind](session, edit, [], ahead)  # refuses what no edit can be, also where nothing matches
    for some in batches(keys, CHUNK):
        yield from KINDS[edit.kind](session, edit, some, ahead)[0]


def _matching(session: Session, edit: Edit, most: int | None = None) -> list[int]:
    """The ids of what an edit is about, in order."""
    query = parse(edit.query)
    if edit.proposals:
        of_images = Caption.image_id.in_(search.ids_of_images(session, query))
        statement = select(Caption.id).where(Caption.status == CaptionStatus.PROPOSED, of_images)
    else:
        statement = (search.ids_of_images if about_images(edit) else search.ids_of_captions)(session, query)
    matching = statement.subquery()
    left_out = set(edit.left_out)
    keys = session.scalars(select(matching.c[0]).order_by(matching.c[0]).limit(most and most + len(left_out)))
    return [key for key in keys if key not in left_out][:most]
