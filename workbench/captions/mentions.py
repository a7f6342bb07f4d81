"""The stored mentions of captions: rows from a reading, and the reading of an edited caption laid over the one before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session

from db.models import Grounding, Mention, MentionColor
from workbench.levels import Reading
from workbench.store import snapshots

SPAN = ("caption_id", "start", "end")


@dataclass(frozen=True)
class MentionView:
    """A mention, the words of its phrase, and its basic color terms in the text's order."""

    mention: Mention
    phrase: str
    colors: list[str]


@dataclass(frozen=True)
class Rewritten:
    """A caption whose text changed, and the reading of the new one."""

    caption_id: int
    before: str
    after: str
    reading: Reading


def store(session: Session, readings: Sequence[tuple[int, Reading]]) -> dict[int, snapshots.Record]:
    """Insert the mentions of captions that have none yet, `(caption_id, reading)`; return each caption's parts as events hold them."""
    pairs = [(caption_id, mention) for caption_id, reading in readings for mention in _distinct(reading)]
    parts: dict[int, snapshots.Record] = {caption_id: _no_parts() for caption_id, _ in readings}
    if not pairs:
        return parts
    rows = [_row(caption_id, mention) for caption_id, mention in pairs]
    ids = snapshots.insert_keyed(session, Mention.__table__, rows, SPAN)
    colors = []
    for mention_id, row, (caption_id, mention) in zip(ids, rows, pairs, strict=True):
        own = _color_rows(mention_id, mention.colors)
        colors += own
        parts[caption_id]["mention"].append({"id": mention_id, **row})
        parts[caption_id]["mention_color"] += sorted(own, key=lambda color: color["color"])
    if colors:
        session.execute(insert(MentionColor), colors)
    return parts


def parts_of(session: Session, caption_ids: Sequence[int]) -> dict[int, snapshots.Record]:
    """The parts of captions as events hold them: mentions, their colors and their groundings."""
    parts = {caption_id: _no_parts() for caption_id in caption_ids}
    own = Mention.caption_id.in_(caption_ids)
    caption_of = {}
    for row in session.execute(select(Mention.__table__).where(own).order_by(Mention.id)).mappings():
        caption_of[row["id"]] = row["caption_id"]
        parts[row["caption_id"]]["mention"].append(snapshots.plain(Mention.__table__, row))
    for table in (MentionColor.__table__, Grounding.__table__):
        theirs = select(table).where(table.c.mention_id.in_(select(Mention.id).where(own))).order_by(*table.primary_key)
        for row in session.execute(theirs).mappings():
            parts[caption_of[row["mention_id"]]][table.name].append(snapshots.plain(table, row))
    return parts


def reread(session: Session, rewritten: Sequence[Rewritten], old: dict[int, snapshots.Record]) -> None:
    """Replace the mentions of captions by those of their new texts; `old` has their parts. What survives keeps its id and groundings.

    A mention survives where its phrase does, or else where its object does, in order ("a cup" made "a blue cup" is the same cup).
    """
    kept, fresh, colors, groundings = [], [], [], []
    for change in rewritten:
        parts, new = old[change.caption_id], _distinct(change.reading)
        survivors = _survivors(parts["mention"], change.before, new, change.after)
        ids = {mention["id"] for mention in survivors.values()}
        groundings += [row for row in parts["grounding"] if row["mention_id"] in ids]
        for index, mention in enumerate(new):
            row = _row(change.caption_id, mention)
            if index in survivors:
                kept.append({"id": survivors[index]["id"], **row})
                colors += _color_rows(survivors[index]["id"], mention.colors)
            else:
                fresh.append((row, mention.colors))
    session.execute(delete(Mention).where(Mention.caption_id.in_([change.caption_id for change in rewritten])))
    _insert(session, Mention.__table__, kept)
    ids = snapshots.insert_keyed(session, Mention.__table__, [row for row, _ in fresh], SPAN)
    colors += [row for mention_id, (_, terms) in zip(ids, fresh, strict=True) for row in _color_rows(mention_id, terms)]
    _insert(session, MentionColor.__table__, colors)
    _insert(session, Grounding.__table__, groundings)


def of_captions(session: Session, texts: dict[int, str]) -> dict[int, list[MentionView]]:
    """The mentions of captions, given as `{caption_id: text}`, in the order of their texts."""
    views: dict[int, list[MentionView]] = {caption_id: [] for caption_id in texts}
    mentions = session.scalars(select(Mention).where(Mention.caption_id.in_(texts)).order_by(Mention.caption_id, Mention.start)).all()
    by_id = {}
    for mention in mentions:
        view = MentionView(mention, texts[mention.caption_id][mention.start : mention.end], [])
        views[mention.caption_id].append(view)
        by_id[mention.id] = view
    colored = select(MentionColor).join(Mention, Mention.id == MentionColor.mention_id).where(Mention.caption_id.in_(texts))
    for color in session.scalars(colored.order_by(MentionColor.mention_id, MentionColor.position)):
        by_id[color.mention_id].colors.append(color.color)
    return views


def _insert(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(table), [snapshots.typed(table, row) for row in rows])


def _distinct(reading: Reading) -> list:
    """A reading's mentions, one a span."""
    return list({(mention.start, mention.end): mention for mention in reading.mentions}.values())


def _no_parts() -> snapshots.Record:
    return {name: [] for name in snapshots.PARTS["caption"]}


def _row(caption_id: int, mention: Any) -> dict[str, Any]:
    return {
        "caption_id": caption_id,
        "object": mention.object,
        "start": mention.start,
        "end": mention.end,
        "colorable": mention.colorable,
    }


def _color_rows(mention_id: int, colors: Iterable[str]) -> list[dict[str, Any]]:
    return [{"mention_id": mention_id, "color": color, "position": position} for position, color in enumerate(dict.fromkeys(colors))]


def _survivors(old: list[snapshots.Record], old_text: str, new: list, new_text: str) -> dict[int, snapshots.Record]:
    """Which old mention each new one (by index) continues: the same phrase first, then the same object."""
    survivors: dict[int, snapshots.Record] = {}
    remaining = sorted(old, key=lambda mention: mention["start"])
    phrase_before = {mention["id"]: old_text[mention["start"] : mention["end"]].lower() for mention in old}
    for same in (
        lambda before, after: phrase_before[before["id"]] == new_text[after.start : after.end].lower(),
        lambda before, after: before["object"] == after.object,
    ):
        for index, after in enumerate(new):
            match = next((before for before in remaining if index not in survivors and same(before, after)), None)
            if match is not None:
                survivors[index] = match
                remaining.remove(match)
    return survivors
