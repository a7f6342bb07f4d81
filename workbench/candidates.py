"""The few rows that a query can be about: lists of ids, from whichever of its terms leaves the fewest."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import JSON, ColumnElement, Select, String, bindparam, cast, func, select
from sqlalchemy.orm import Session

from db.base import Int64
from db.models import Caption, Colorization, Duplicate, Grounding, Image, ImageTag, Mention, Region, Review
from workbench.grammar import And, Node, Or, Span, Term
from workbench.indexing import indexable, matching_ids
from workbench.query import about_a_caption, caption_condition, image_term, like, with_status

__all__ = ["FewCaptions", "among", "few_captions", "few_images"]

FEW = 30_000
"""Ids that are listed before the whole condition is put to their rows."""
VERY_FEW = 300
"""So few that no shorter list is looked for."""


@dataclass
class FewCaptions:
    """Captions by their ids and by those of their images."""

    ids: set[int] = field(default_factory=set)
    image_ids: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.ids) + 4 * len(self.image_ids)

    def condition(self, session: Session) -> ColumnElement[bool]:
        """That a caption is one of them."""
        if not self.image_ids:
            return among(session, Caption.id, self.ids)
        described = select(Caption.id).where(among(session, Caption.image_id, self.image_ids))
        return Caption.id.in_(described.union_all(_numbers(session, self.ids)) if self.ids else described)


Few = TypeVar("Few", FewCaptions, set[int])


def among(session: Session, column: ColumnElement[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """That a number is in a list: one parameter, however long the list is."""
    return column.in_(_numbers(session, ids))


def _numbers(session: Session, ids: Iterable[int]) -> Select:
    listed = bindparam(None, json.dumps(sorted(ids)), String(), unique=True)
    if session.get_bind().dialect.name == "sqlite":
        return select(func.json_each(listed).table_valued("value").c.value)
    return select(cast(func.json_array_elements_text(cast(listed, JSON)).column_valued(), Int64))


def few_captions(session: Session, node: Node) -> FewCaptions | None:
    """Captions among which are all that match, dropped ones included; None where there may be more than FEW."""
    if indexable(node):
        return _captions(_listed(session, matching_ids(session, node)))
    match node:
        case And(nodes):
            quick = tuple(filter(indexable, nodes))
            ways = [inner for inner in nodes if not indexable(inner)] + ([And(quick)] if quick else [])
            return _shortest(lambda way: few_captions(session, way), ways)
        case Or(nodes):
            parts = [few_captions(session, inner) for inner in nodes]
            if None in parts:
                return None
            ids, image_ids = (set().union(*sets) for sets in zip(*((part.ids, part.image_ids) for part in parts), strict=True))
            return FewCaptions(ids, image_ids) if len(ids) + len(image_ids) <= FEW else None
        case Term("caption"):
            return _captions(_listed(session, select(Caption.id).where(caption_condition(node, every=False))))
        case Term("has", values) if set(values) <= set(_CAPTION_HOLDERS):
            return _captions(_union(_listed(session, _CAPTION_HOLDERS[value]()) for value in values))
    image_ids = None if about_a_caption(node) else few_images(session, node)
    return None if image_ids is None else FewCaptions(image_ids=image_ids)


def _captions(ids: set[int] | None) -> FewCaptions | None:
    return None if ids is None else FewCaptions(ids)


def few_images(session: Session, node: Node) -> set[int] | None:
    """Images among which are all that match; None where there may be more than FEW."""
    if about_a_caption(node):
        few = few_captions(session, with_status(node))
        return None if few is None else set(session.scalars(select(Caption.image_id).where(few.condition(session))))
    match node:
        case And(nodes) if nodes:
            together = tuple(filter(about_a_caption, nodes))
            ways = [inner for inner in nodes if not about_a_caption(inner)] + ([And(together)] if together else [])
            return _shortest(lambda way: few_images(session, way), ways)
        case Or(nodes):
            return _union(few_images(session, inner) for inner in nodes)
        case Term("has", values):
            return _union(_listed(session, _HOLDERS[value]()) if value in _HOLDERS else None for value in values)
        case Term(key, values):
            return _union(_listed(session, _ids_of_images(key, value)) for value in values)
    return None


def _ids_of_images(key: str, value: str | Span) -> Select:
    return select(ImageTag.image_id).where(like(ImageTag.tag, value)) if key == "tag" else select(Image.id).where(image_term(key, value))


_HOLDERS: dict[str, Callable[[], Select]] = {
    "colorization": lambda: select(Colorization.image_id).distinct(),
    "duplicate": lambda: select(Duplicate.image_id).union(select(Duplicate.original_id)),
    "mask": lambda: select(Region.image_id).distinct(),
    "review": lambda: select(Colorization.image_id).join(Review, Review.colorization_id == Colorization.id).distinct(),
}

_CAPTION_HOLDERS: dict[str, Callable[[], Select]] = {
    "colorization": lambda: select(Colorization.caption_id).distinct(),
    "mask": lambda: select(Mention.caption_id).join(Grounding, Grounding.mention_id == Mention.id),
    "review": lambda: select(Colorization.caption_id).join(Review, Review.colorization_id == Colorization.id).distinct(),
}


def _listed(session: Session, ids: Select) -> set[int] | None:
    """The ids that a statement finds, handed over as one JSON text; None where there are more than FEW."""
    number = ids.limit(FEW + 1).subquery().c[0]
    together = func.json_group_array if session.get_bind().dialect.name == "sqlite" else func.array_agg
    count, found = session.execute(select(func.count(number), together(number))).one()
    if count > FEW:
        return None
    return set(json.loads(found) if isinstance(found, str) else found or ())


def _shortest(few: Callable[[Node], Few | None], ways: Sequence[Node]) -> Few | None:
    best: Few | None = None
    for way in ways:
        found = few(way)
        if found is not None and (best is None or len(found) < len(best)):
            best = found
        if best is not None and len(best) <= VERY_FEW:
            break
    return best


def _union(parts: Iterable[set[int] | None]) -> set[int] | None:
    union: set[int] = set()
    for part in parts:
        if part is None:
            return None
        union |= part
    return union if len(union) <= FEW else None
