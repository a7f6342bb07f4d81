"""What an edit of many does to some captions at a time: the changes it would make, and making them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from db.base import now
from db.enums import CaptionLevel, CaptionStatus, Origin
from db.models import Caption, ImageTag
from workbench import images, levels
from workbench.captions import captions
from workbench.captions.find_and_replace import Replaced, replacer
from workbench.captions.mentions import Rewritten
from workbench.captions.writes import rewrite
from workbench.errors import InvalidInputError
from workbench.store import events
from workbench.texts import is_text

LONGEST_CAPTION = 20_000
"""Characters that an edit may leave in a caption: a replacement by many matches could grow without end."""


@dataclass(frozen=True)
class Edit:
    """What is to be done to all captions that a query finds, in values that JSON holds.

    `kind` is one of KINDS: replace (pattern, replacement; whole words only unless `inside`, in any case unless `case`, or `regex`: a
    regular expression is read as RE2 does, and its replacement may use its groups, as \\1),
    relevel (level; "" gives them back to the rules), remove (they stay in the store, so that rolling back brings them back), accept
    (what is proposed), retag (add, take: tags of the images that the query finds). With `proposals` the query finds images, and
    what is proposed for them is meant. `left_out` are ids of captions (of images, for retag) that the edit leaves as they are.
    """

    kind: str
    query: str = ""
    pattern: str = ""
    replacement: str = ""
    regex: bool = False
    inside: bool = False
    case: bool = False
    level: str = ""
    add: Sequence[str] = ()
    take: Sequence[str] = ()
    proposals: bool = False
    left_out: Sequence[int] = ()


@dataclass(frozen=True)
class Change:
    """What an edit does to one caption, or to the tags of one image (`caption_id` 0).

    `problem` says why it cannot be done, `batch_id` is set once it is done; the spans [start, end) say what a replacement changes.
    """

    caption_id: int
    image_id: int
    before: str
    after: str
    problem: str = ""
    batch_id: str | None = None
    old_spans: tuple[tuple[int, int], ...] = ()
    new_spans: tuple[tuple[int, int], ...] = ()

    @property
    def subject_id(self) -> int:
        """The id of what is changed."""
        return self.caption_id or self.image_id


@dataclass
class Ahead:
    """What is known before an edit is written.

    The texts, (image id, text), that a preview has given to captions and taken from them; and the readings of texts, made before the
    transaction that gives them to captions.
    """

    claimed: set[tuple[int, str]] = field(default_factory=set)
    freed: set[tuple[int, str]] = field(default_factory=set)
    readings: dict[str, levels.Reading] = field(default_factory=dict)


Make = Callable[[str, str, int | None], None]
"""Makes the changes in the name of (actor, batch id, run id)."""


def about_images(edit: Edit) -> bool:
    """Whether an edit changes images, not captions."""
    return edit.kind == "retag"


def _replaced(session: Session, edit: Edit, keys: Sequence[int], ahead: Ahead | None) -> tuple[list[Change], Make]:
    replace = replacer(edit.pattern, edit.replacement, regex=edit.regex, inside=edit.inside, case=edit.case)
    pairs = [(row, replace(row.text)) for row in _rows(session, keys)]
    known = ahead or Ahead()
    changes = _with_problems(session, [(row, after) for row, after in pairs if after.text != row.text], known)

    def make(actor: str, batch_id: str, run_id: int | None) -> None:
        possible = [change for change in changes if not change.problem]
        unread = list(dict.fromkeys(change.after for change in possible if change.after not in known.readings))
        readings = known.readings | dict(zip(unread, levels.read_captions(unread), strict=True))
        rewritten = [Rewritten(c.caption_id, c.before, c.after, readings[c.after]) for c in possible]
        rewrite(session, rewritten, actor=actor, batch_id=batch_id, run_id=run_id)

    return changes, make


def _releveled(session: Session, edit: Edit, keys: Sequence[int], _ahead: Ahead | None) -> tuple[list[Change], Make]:
    if edit.level not in ("", *CaptionLevel):
        raise InvalidInputError(f'"{edit.level}" is no level; use {", ".join(CaptionLevel)}.')
    origin = Origin.HUMAN if edit.level else Origin.RULE
    levels_for = [(row, edit.level or row.computed_level) for row in _rows(session, keys)]
    differing = [(row, CaptionLevel(level)) for row, level in levels_for if level and (row.level, row.level_origin) != (level, origin)]
    changes = [Change(row.id, row.image_id, row.level.value, level.value) for row, level in differing]

    def make(actor: str, batch_id: str, run_id: int | None) -> None:
        table, moment = Caption.__table__, now()
        values = {"level": bindparam("new_level"), "level_origin": origin, "updated_at": moment}
        statement = update(table).where(table.c.id == bindparam("key")).values(**values)
        session.connection().execute(statement, [{"key": row.id, "new_level": level} for row, level in differing])
        edits = [
            (
                row.id,
                {"level": row.level, "level_origin": row.level_origin, "updated_at": row.updated_at},
                {"level": level, "level_origin": origin, "updated_at": moment},
            )
            for row, level in differing
        ]
        events.record_many(session, edits, actor=actor, action="level", subject="caption", batch_id=batch_id, run_id=run_id)
        session.expire_all()

    return changes, make


def _removed(session: Session, edit: Edit, keys: Sequence[int], _ahead: Ahead | None) -> tuple[list[Change], Make]:
    rows = [row for row in _rows(session, keys) if row.status is not CaptionStatus.DROPPED]
    changes = [Change(row.id, row.image_id, row.text, "") for row in rows]

    def make(actor: str, batch_id: str, run_id: int | None) -> None:
        captions.drop(session, [row.id for row in rows], actor=actor, batch_id=batch_id, run_id=run_id)

    return changes, make


def _accepted(session: Session, edit: Edit, keys: Sequence[int], _ahead: Ahead | None) -> tuple[list[Change], Make]:
    rows = [row for row in _rows(session, keys) if row.status is CaptionStatus.PROPOSED]
    changes = [Change(row.id, row.image_id, row.text, row.text) for row in rows]

    def make(actor: str, batch_id: str, run_id: int | None) -> None:
        captions.accept(session, [row.id for row in rows], actor=actor, batch_id=batch_id, run_id=run_id)

    return changes, make


def _retagged(session: Session, edit: Edit, keys: Sequence[int], _ahead: Ahead | None) -> tuple[list[Change], Make]:
    add, take = ({images.require_tag(word) for word in words} for words in (edit.add, edit.take))
    if not add | take:
        raise InvalidInputError("Name a tag to put on or to take off.")
    before: dict[int, set[str]] = {image_id: set() for image_id in keys}
    for image_id, word in session.execute(select(ImageTag.image_id, ImageTag.tag).where(ImageTag.image_id.in_(keys))):
        before[image_id].add(word)
    after = {image_id: (tags | add) - take for image_id, tags in before.items()}
    changed = [image_id for image_id in keys if before[image_id] != after[image_id]]
    changes = [Change(0, key, ", ".join(sorted(before[key])), ", ".join(sorted(after[key]))) for key in changed]

    def make(actor: str, batch_id: str, run_id: int | None) -> None:
        for word in sorted(add - take):
            images.tag(session, changed, word, actor=actor, batch_id=batch_id, run_id=run_id)
        for word in sorted(take):
            images.untag(session, changed, word, actor=actor, batch_id=batch_id, run_id=run_id)

    return changes, make


KINDS: dict[str, Callable[[Session, Edit, Sequence[int], Ahead | None], tuple[list[Change], Make]]] = {
    "replace": _replaced,
    "relevel": _releveled,
    "remove": _removed,
    "accept": _accepted,
    "retag": _retagged,
}
"""Of each kind of edit, what it would do to the things with these keys (no longer ones that are gone), and doing it."""


def _rows(session: Session, keys: Sequence[int]) -> Sequence[Row]:
    columns = (Caption.id, Caption.image_id, Caption.text, Caption.status, Caption.level, Caption.computed_level)
    statement = select(*columns, Caption.level_origin, Caption.updated_at).where(Caption.id.in_(keys))
    return session.execute(statement.order_by(Caption.id)).all()


def _with_problems(session: Session, pairs: Sequence[tuple[Row, Replaced]], ahead: Ahead) -> list[Change]:
    """The changes of rows to new texts, each with why it cannot be done."""
    near = select(Caption.image_id, Caption.text).where(Caption.image_id.in_({row.image_id for row, _after in pairs}))
    taken = {(image_id, text) for image_id, text in session.execute(near)} if pairs else set()
    taken = (taken - ahead.freed) | ahead.claimed
    changes = []
    for row, after in pairs:
        place = (row.image_id, after.text)
        problem = "It would have no words left." if not after.text.strip() else ""
        problem = problem or (f"It would have more than {LONGEST_CAPTION:,} characters." if len(after.text) > LONGEST_CAPTION else "")
        problem = problem or ("" if is_text(after.text) else "It would hold a character that is no text.")
        problem = problem or ("Its image has that caption already." if place in taken else "")
        change = Change(row.id, row.image_id, row.text, after.text, problem, old_spans=after.old_spans, new_spans=after.new_spans)
        changes.append(change)
        taken.add(place)
    for change in changes:
        if not change.problem:
            ahead.claimed.add((change.image_id, change.after))
            ahead.freed.add((change.image_id, change.before))
    return changes
