"""Finding what a query of the grammar asks for among a million captions: pages by key, and counts.

On SQLite almost every query is one expression of the full-text index (`indexing`), which finds rows in the order of their ids and counts
them all. Two things are beyond it: files and ids, which are columns; and whether one and the same caption of an image has all that is
asked for. Where they leave few rows, these are listed first; where they leave many, walking along the index soon fills a page, and the
count ends at WALKED. On PostgreSQL the conditions of `query` are put to the database as they are.
"""

import json
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, column, exists, false, func, literal_column, not_, or_, select, table
from sqlalchemy.orm import Session

from db.enums import CaptionStatus
from db.models import Caption, Image, ImageTag, Mention, refresh_search
from workbench import indexing
from workbench.grammar import And, Node, Not, Or, Query, Term, Words
from workbench.query import about_a_caption, caption_condition, caption_filter, image_condition, image_filter, like, names_status, within

__all__ = ["Count", "captions_of", "count_captions", "count_images", "ids_of_captions", "ids_of_images", "images_of"]

CAPTIONS, IMAGES = (table(name, column("rowid"), column("facts"), column(name)) for name in ("caption_search", "image_search"))
NAMES = {"object": Mention.object, "source": Image.source, "tag": ImageTag.tag}
MOST_NAMES = 1_000
"""Names that a pattern may stand for in the index."""
PROBED = 500
"""Rows that are looked up one by one in the index."""
FEW = 20_000
"""Captions whose images are listed before anything else is asked of them."""
WALKED = 10_000
"""Where a count ends that walks from row to row."""


class Count(int):
    """How many there are; with `more`, that there are more than this."""

    more: bool

    def __new__(cls, number: int, more: bool = False):
        count = super().__new__(cls, number)
        count.more = more
        return count


def captions_of(session: Session, query: Query, *, after_id: int | None = None, limit: int) -> list[Caption]:
    """A page of the captions that a query asks for, by id; dropped ones only where it names a status."""
    if not _indexed(session):
        matching, key = select(Caption).where(caption_filter(query)), Caption.id
    else:
        matching, _walks = _captions(session, query)
        matching, key = matching.join(Caption, Caption.id == CAPTIONS.c.rowid).with_only_columns(Caption), CAPTIONS.c.rowid
    if after_id is not None:
        matching = matching.where(key > after_id)
    return list(session.scalars(matching.order_by(key).limit(limit)))


def count_captions(session: Session, query: Query) -> Count:
    """How many captions a query asks for."""
    if not _indexed(session):
        return _count(session, select(Caption.id).where(caption_filter(query)), walks=True)
    return _count(session, *_captions(session, query))


def images_of(session: Session, query: Query, *, after_id: int | None = None, limit: int, newest_first: bool = False) -> list[Image]:
    """A page of the images that a query asks for, by id or the newest first."""
    if not _indexed(session):
        matching, key = select(Image).where(image_filter(query)), Image.id
    else:
        matching, key, _walks = _images(session, query)
        matching = (matching if key is Image.id else matching.join(Image, Image.id == key)).with_only_columns(Image)
    if after_id is not None:
        matching = matching.where(key < after_id if newest_first else key > after_id)
    return list(session.scalars(matching.order_by(key.desc() if newest_first else key).limit(limit)))


def count_images(session: Session, query: Query) -> Count:
    """How many images a query asks for."""
    if not _indexed(session):
        return _count(session, select(Image.id).where(image_filter(query)), walks=True)
    matching, _key, walks = _images(session, query, counted=True)
    return _count(session, matching, walks)


def ids_of_captions(session: Session, query: Query) -> Select:
    """The ids of the captions that a query asks for, as a statement to be put within another."""
    return _captions(session, query)[0] if _indexed(session) else select(Caption.id).where(caption_filter(query))


def ids_of_images(session: Session, query: Query) -> Select:
    """The ids of the images that a query asks for, as a statement to be put within another."""
    return _images(session, query)[0] if _indexed(session) else select(Image.id).where(image_filter(query))


def _indexed(session: Session) -> bool:
    """Whether the store has the index of facts; it is brought up to date for what this session changed."""
    session.flush()
    refresh_search(session.connection())
    return session.get_bind().dialect.name == "sqlite"


def _count(session: Session, ids: Select, walks: bool) -> Count:
    if not walks:
        return Count(session.scalar(ids.with_only_columns(func.count())))
    number = session.scalar(select(func.count()).select_from(ids.limit(WALKED + 1).subquery()))
    return Count(min(number, WALKED), number > WALKED)


def _captions(session: Session, query: Query) -> tuple[Select, bool]:
    """The rows of the index that a query asks for, and whether each of them has to be looked at."""
    nodes = _conjuncts(_with_status(_spelled_out(session, query.root)))
    ranges = [within(CAPTIONS.c.rowid, node.values[0]) for node in nodes if _is_range(node, "caption")]
    slow = [node for node in nodes if indexing.of_captions(node) is None and not _is_range(node, "caption")]
    quick = [found for node in nodes if (found := indexing.of_captions(node)) is not None]
    matching = select(CAPTIONS.c.rowid).where(_match(CAPTIONS, indexing.all_of(quick)), *ranges)
    few = _few(session, Caption.id, [_of_caption(node, Caption.id) for node in slow if isinstance(node, Term)])
    if few is not None:
        matching, slow = matching.where(CAPTIONS.c.rowid.in_(few)), [node for node in slow if not isinstance(node, Term)]
    return matching.where(*(_of_caption(node, literal_column("+caption_search.rowid")) for node in slow)), bool(slow)


def _of_caption(node: Node, key: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition of a part of a query on the caption with an id, by lists that are made once for the statement."""
    found = indexing.of_captions(node)
    if found is not None:
        return key.in_(select(CAPTIONS.c.rowid).where(_match(CAPTIONS, found)))
    match node:
        case Not(inner):
            return not_(_of_caption(inner, key))
        case And(nodes):
            return and_(*(_of_caption(inner, key) for inner in nodes))
        case Or(nodes):
            return or_(*(_of_caption(inner, key) for inner in nodes))
        case Term("caption", spans):
            return or_(*(within(key, span) for span in spans))
        case Term("id", spans):
            return key.in_(select(Caption.id).where(or_(*(within(Caption.image_id, span) for span in spans))))
        case Term("file"):
            return key.in_(select(Caption.id).where(Caption.image_id.in_(select(Image.id).where(image_condition(node)))))
    return key.in_(select(Caption.id).where(caption_condition(node)))


def _images(session: Session, query: Query, counted: bool = False) -> tuple[Select, ColumnElement[int], bool]:
    """Rows with the images that a query asks for, the column of their ids, and whether each of them has to be looked at."""
    nodes = _conjuncts(_spelled_out(session, query.root))
    group = And(tuple(filter(about_a_caption, nodes)))
    apart = [node for node in nodes if not about_a_caption(node)]
    if len(group.nodes) == 1 and indexing.of_images(group.nodes[0]) is not None:
        apart, group = [*apart, *group.nodes], And(())
    return _with_a_caption(session, group, apart, counted) if group.nodes else _along_images(session, apart, [])


def _with_a_caption(session: Session, group: And, apart: list[Node], counted: bool) -> tuple[Select, ColumnElement[int], bool]:
    """Images of which one and the same caption has all of `group`, and which have themselves what is asked for `apart`."""
    described = _with_status(group)
    expression = indexing.of_captions(described)
    if expression is None:
        return _along_images(session, apart, [_of_image(group, literal_column("+image_search.rowid"))])
    rest = [node for node in apart if indexing.of_their_images(node) is None]
    inside = [found for node in apart if (found := indexing.of_their_images(node)) is not None]
    matching = select(CAPTIONS.c.rowid).where(_match(CAPTIONS, indexing.all_of([expression, *inside])))
    number = session.scalar(select(func.count()).select_from(matching.limit(FEW + 1).subquery()))
    of_images = matching.join(Caption, Caption.id == CAPTIONS.c.rowid).with_only_columns(Caption.image_id)
    if number <= FEW:
        return select(Image.id).where(Image.id.in_(of_images), *(_of_image(node, Image.id) for node in rest)), Image.id, False
    if counted:
        return of_images.where(*(_of_image(node, Caption.image_id) for node in rest)).distinct(), Caption.image_id, True
    return _along_images(session, [*apart, *_hints(group)], [_has_caption(described)])


def _along_images(session: Session, nodes: list[Node], conditions: list[ColumnElement[bool]]) -> tuple[Select, ColumnElement[int], bool]:
    """The images in the index that fit all nodes, and conditions on each of them."""
    ranges = [within(IMAGES.c.rowid, node.values[0]) for node in nodes if _is_range(node, "id")]
    slow = [node for node in nodes if indexing.of_images(node) is None and not _is_range(node, "id")]
    quick = [found for node in nodes if (found := indexing.of_images(node)) is not None]
    matching = select(IMAGES.c.rowid).where(_match(IMAGES, indexing.all_of(quick)))
    few = _few(session, Image.id, [_of_image(node, Image.id) for node in slow if isinstance(node, Term)])
    if few is not None:
        matching, slow = matching.where(IMAGES.c.rowid.in_(few)), [node for node in slow if not isinstance(node, Term)]
    asked = [_of_image(node, literal_column("+image_search.rowid")) for node in slow]
    return matching.where(*ranges, *asked, *conditions), IMAGES.c.rowid, bool(slow or conditions)


def _of_image(node: Node, key: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition of a part of a query on the image with an id, by lists that are made once for the statement."""
    found = indexing.of_images(node)
    if found is not None:
        return key.in_(select(IMAGES.c.rowid).where(_match(IMAGES, found)))
    match node:
        case Not(inner):
            return not_(_of_image(inner, key))
        case Or(nodes) if not about_a_caption(node):
            return or_(*(_of_image(inner, key) for inner in nodes))
        case And(nodes) if not about_a_caption(node):
            group = tuple(filter(about_a_caption, nodes))
            apart = [inner for inner in nodes if not about_a_caption(inner)] + ([And(group)] if group else [])
            return and_(*(_of_image(inner, key) for inner in apart))
        case Term("id", spans):
            return or_(*(within(key, span) for span in spans))
        case Term() if not about_a_caption(node):
            return key.in_(select(Image.id).where(image_condition(node)))
    described = _conjuncts(_with_status(node))
    quick = [found for inner in described if (found := indexing.of_captions(inner)) is not None]
    slow = [_of_caption(inner, CAPTIONS.c.rowid) for inner in described if indexing.of_captions(inner) is None]
    fitting = select(Caption.image_id).join_from(CAPTIONS, Caption, Caption.id == CAPTIONS.c.rowid)
    return key.in_(fitting.where(_match(CAPTIONS, indexing.all_of(quick)), *slow))


def _hints(group: And) -> list[Node]:
    """What an image with such a caption has in any case."""
    return [node for node in group.nodes if indexing.of_images(node) is not None] if not names_status(group) else []


def _has_caption(described: Node) -> ColumnElement[bool]:
    """That a caption of the image in `image_search` fits, by its facts: for few images, each of which is looked at."""
    row = CAPTIONS.alias("row")
    own = exists().where(Caption.image_id == IMAGES.c.rowid, row.c.rowid == Caption.id, _fits(described, row))
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
            return exists().where(word.c.caption_search.op("MATCH")(indexing.of_captions(node)), word.c.rowid == row.c.rowid)
    return or_(false(), *(func.instr(func.lower(row.c.facts) + " ", f" {fact} ") > 0 for fact in indexing.facts_of(node)))


def _match(rows: Any, expression: str) -> ColumnElement[bool]:
    return rows.c[rows.name].op("MATCH")(expression)


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


def _is_range(node: Node, key: str) -> bool:
    """Whether a part of a query is one range of the ids by which the index is ordered."""
    return isinstance(node, Term) and node.key == key and len(node.values) == 1


def _with_status(node: Node) -> Node:
    """A part of a query about captions, without the dropped ones where it names no status."""
    return node if names_status(node) else And((*_conjuncts(node), Not(Term("status", (CaptionStatus.DROPPED.value,)))))


def _spelled_out(session: Session, node: Node) -> Node:
    """The same query with the names that its patterns stand for, where they are not too many."""
    match node:
        case And(nodes) | Or(nodes):
            return type(node)(tuple(_spelled_out(session, inner) for inner in nodes))
        case Not(inner):
            return Not(_spelled_out(session, inner))
        case Term(key, values) if key in NAMES and any("*" in value for value in values):
            found = [name for value in values for name in (_names(session, NAMES[key], value) if "*" in value else [value])]
            return Term(key, tuple(found)) if len(found) <= MOST_NAMES else node
    return node


def _names(session: Session, name: ColumnElement[str], pattern: str) -> list[str]:
    """The names in a column that fit a pattern, at most one more than MOST_NAMES, by leaping from each to the next in its index."""
    known = select(func.min(name).label("name")).cte("known", recursive=True)
    following = select(func.min(name)).where(name > known.c.name).scalar_subquery()
    known = known.union_all(select(following).where(known.c.name.is_not(None)))
    return list(session.scalars(select(known.c.name).where(like(known.c.name, pattern)).limit(MOST_NAMES + 1)))
