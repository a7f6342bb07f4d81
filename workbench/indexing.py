"""Parts of a query as one expression of the full-text index: FTS5's on SQLite, a `tsquery` on PostgreSQL."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, column, func, literal, literal_column, select, table
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from db.models import Caption
from db.models.search import DOCUMENT
from workbench.facts import ANY, color_fact, column_fact, object_fact, token_facts
from workbench.grammar import And, Node, Not, Or, Term, Words

__all__ = ["indexable", "matching_captions", "matching_ids"]

SEARCH = table("caption_search", column("rowid"), column("caption_search"))
NEVER = "0z0"
"""A token that no caption has."""
FACTS = {
    "color": lambda value: [color_fact(value)],
    "level": lambda value: [column_fact("level", value)],
    "object": lambda value: [object_fact(value)],
    "origin": lambda value: [column_fact("origin", value)],
    "status": lambda value: [column_fact("status", value)],
    "tokens": lambda value: token_facts(*value),
}


def indexable(node: Node) -> bool:
    """Whether the index alone can answer a part of a query."""
    match node:
        case And(nodes) | Or(nodes):
            return all(map(indexable, nodes))
        case Not(inner):
            return indexable(inner)
        case Term(key, values):
            return key in FACTS and not (key == "object" and any("*" in value for value in values))
    return isinstance(node, Words)


def matching_ids(session: Session, node: Node) -> Select:
    """The ids of the captions that match, by the index alone; in their order on SQLite."""
    key, condition = _asked(session, node)
    return select(key).where(condition)


def matching_captions(session: Session, node: Node) -> tuple[Select, ColumnElement[int]]:
    """The captions that match, and the column of their ids by which the index pages."""
    key, condition = _asked(session, node)
    wanted = select(Caption) if key is Caption.id else select(Caption).join_from(SEARCH, Caption, Caption.id == SEARCH.c.rowid)
    return wanted.where(condition), key


def _asked(session: Session, node: Node) -> tuple[Any, ColumnElement[bool]]:
    if session.get_bind().dialect.name == "sqlite":
        return SEARCH.c.rowid, SEARCH.c.caption_search.op("MATCH")(_fts5(node))
    return Caption.id, literal_column(DOCUMENT.format(row="caption.")).op("@@")(_tsquery(node))


def _fts5(node: Node) -> str:
    match node:
        case And(nodes):
            wanted = [_fts5(inner) for inner in nodes if not isinstance(inner, Not)]
            expression = " AND ".join(wanted or [f'"{ANY}"'])
            for inner in nodes:
                expression = f"({expression}) NOT {_fts5(inner.node)}" if isinstance(inner, Not) else expression
            return f"({expression})"
        case Or(nodes):
            return "(" + (" OR ".join(map(_fts5, nodes)) or f'"{NEVER}"') + ")"
        case Not(inner):
            return f'("{ANY}" NOT {_fts5(inner)})'
        case Words(text):
            return '"' + text.replace('"', "") + '"'
    return "(" + " OR ".join(f'"{token}"' for token in _tokens(node)) + ")"


def _tsquery(node: Node) -> ColumnElement:
    match node:
        case And(nodes):
            return _joined("&&", [_tsquery(inner) for inner in nodes], ANY)
        case Or(nodes):
            return _joined("||", [_tsquery(inner) for inner in nodes], NEVER)
        case Not(inner):
            return _joined("&&", [_token(ANY), func.tsquery_not(_tsquery(inner))], ANY)
        case Words(text):
            return func.phraseto_tsquery(literal_column("'english'"), cast(literal(text), Text))
    return _joined("||", [_token(token) for token in _tokens(node)], NEVER)


def _joined(operator: str, parts: list[ColumnElement], nothing: str) -> ColumnElement:
    joined = parts[0] if parts else _token(nothing)
    for part in parts[1:]:
        joined = joined.op(operator)(part).self_group()
    return joined


def _token(token: str) -> ColumnElement:
    return cast(literal(token), TSQUERY)


def _tokens(term: Term) -> list[str]:
    return [token for value in term.values for token in FACTS[term.key](value)] or [NEVER]
