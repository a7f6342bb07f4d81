"""The stored mentions of captions: rows from a reading, and the reading of an edited caption laid over the one before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.models import Mention, MentionColor
from workbench import records
from workbench.levels import Reading

__all__ = ["MentionView", "of_captions", "reread", "store"]

SPAN = ("caption_id", "start", "end")


@dataclass(frozen=True)
class MentionView:
    """A mention, the words of its phrase, and its basic color terms in the text's order."""

    mention: Mention
    phrase: str
    colors: list[str]


def store(session: Session, readings: Sequence[tuple[int, Reading]]) -> dict[int, records.Record]:
    """Insert the mentions of captions that have none yet, `(caption_id, reading)`; return each caption's parts as events hold them."""
    found = [(caption_id, mention) for caption_id, reading in readings for mention in _distinct(reading)]
    parts: dict[int, records.Record] = {caption_id: _no_parts() for caption_id, _ in readings}
    if not found:
        return parts
    rows = [_row(caption_id, mention) for caption_id, mention in found]
    ids = records.insert_keyed(session, Mention.__table__, rows, SPAN)
    colors = []
    for mention_id, row, (caption_id, mention) in zip(ids, rows, found, strict=True):
        own = _color_rows(mention_id, mention.colors)
        colors += own
        parts[caption_id]["mention"].append({"id": mention_id, **row})
        parts[caption_id]["mention_color"] += sorted(own, key=lambda color: color["color"])
    if colors:
        session.execute(insert(MentionColor), colors)
    return parts


def reread(session: Session, caption_id: int, old_text: str, new_text: str, reading: Reading) -> None:
    """Replace a caption's mentions by those of its new text; one that survives keeps its id and its groundings.

    A mention survives where its phrase does, or else where its object does, in order ("a cup" made "a blue cup" is the same cup).
    """
    old = records.snapshot(session, "caption", caption_id)
    new = _distinct(reading)
    survivors = _survivors(old["mention"], old_text, new, new_text)
    kept = {mention["id"] for mention in survivors.values()}
    rows = [{"id": survivors[index]["id"], **_row(caption_id, mention)} for index, mention in enumerate(new) if index in survivors]
    colors = [row for index, mention in enumerate(new) if index in survivors for row in _color_rows(survivors[index]["id"], mention.colors)]
    groundings = [row for row in old["grounding"] if row["mention_id"] in kept]
    records.replace_parts(session, "caption", caption_id, {"mention": rows, "mention_color": colors, "grounding": groundings})
    fresh = [mention for index, mention in enumerate(new) if index not in survivors]
    if fresh:
        fresh_rows = [_row(caption_id, mention) for mention in fresh]
        ids = records.insert_keyed(session, Mention.__table__, fresh_rows, SPAN)
        fresh_colors = [row for mention_id, mention in zip(ids, fresh, strict=True) for row in _color_rows(mention_id, mention.colors)]
        if fresh_colors:
            session.execute(insert(MentionColor), fresh_colors)


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


def _distinct(reading: Reading) -> list:
    """A reading's mentions, one a span."""
    return list({(mention.start, mention.end): mention for mention in reading.mentions}.values())


def _no_parts() -> records.Record:
    return {name: [] for name in records.PARTS["caption"]}


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


def _survivors(old: list[records.Record], old_text: str, new: list, new_text: str) -> dict[int, records.Record]:
    """Which old mention each new one (by index) continues: the same phrase first, then the same object."""
    survivors: dict[int, records.Record] = {}
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
