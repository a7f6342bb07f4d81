"""Finding what a query of the grammar asks for among millions: pages by key, and counts as far as they are wanted.

Three ways lead to the rows. Terms about a caption (words, level, color, object, origin, status, tokens) go as one expression to the
full-text index, which merges its lists in the order of ids and stops where a page or a limit is full. Where anything in the query
leaves only few rows that can match, these are listed first and the whole condition is put to them (`candidates`). Else very many rows
can match, so walking along the ids soon fills a page. Slow is only what is left: frequent terms about images that hardly ever meet.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from db.models import Caption, Image, Mention
from workbench.candidates import among, few_captions, few_images
from workbench.grammar import And, Node, Not, Or, Query, Term
from workbench.indexing import indexable, matching_captions, matching_ids
from workbench.query import about_a_caption, caption_condition, image_condition, like, with_status

__all__ = ["Count", "captions_of", "count_captions", "count_images", "images_of"]

WINDOW = 2_000
"""Images among which the rest of a page is looked for at first."""
WIDER = 16
WALKED = 1_000
"""Matches after which counting one by one ends, where a limit is set at all."""
NOUNS = 300
"""Objects that a pattern may stand for in the index."""


@dataclass(frozen=True)
class Count:
    """How many there are, or that there are more than this."""

    number: int
    more: bool = False


def captions_of(session: Session, query: Query, *, after_id: int | None = None, limit: int) -> list[Caption]:
    """A page of the captions that a query asks for, by id; dropped ones only where it names a status."""
    matches, key, _walks = _captions(session, with_status(_spelled_out(session, query.root)))
    if after_id is not None:
        matches = matches.where(key > after_id)
    return list(session.scalars(matches.order_by(key).limit(limit)))


def count_captions(session: Session, query: Query, at_most: int | None = None) -> Count:
    """How many captions a query asks for; not further than `at_most`, and less far where they are counted one by one."""
    root = with_status(_spelled_out(session, query.root))
    if indexable(root):
        return _count(session, matching_ids(session, root), at_most)
    matches, key, walks = _captions(session, root)
    return _count(session, matches.with_only_columns(key), at_most, walks)


def images_of(session: Session, query: Query, *, after_id: int | None = None, limit: int, newest_first: bool = False) -> list[Image]:
    """A page of the images that a query asks for, by id or the newest first."""
    root = _spelled_out(session, query.root)
    few, together, apart = few_images(session, root), *_sides(root)
    matches = select(Image).order_by(Image.id.desc() if newest_first else Image.id).limit(limit)
    if after_id is not None:
        matches = matches.where(Image.id < after_id if newest_first else Image.id > after_id)
    if few is not None:
        return list(session.scalars(matches.where(among(session, Image.id, few), image_condition(root, every=False))))
    if not together.nodes or not indexable(together):
        return list(session.scalars(matches.where(image_condition(root, every=False))))
    return _described_page(
        session, matches.where(image_condition(apart, every=False)), with_status(together), after_id, newest_first, limit
    )


def _described_page(session: Session, matches: Select, together: Node, after_id: int | None, newest_first: bool, limit: int) -> list[Image]:
    """A page of images with a caption that the index finds among very many: looked for near the page's beginning, then further on."""
    last = session.scalar(select(func.max(Image.id))) or 0
    described, key = matching_captions(session, together)
    image_ids = described.with_only_columns(Caption.image_id)
    width = WINDOW
    while True:
        low, high = ((after_id or last + 1) - width, after_id or last + 1) if newest_first else (after_id or 0, (after_id or 0) + width)
        near = Caption.image_id.between(low, high)
        first, final = session.execute(select(func.min(Caption.id), func.max(Caption.id)).where(near)).one()
        found = matches.where(Image.id.between(low, high), Image.id.in_(image_ids.where(key.between(first, final), near)))
        page = [] if first is None else list(session.scalars(found))
        if len(page) == limit or (low <= 0 and newest_first) or (high > last and not newest_first):
            return page
        width *= WIDER


def count_images(session: Session, query: Query, at_most: int | None = None) -> Count:
    """How many images a query asks for; not further than `at_most`, and less far where they are counted one by one."""
    root = _spelled_out(session, query.root)
    if root == And(()):
        return Count(session.scalar(select(func.count()).select_from(Image)))
    few = few_images(session, root)
    if few is not None:
        return _count(session, select(Image.id).where(among(session, Image.id, few), image_condition(root, every=False)), at_most)
    together, apart = _sides(root)
    if at_most is None or not together.nodes or not indexable(together):
        return _count(session, select(Image.id).where(image_condition(root, every=at_most is None)), at_most, walks=True)
    described, _key = matching_captions(session, with_status(together))
    if apart.nodes:
        described = described.join(Image, Image.id == Caption.image_id).where(image_condition(apart, every=False))
    return _count(session, described.with_only_columns(Caption.image_id).distinct(), at_most, walks=bool(apart.nodes))


def _count(session: Session, ids: Select, at_most: int | None, walks: bool = False) -> Count:
    if at_most is None:
        return Count(session.scalar(select(func.count()).select_from(ids.subquery())))
    limit = min(at_most, WALKED) if walks else at_most
    number = session.scalar(select(func.count()).select_from(ids.limit(limit + 1).subquery()))
    return Count(min(number, limit), number > limit)


def _captions(session: Session, root: Node) -> tuple[Select, ColumnElement[int], bool]:
    """The captions that a part of a query asks for, the column of their ids by which to page, and whether this walks along them."""
    few = None if indexable(root) else few_captions(session, root)
    if few is not None:
        return select(Caption).where(few.condition(session), caption_condition(root, every=False)), Caption.id, False
    nodes = root.nodes if isinstance(root, And) else (root,)
    quick, slow = And(tuple(filter(indexable, nodes))), And(tuple(node for node in nodes if not indexable(node)))
    matches, key = matching_captions(session, quick)
    return (matches.where(caption_condition(slow, every=False)), key, True) if slow.nodes else (matches, key, False)


def _sides(root: Node) -> tuple[And, And]:
    """What must be true of one and the same caption of an image, and the rest."""
    nodes = root.nodes if isinstance(root, And) else (root,)
    return And(tuple(filter(about_a_caption, nodes))), And(tuple(node for node in nodes if not about_a_caption(node)))


def _spelled_out(session: Session, node: Node) -> Node:
    """The same query with the objects that its patterns stand for, where they are not too many."""
    match node:
        case And(nodes) | Or(nodes):
            return type(node)(tuple(_spelled_out(session, inner) for inner in nodes))
        case Not(inner):
            return Not(_spelled_out(session, inner))
        case Term("object", values) if any("*" in value for value in values):
            found = [noun for value in values for noun in (_nouns(session, value) if "*" in value else [value])]
            return Term("object", tuple(found)) if len(found) <= NOUNS else node
    return node


def _nouns(session: Session, pattern: str) -> list[str]:
    """The objects that a pattern stands for, at most one more than NOUNS, by leaping from each to the next in the index."""
    known = select(func.min(Mention.object).label("noun")).cte("known", recursive=True)
    following = select(func.min(Mention.object)).where(Mention.object > known.c.noun).scalar_subquery()
    known = known.union_all(select(following).where(known.c.noun.is_not(None)))
    return list(session.scalars(select(known.c.noun).where(like(known.c.noun, pattern)).limit(NOUNS + 1)))
