"""Finding what a query of the grammar asks for among a million captions: pages by key, and counts.

On SQLite almost every query is one expression of the full-text index (`indexing`), which finds rows in the order of their ids and counts
them. Two things are beyond it: names of files, and whether one and the same caption of an image has all that is asked for. Where they
leave few rows, these are listed first; where they leave many, walking along the index soon fills a page, and the count ends at WALKED.
Alternatives (OR) of both kinds are found apart and merged. On PostgreSQL the conditions of `query` are put to the database as they are.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, exists, false, func, literal_column, not_, or_, select
from sqlalchemy.orm import Session, aliased

from db.enums import CaptionStatus
from db.models import Caption, Image, refresh_search
from workbench import indexing
from workbench.grammar import And, Node, Not, Or, Query, Term, Words
from workbench.indexing import CAPTIONS, IMAGES, match
from workbench.patterns import spelled_out
from workbench.query import about_a_caption, caption_condition, caption_filter, image_condition, image_filter, names_status, within

__all__ = ["Count", "captions_of", "count_captions", "count_images", "ids_of_captions", "ids_of_images", "images_of"]

CAPTION_ID, IMAGE_ID = literal_column("+caption_search.rowid"), literal_column("+image_search.rowid")
"""The ids as something that a row is tested by, not found by: to look up a row in the index costs a hundred times its test."""
NOT_DROPPED = Not(Term("status", (CaptionStatus.DROPPED.value,)))
PROBED = 500
"""Rows that are looked up one by one in the index."""
FEW = 5_000
"""Captions whose images are listed before anything else is asked of them."""
WALKED = 2_000
"""Where a count ends that walks from row to row."""
COUNTED = 250_000
"""Where any count of a query ends: a million rows of the index take most of the time that a page has for its answer."""

Ids = tuple[Select, ColumnElement[int], bool]
"""A statement that finds ids, their column, and whether it walks from row to row."""


class Count(int):
    """How many there are; with `more`, that there are more than this."""

    more: bool

    def __new__(cls, number: int, more: bool = False):
        count = super().__new__(cls, number)
        count.more = more
        return count


def captions_of(session: Session, query: Query, *, after_id: int | None = None, limit: int) -> list[Caption]:
    """A page of the captions that a query asks for, by id; dropped ones only where it names a status."""
    ids = _page(session, _captions(session, query), after_id, limit, newest_first=False)
    return list(session.scalars(select(Caption).where(Caption.id.in_(ids)).order_by(Caption.id)))


def count_captions(session: Session, query: Query) -> Count:
    """How many captions a query asks for."""
    return _count(session, _captions(session, query))


def images_of(session: Session, query: Query, *, after_id: int | None = None, limit: int, newest_first: bool = False) -> list[Image]:
    """A page of the images that a query asks for, by id or the newest first."""
    ids = _page(session, _images(session, query), after_id, limit, newest_first)
    return list(session.scalars(select(Image).where(Image.id.in_(ids)).order_by(Image.id.desc() if newest_first else Image.id)))


def count_images(session: Session, query: Query) -> Count:
    """How many images a query asks for; those of a store are counted however many they are."""
    if query.root == And(()):
        return Count(session.scalar(select(func.count(Image.id))))
    return _count(session, _images(session, query, counted=True))


def ids_of_captions(session: Session, query: Query) -> Select:
    """The ids of the captions that a query asks for, as a statement to be put within another."""
    return _together(_captions(session, query))


def ids_of_images(session: Session, query: Query) -> Select:
    """The ids of the images that a query asks for, as a statement to be put within another."""
    return _together(_images(session, query))


def _page(session: Session, alternatives: list[Ids], after_id: int | None, limit: int, newest_first: bool) -> list[int]:
    found: set[int] = set()
    for matching, key, _walks in alternatives:
        if after_id is not None:
            matching = matching.where(key < after_id if newest_first else key > after_id)
        found.update(session.scalars(matching.order_by(key.desc() if newest_first else key).limit(limit)))
    return sorted(found, reverse=newest_first)[:limit]


def _count(session: Session, alternatives: list[Ids]) -> Count:
    if len(alternatives) == 1:
        matching, _key, walks = alternatives[0]
        most = WALKED if walks else COUNTED
        number = session.scalar(select(func.count()).select_from(matching.limit(most + 1).subquery()))
        return Count(min(number, most), number > most)
    found: set[int] = set()
    for matching, _key, _walks in alternatives:
        found.update(session.scalars(matching.limit(WALKED + 1)))
    return Count(min(len(found), WALKED), len(found) > WALKED)


def _together(alternatives: list[Ids]) -> Select:
    statements = [matching for matching, _key, _walks in alternatives]
    return statements[0] if len(statements) == 1 else select(statements[0].union(*statements[1:]).subquery().c[0])


def _indexed(session: Session) -> bool:
    """Whether the store has the index of facts; it is brought up to date for what this session changed."""
    session.flush()
    refresh_search(session.connection())
    return session.get_bind().dialect.name == "sqlite"


def _captions(session: Session, query: Query) -> list[Ids]:
    """The captions that a query asks for, as alternatives that may overlap."""
    if not _indexed(session):
        return [(select(Caption.id).where(caption_filter(query)), Caption.id, True)]
    root = spelled_out(session, query.root)
    apart = isinstance(root, Or) and indexing.of_captions(root) is None
    kept = () if names_status(root) else (NOT_DROPPED,)
    return [_some_captions(session, (*_conjuncts(part), *kept)) for part in (root.nodes if apart else (root,))]


def _some_captions(session: Session, nodes: tuple[Node, ...]) -> Ids:
    """The captions that fit all nodes, along the index."""
    ranges = [within(CAPTIONS.c.rowid, node.values[0]) for node in nodes if _is_range(node)]
    slow = [node for node in nodes if indexing.of_captions(node) is None and not _is_range(node)]
    matching = select(CAPTIONS.c.rowid).where(match(CAPTIONS, indexing.all_of(_quick(nodes, indexing.of_captions))), *ranges)
    few = _few(session, Caption.id, [_direct(node) for node in slow if isinstance(node, Term)])
    if few is not None:
        matching, slow = matching.where(CAPTIONS.c.rowid.in_(few)), [node for node in slow if not isinstance(node, Term)]
    return matching.where(*(_of_caption(node, CAPTION_ID) for node in slow)), CAPTIONS.c.rowid, bool(slow)


def _direct(term: Term) -> ColumnElement[bool]:
    """The condition of a term on `Caption`, of names of files by a list of the images that have them."""
    if term.key == "file":
        return Caption.image_id.in_(select(Image.id).where(image_condition(term)))
    return caption_condition(term)


def _of_caption(node: Node, key: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition of a part of a query on the caption with an id, looked up by it or in lists that are made once."""
    found = indexing.of_captions(node)
    if found is not None:
        return key.in_(select(CAPTIONS.c.rowid).where(match(CAPTIONS, found)))
    match node:
        case Not(inner):
            return not_(_of_caption(inner, key))
        case And(nodes):
            return and_(*(_of_caption(inner, key) for inner in nodes))
        case Or(nodes):
            return or_(*(_of_caption(inner, key) for inner in nodes))
        case Term("caption", spans):
            return or_(*(within(key, span) for span in spans))
        case Term("file"):
            own = aliased(Caption)
            image_id = select(own.image_id).where(own.id == key).scalar_subquery()
            return image_id.in_(select(Image.id).where(image_condition(node)))
    return key.in_(select(Caption.id).where(caption_condition(node)))


def _images(session: Session, query: Query, counted: bool = False) -> list[Ids]:
    """The images that a query asks for, as alternatives that may overlap; `counted` where they are not needed in their order."""
    if not _indexed(session):
        return [(select(Image.id).where(image_filter(query)), Image.id, True)]
    root = spelled_out(session, query.root)
    one_caption = about_a_caption(root) and names_status(root)  # with a status, dropped captions count for every alternative
    apart = isinstance(root, Or) and indexing.of_images(root) is None and not one_caption
    return [_some_images(session, _conjuncts(part), counted) for part in (root.nodes if apart else (root,))]


def _some_images(session: Session, nodes: tuple[Node, ...], counted: bool) -> Ids:
    group = And(tuple(filter(about_a_caption, nodes)))
    apart = [node for node in nodes if not about_a_caption(node)]
    if len(group.nodes) == 1 and indexing.of_images(group.nodes[0]) is not None:
        apart, group = [*apart, *group.nodes], And(())
    return _with_a_caption(session, group, apart, counted) if group.nodes else _along_images(session, apart, [])


def _with_a_caption(session: Session, group: And, apart: list[Node], counted: bool) -> Ids:
    """Images of which one and the same caption has all of `group`, and which have themselves what is asked for `apart`."""
    ranges = tuple(filter(_is_range, group.nodes))
    described = _with_status(And(tuple(node for node in group.nodes if node not in ranges)))
    expression = indexing.of_captions(described)
    if expression is None:
        return _along_images(session, apart, [_of_image(group, IMAGE_ID)])
    rest = [node for node in apart if indexing.of_their_images(node) is None]
    inside = _quick(apart, indexing.of_their_images)
    matching = select(CAPTIONS.c.rowid).where(match(CAPTIONS, indexing.all_of([expression, *inside])))
    matching = matching.where(*(within(CAPTIONS.c.rowid, node.values[0]) for node in ranges))
    number = session.scalar(select(func.count()).select_from(matching.limit(FEW + 1).subquery()))
    of_images = matching.join(Caption, Caption.id == CAPTIONS.c.rowid).with_only_columns(Caption.image_id)
    if number <= FEW:
        return select(Image.id).where(Image.id.in_(of_images), *(_of_image(node, Image.id) for node in rest)), Image.id, False
    if counted:
        return of_images.where(*(_of_image(node, Caption.image_id) for node in rest)).distinct(), Caption.image_id, True
    return _along_images(session, [*apart, *_hints(group)], [_has_caption(described, ranges)])


def _along_images(session: Session, nodes: list[Node], conditions: list[ColumnElement[bool]]) -> Ids:
    """The images in the index that fit all nodes, and conditions on each of them."""
    slow = [node for node in nodes if indexing.of_images(node) is None]
    matching = select(IMAGES.c.rowid).where(match(IMAGES, indexing.all_of(_quick(nodes, indexing.of_images))))
    few = _few(session, Image.id, [image_condition(node) for node in slow if isinstance(node, Term)])
    if few is not None:
        matching, slow = matching.where(IMAGES.c.rowid.in_(few)), [node for node in slow if not isinstance(node, Term)]
    asked = [_of_image(node, IMAGE_ID) for node in slow if not _denies_a_caption(node)]
    asked += [not_(_has_caption(_with_status(node.node))) for node in slow if _denies_a_caption(node)]
    return matching.where(*asked, *conditions), IMAGES.c.rowid, bool(slow or conditions)


def _denies_a_caption(node: Node) -> bool:
    """Whether a part of a query asks that no caption of the image has all of this and that, by facts alone."""
    return isinstance(node, Not) and about_a_caption(node.node) and indexing.of_captions(node.node) is not None


def _of_image(node: Node, key: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition of a part of a query on the image with an id, looked up by it or in lists that are made once."""
    found = indexing.of_images(node)
    if found is not None:
        return key.in_(select(IMAGES.c.rowid).where(match(IMAGES, found)))
    match node:
        case Not(inner):
            return not_(_of_image(inner, key))
        case Or(nodes) if not about_a_caption(node):
            return or_(*(_of_image(inner, key) for inner in nodes))
        case And(nodes) if not about_a_caption(node):
            group = tuple(filter(about_a_caption, nodes))
            apart = [inner for inner in nodes if not about_a_caption(inner)] + ([And(group)] if group else [])
            return and_(*(_of_image(inner, key) for inner in apart))
        case Term() if not about_a_caption(node):
            return key.in_(select(Image.id).where(image_condition(node)))
    described = _conjuncts(_with_status(node))
    quick = _quick(described, indexing.of_captions)
    slow = [_of_caption(inner, CAPTIONS.c.rowid) for inner in described if indexing.of_captions(inner) is None]
    fitting = select(Caption.image_id).join_from(CAPTIONS, Caption, Caption.id == CAPTIONS.c.rowid)
    return key.in_(fitting.where(match(CAPTIONS, indexing.all_of(quick)), *slow))


def _hints(group: And) -> list[Node]:
    """What an image with such a caption has in any case."""
    return [node for node in group.nodes if indexing.of_images(node) is not None] if not names_status(group) else []


def _has_caption(described: Node, ranges: tuple[Node, ...] = ()) -> ColumnElement[bool]:
    """That a caption of the image in `image_search` fits, by its facts: for few images, each of which is looked at."""
    row = CAPTIONS.alias("row")
    own = exists().where(Caption.image_id == IMAGES.c.rowid, row.c.rowid == Caption.id, _fits(described, row))
    own = own.where(*(within(row.c.rowid, node.values[0]) for node in ranges))
    return own.correlate(IMAGES)


def _fits(node: Node, row: Any) -> ColumnElement[bool]:
    match node:
        case And(nodes):
            return and_(*(_fits(inner, row) for inner in sorted(nodes, key=lambda inner: isinstance(inner, Words))))
        case Or(nodes):
            return or_(*(_fits(inner, row) for inner in nodes))
        case Not(inner):
            return not_(_fits(inner, row))
        case Words():
            word = CAPTIONS.alias("word")
            return exists().where(match(word, indexing.of_captions(node)), word.c.rowid == row.c.rowid)
    return or_(false(), *(func.instr(func.lower(row.c.facts) + " ", f" {fact} ") > 0 for fact in indexing.facts_of(node)))


def _few(session: Session, key: ColumnElement[int], conditions: list[ColumnElement[bool]]) -> Select | None:
    """A list of all ids under the conditions; None where there are no conditions or more than PROBED ids."""
    if not conditions:
        return None
    ids = list(session.scalars(select(key).where(*conditions).limit(PROBED + 1)))
    if len(ids) > PROBED:
        return None
    return select(func.json_each(bindparam(None, json.dumps(ids), String(), unique=True)).table_valued("value").c.value)


def _conjuncts(node: Node) -> tuple[Node, ...]:
    return node.nodes if isinstance(node, And) else (node,)


def _is_range(node: Node) -> bool:
    """Whether a part of a query is one range of the ids by which captions stand in the index."""
    return isinstance(node, Term) and node.key == "caption" and len(node.values) == 1


def _quick(nodes: Iterable[Node], read: Callable[[Node], str | None]) -> list[str]:
    """The expressions of those nodes that the index can answer."""
    return [expression for node in nodes if (expression := read(node)) is not None]


def _with_status(node: Node) -> Node:
    """A part of a query about captions, without the dropped ones where it names no status."""
    return node if names_status(node) else And((*_conjuncts(node), NOT_DROPPED))
