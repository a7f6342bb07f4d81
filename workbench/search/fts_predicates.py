"""What of a query the index cannot tell in one expression, as conditions on a row of it: for rows that are looked at one by one."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, false, func, not_, or_, select
from sqlalchemy.orm import aliased

from db.enums import CaptionStatus
from db.models import Caption, Image
from workbench.search import fts_expressions
from workbench.search.fts_expressions import CAPTIONS, IMAGES, match
from workbench.search.grammar import And, Node, Not, Or, Term, Words
from workbench.search.sql_conditions import about_a_caption, caption_condition, image_condition, names_status, within

NOT_DROPPED = Not(Term("status", (CaptionStatus.DROPPED.value,)))


def of_caption(node: Node, key: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition of a part of a query on the caption with an id, looked up by it or in lists that are made once."""
    expression = fts_expressions.of_captions(node)
    if expression is not None:
        return key.in_(select(CAPTIONS.c.rowid).where(match(CAPTIONS, expression)))
    match node:
        case Not(inner):
            return not_(of_caption(inner, key))
        case And(nodes):
            return and_(*(of_caption(inner, key) for inner in nodes))
        case Or(nodes):
            return or_(*(of_caption(inner, key) for inner in nodes))
        case Term("caption", spans):
            return or_(*(within(key, span) for span in spans))
        case Term("file" | "map"):
            own = aliased(Caption)
            image_id = select(own.image_id).where(own.id == key).scalar_subquery()
            return image_id.in_(select(Image.id).where(image_condition(node)))
    return key.in_(select(Caption.id).where(caption_condition(node)))


def of_image(node: Node, key: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """The condition of a part of a query on the image with an id, looked up by it or in lists that are made once."""
    expression = fts_expressions.of_images(node)
    if expression is not None:
        return key.in_(select(IMAGES.c.rowid).where(match(IMAGES, expression)))
    match node:
        case Not(inner):
            return not_(of_image(inner, key))
        case Or(nodes) if not about_a_caption(node):
            return or_(*(of_image(inner, key) for inner in nodes))
        case And(nodes) if not about_a_caption(node):
            group = tuple(filter(about_a_caption, nodes))
            apart = [inner for inner in nodes if not about_a_caption(inner)] + ([And(group)] if group else [])
            return and_(*(of_image(inner, key) for inner in apart))
        case Term() if not about_a_caption(node):
            return key.in_(select(Image.id).where(image_condition(node)))
    described = conjuncts(with_status(node))
    caption_expression = quick(described, fts_expressions.of_captions)
    slow = [of_caption(inner, CAPTIONS.c.rowid) for inner in described if fts_expressions.of_captions(inner) is None]
    fitting = select(Caption.image_id).join_from(CAPTIONS, Caption, Caption.id == CAPTIONS.c.rowid)
    return key.in_(fitting.where(match(CAPTIONS, fts_expressions.all_of(caption_expression)), *slow))


def has_caption(described: Node, ranges: tuple[Term, ...] = ()) -> ColumnElement[bool]:
    """That a caption of the image in `image_search` fits, by its facts: for few images, each of which is looked at."""
    row = CAPTIONS.alias("row")
    own = exists().where(Caption.image_id == IMAGES.c.rowid, row.c.rowid == Caption.id, _fits(described, row))
    own = own.where(*(within(row.c.rowid, node.values[0]) for node in ranges))
    return own.correlate(IMAGES)


def _fits(node: Node, row: Any) -> ColumnElement[bool]:
    match node:
        case And(nodes):
            texts = [fts_expressions.of_captions(inner) or "" for inner in nodes if isinstance(inner, Words)]
            facts = [_fits(inner, row) for inner in nodes if not isinstance(inner, Words)]
            return and_(*facts, *([_says(row, fts_expressions.all_of(texts))] if texts else []))
        case Or(nodes):
            return or_(*(_fits(inner, row) for inner in nodes))
        case Not(inner):
            return not_(_fits(inner, row))
        case Words():
            return _says(row, fts_expressions.of_captions(node) or "")
    return or_(false(), *(func.instr(func.lower(row.c.facts) + " ", f" {fact} ") > 0 for fact in fts_expressions.facts_of(node) or ()))


def _says(row: Any, expression: str) -> ColumnElement[bool]:
    word = CAPTIONS.alias("word")
    return exists().where(match(word, expression), word.c.rowid == row.c.rowid)


def conjuncts(node: Node) -> tuple[Node, ...]:
    return node.nodes if isinstance(node, And) else (node,)


def quick(nodes: Iterable[Node], read: Callable[[Node], str | None]) -> list[str]:
    """The expressions of those nodes that the index can answer."""
    return [expression for node in nodes if (expression := read(node)) is not None]


def with_status(node: Node) -> Node:
    """A part of a query about captions, without the dropped ones where it names no status."""
    return node if names_status(node) else And((*conjuncts(node), NOT_DROPPED))
