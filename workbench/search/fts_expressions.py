"""Parts of a query as one MATCH expression of the full-text tables (`db.models.search`), of captions or of images."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, column, table

from db.enums import CaptionStatus
from db.models.search import ID_SCALES
from workbench.search.grammar import And, Node, Not, Or, Term, Words
from workbench.search.query_values import Span
from workbench.search.sql_conditions import OF_A_CAPTION, about_a_caption, names_status

CAPTIONS, IMAGES = (table(name, column("rowid"), column("facts"), column(name)) for name in ("caption_search", "image_search"))
EVERYTHING = "0x0"
"""The fact of every row."""
NOTHING = "0z0"
"""The fact of none."""
MANY = 9999
"""Longer captions count as this long."""
SCALES = ((1000, "k"), (100, "h"), (10, "d"), (1, "t"))
LARGEST_ID = 10**9
ID_BLOCKS = tuple((10**power, f"p{power}x") for power in reversed(ID_SCALES))
NodeReader = Callable[[Node], str | None]


def match(rows: FromClause, expression: str) -> ColumnElement[bool]:
    """That rows of CAPTIONS or IMAGES (or an alias of them) fit an expression."""
    named: Any = rows if rows in (CAPTIONS, IMAGES) else getattr(rows, "element", rows)
    return rows.c[named.name].op("MATCH")(expression)


def of_captions(node: Node) -> str | None:
    """The captions that a part of a query asks for, dropped ones included; None where the index cannot tell."""
    match node:
        case And() | Or() | Not():
            return _joined(node, of_captions)
        case Words(text, prefix):
            expression = '"' + text.replace('"', "") + '"' + ("*" if prefix else "")
            return f'({expression} OR "{node.stem}")' if node.stem else expression
        case Term("id", spans):
            return _any([_of_ids(span) for span in spans])
        case Term():
            facts = facts_of(node)
            return None if facts is None else _any([f'"{fact}"' for fact in facts])
    raise TypeError(f"expected a node of the grammar, got {type(node)}")


def facts_of(term: Term) -> list[str] | None:
    """The facts of which a caption that a term asks for has one; None where facts cannot tell."""
    if term.key == "has":
        return [_HELD.get(value, f"0h{value}0") for value in term.values]
    return _each(_OF_CAPTIONS if term.key in OF_A_CAPTION else _OF_IMAGES, term)


_HELD = {"caption": EVERYTHING, "duplicate": "0iduplicate0", "reference": "0ireference0"}
"""What every caption has, or has through its image alone."""


def of_their_images(node: Node) -> str | None:
    """The captions whose image itself has what is asked for (not through its captions); None where the index cannot tell."""
    match node:
        case And() | Or() | Not():
            return _joined(node, of_their_images)
        case Term("has", values) if "caption" not in values:
            return _any([f'"0i{value}0"' for value in values])
        case Term("id"):
            return of_captions(node)
        case Term():
            facts = _each(_OF_IMAGES, node)
            return None if facts is None else _any([f'"{fact}"' for fact in facts])
    return None


def of_images(node: Node) -> str | None:
    """The images that a part of a query asks for; None where the index cannot tell.

    A row speaks of all captions of an image at once, so it can tell whether one of them has this or that, but not whether one has both.
    """
    match node:
        case Term("has", values):
            return _any([f'"0i{value}0"' for value in values])
        case Term("status", values):  # a row tells nothing of dropped captions
            return None if CaptionStatus.DROPPED in values else of_captions(node)
        case And() | Or() if about_a_caption(node) and names_status(node):
            return None
        case Words() | Term() if about_a_caption(node):
            return of_captions(node)
        case Term():
            return of_their_images(node)
        case And(nodes) if sum(map(about_a_caption, nodes)) > 1:
            return None
    return _joined(node, of_images)


def all_of(expressions: list[str]) -> str:
    """What fits all expressions; everything where there are none."""
    return "(" + (" AND ".join(expressions) or f'"{EVERYTHING}"') + ")"


def _any(expressions: list[str]) -> str:
    return "(" + (" OR ".join(expressions) or f'"{NOTHING}"') + ")"


def _joined(node: Node, read: NodeReader) -> str | None:
    match node:
        case Not(inner):
            expression = read(inner)
            return None if expression is None else f'("{EVERYTHING}" NOT {expression})'
        case Or(nodes):
            parts = [read(inner) for inner in nodes]
            known = [part for part in parts if part is not None]
            return _any(known) if len(known) == len(parts) else None
        case And(nodes):
            expressions = [read(inner) for inner in nodes if not isinstance(inner, Not)]
            unwanted = [read(inner.node) for inner in nodes if isinstance(inner, Not)]
            known = [part for part in expressions if part is not None]
            if len(known) < len(expressions) or None in unwanted:
                return None
            return "(" * len(unwanted) + all_of(known) + "".join(f" NOT {no})" for no in unwanted)
    return None


def _each(facts: dict[str, Callable[[Any], list[str]]], term: Term) -> list[str] | None:
    if term.key not in facts or (term.key in PATTERNS and any("*" in value for value in term.values)):
        return None
    return [fact for value in term.values for fact in facts[term.key](value)]


PATTERNS = ("object", "source", "tag")
"""Keys whose values may be patterns; `search` spells these out."""


def _token_facts(span: Span) -> list[str]:
    """The facts of a range of token counts, both ends included; one of them is true of a caption in it."""
    low, high = span
    last = MANY if high is None else min(high, MANY)
    at = max(low or 0, 0) if high is not None and high < MANY else min(max(low or 0, 0), MANY)
    return _blocks(at, last, SCALES)


def _of_ids(span: Span) -> str:
    """The rows of images in a range of ids, both ends included; an open range is all but what comes before it."""
    low, high = span
    if high is None or high > LARGEST_ID:
        return f'("{EVERYTHING}" NOT {_of_ids((0, min(low or 0, LARGEST_ID) - 1))})'
    return _any([f'"{fact}"' for fact in _blocks(max(low or 0, 0), high, ID_BLOCKS)])


def _blocks(at: int, last: int, scales: Sequence[tuple[int, str]]) -> list[str]:
    """The fewest facts that together are a range: the largest blocks of numbers that lie in it."""
    blocks = []
    while at <= last:
        size, name = next((size, name) for size, name in scales if at % size == 0 and at + size - 1 <= last)
        blocks.append(f"0{name}{at // size}0")
        at += size
    return blocks


_OF_CAPTIONS: dict[str, Callable[[Any], list[str]]] = {
    "color": lambda value: [f"0c{value}0"],
    "level": lambda value: [f"0l{value}0"],
    "object": lambda value: [f"0n{value.encode().hex()}0"],
    "origin": lambda value: [f"0o{value}0"],
    "status": lambda value: [f"0s{value}0"],
    "tokens": _token_facts,
}
_OF_IMAGES: dict[str, Callable[[Any], list[str]]] = {
    "source": lambda value: [f"0u{value.encode().hex()}0"],
    "tag": lambda value: [f"0g{value.encode().hex()}0"],
}
