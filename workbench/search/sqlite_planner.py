"""Where SQLite looks for the answers of a query: along the full-text index, or first in lists that are short."""

import json
from collections.abc import Sequence
from typing import TypeGuard

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, String, bindparam, func, literal_column, not_, select
from sqlalchemy.orm import Session

from db.models import Caption, Image
from workbench.search import fts_expressions
from workbench.search.fts_expressions import CAPTIONS, IMAGES, match
from workbench.search.fts_predicates import NOT_DROPPED, conjuncts, has_caption, of_caption, of_image, quick, with_status
from workbench.search.grammar import And, Node, Not, Or, Query, Term
from workbench.search.sql_conditions import about_a_caption, caption_condition, image_condition, names_status, within
from workbench.search.wildcards import spelled_out

CAPTION_ID, IMAGE_ID = literal_column("+caption_search.rowid"), literal_column("+image_search.rowid")
"""The ids as something that a row is tested by, not found by: to look up a row in the index costs a hundred times its test."""
PROBED = 500
"""Rows that are looked up one by one in the index."""
FEW = 20_000
"""Captions whose images are listed before anything else is asked of them."""
SAMPLE = 50
"""Images of which one has to fit for the others to be looked at one by one."""

Test = tuple[ColumnElement[bool], ColumnElement[bool]]
"""A condition on images twice: for one that is looked at, and by a list, made once, of all that fit."""
Ids = tuple[Select, SQLColumnExpression[int], bool]
"""A statement that finds ids, their column, and whether it walks from row to row."""


def captions_asked_for(session: Session, query: Query) -> list[Ids]:
    """The captions that a query asks for, as alternatives that may overlap."""
    root = spelled_out(session, query.root)
    apart = isinstance(root, Or) and fts_expressions.of_captions(root) is None
    kept = () if names_status(root) else (NOT_DROPPED,)
    return [_some_captions(session, (*conjuncts(part), *kept)) for part in (root.nodes if apart else (root,))]


def _some_captions(session: Session, nodes: tuple[Node, ...]) -> Ids:
    """The captions that fit all nodes, along the index."""
    ranges = [within(CAPTIONS.c.rowid, node.values[0]) for node in nodes if _is_range(node)]
    slow = [node for node in nodes if fts_expressions.of_captions(node) is None and not _is_range(node)]
    matching = select(CAPTIONS.c.rowid).where(match(CAPTIONS, fts_expressions.all_of(quick(nodes, fts_expressions.of_captions))), *ranges)
    direct = [_direct(session, node) for node in slow if isinstance(node, Term)]
    short = [condition for condition in direct if condition is not None]
    few = _few(session, Caption.id, short) if len(short) == len(direct) else None
    if few is not None:
        matching, slow = matching.where(CAPTIONS.c.rowid.in_(few)), [node for node in slow if not isinstance(node, Term)]
    return matching.where(*(of_caption(node, CAPTION_ID) for node in slow)), CAPTIONS.c.rowid, bool(slow)


def _direct(session: Session, term: Term) -> ColumnElement[bool] | None:
    """The condition of a term on `Caption`, of names of files by a list of the images that have them; None where that is not short."""
    if term.key != "file":
        return caption_condition(term)
    named = _few(session, Image.id, [image_condition(term)])
    return None if named is None else Caption.image_id.in_(named)


def images_asked_for(session: Session, query: Query, counted: bool = False) -> list[Ids]:
    """The images that a query asks for, as alternatives that may overlap; `counted` where they are not needed in their order."""
    root = spelled_out(session, query.root)
    one_caption = about_a_caption(root) and names_status(root)  # with a status, dropped captions count for every alternative
    apart = isinstance(root, Or) and fts_expressions.of_images(root) is None and not one_caption
    return [_some_images(session, conjuncts(part), counted) for part in (root.nodes if apart else (root,))]


def _some_images(session: Session, nodes: tuple[Node, ...], counted: bool) -> Ids:
    group = And(tuple(filter(about_a_caption, nodes)))
    apart = [node for node in nodes if not about_a_caption(node)]
    if len(group.nodes) == 1 and fts_expressions.of_images(group.nodes[0]) is not None:
        apart, group = [*apart, *group.nodes], And(())
    return _with_a_caption(session, group, apart, counted) if group.nodes else _along_images(session, apart)


def _with_a_caption(session: Session, group: And, apart: list[Node], counted: bool) -> Ids:
    """Images of which one and the same caption has all of `group`, and which have themselves what is asked for `apart`."""
    ranges = tuple(node for node in group.nodes if _is_range(node))
    described = with_status(And(tuple(node for node in group.nodes if node not in ranges)))
    expression = fts_expressions.of_captions(described)
    if expression is None:
        return _along_images(session, apart, listed=[of_image(group, IMAGE_ID)])
    rest = [node for node in apart if fts_expressions.of_their_images(node) is None]
    inside = quick(apart, fts_expressions.of_their_images)
    matching = select(CAPTIONS.c.rowid).where(match(CAPTIONS, fts_expressions.all_of([expression, *inside])))
    matching = matching.where(*(within(CAPTIONS.c.rowid, node.values[0]) for node in ranges))
    number = session.execute(select(func.count()).select_from(matching.limit(FEW + 1).subquery())).scalar_one()
    of_images = matching.join(Caption, Caption.id == CAPTIONS.c.rowid).with_only_columns(Caption.image_id)
    if number <= FEW:
        return select(Image.id).where(Image.id.in_(of_images), *(of_image(node, Image.id) for node in rest)), Image.id, False
    if counted:
        return of_images.where(*(of_image(node, Caption.image_id) for node in rest)).distinct(), Caption.image_id, True
    return _along_images(session, [*apart, *_hints(group)], [(has_caption(described, ranges), of_image(group, IMAGE_ID))])


def _along_images(session: Session, nodes: list[Node], tested: Sequence[Test] = (), listed: Sequence[ColumnElement[bool]] = ()) -> Ids:
    """The images in the index that fit all nodes, and conditions on each of them."""
    slow = [node for node in nodes if fts_expressions.of_images(node) is None]
    matching = select(IMAGES.c.rowid).where(match(IMAGES, fts_expressions.all_of(quick(nodes, fts_expressions.of_images))))
    few = _few(session, Image.id, [image_condition(node) for node in slow if isinstance(node, Term)])
    if few is not None:
        matching, slow = matching.where(IMAGES.c.rowid.in_(few)), [node for node in slow if not isinstance(node, Term)]
    denied = [node for node in slow if _denies_a_caption(node)]
    tested = [*tested, *((not_(has_caption(with_status(node.node))), of_image(node, IMAGE_ID)) for node in denied)]
    one_by_one = not tested or _some_fit(session, matching, [alone for alone, _ in tested])
    conditions = [alone if one_by_one else together for alone, together in tested]
    conditions += [of_image(node, IMAGE_ID) for node in slow if node not in denied]
    return matching.where(*listed, *conditions), IMAGES.c.rowid, bool(slow or tested or listed)


def _some_fit(session: Session, matching: Select, conditions: list[ColumnElement[bool]]) -> bool:
    """Whether some of the first images fit, so that a page is soon filled by looking at one after the other."""
    first = list(session.scalars(matching.limit(SAMPLE)))
    fitting = select(IMAGES.c.rowid).where(IMAGES.c.rowid.in_(first), *conditions).limit(1)
    return len(first) < SAMPLE or session.scalar(fitting) is not None


def _denies_a_caption(node: Node) -> TypeGuard[Not]:
    """Whether a part of a query asks that no caption of the image has all of this and that, by facts alone."""
    return isinstance(node, Not) and about_a_caption(node.node) and fts_expressions.of_captions(node.node) is not None


def _hints(group: And) -> list[Node]:
    """What an image with such a caption has in any case."""
    return [node for node in group.nodes if fts_expressions.of_images(node) is not None] if not names_status(group) else []


def _few(session: Session, key: SQLColumnExpression[int], conditions: list[ColumnElement[bool]]) -> Select | None:
    """A list of all ids under the conditions; None where there are no conditions or more than PROBED ids."""
    if not conditions:
        return None
    ids = list(session.scalars(select(key).where(*conditions).limit(PROBED + 1)))
    if len(ids) > PROBED:
        return None
    return select(func.json_each(bindparam(None, json.dumps(ids), String(), unique=True)).table_valued("value").c.value)


def _is_range(node: Node) -> TypeGuard[Term]:
    """Whether a part of a query is one range of the ids by which captions stand in the index."""
    return isinstance(node, Term) and node.key == "caption" and len(node.values) == 1
