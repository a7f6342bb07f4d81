"""What the patterns of a query stand for: the names in the store that fit `object:fire*`, so that the index can be asked for them."""

from sqlalchemy import SQLColumnExpression, select
from sqlalchemy.orm import Session

from db.models import Image, ImageTag, Mention
from workbench.search.frequent_values import different
from workbench.search.grammar import And, Node, Not, Or, Term
from workbench.search.sql_conditions import like

NAMES = {"object": Mention.object, "source": Image.source, "tag": ImageTag.tag}
MOST_NAMES = 1_000
"""Names that a pattern may stand for in the index."""


def spelled_out(session: Session, node: Node) -> Node:
    """The same query with the names that its patterns stand for, where they are not too many."""
    match node:
        case And(nodes) | Or(nodes):
            return type(node)(tuple(spelled_out(session, inner) for inner in nodes))
        case Not(inner):
            return Not(spelled_out(session, inner))
        case Term(key, values) if key in NAMES and any("*" in value for value in values):
            names = [name for value in values for name in (_names(session, NAMES[key], value) if "*" in value else [value])]
            return Term(key, tuple(names)) if len(names) <= MOST_NAMES else node
    return node


def _names(session: Session, name: SQLColumnExpression[str], pattern: str) -> list[str]:
    """The names in a column that fit a pattern, at most one more than MOST_NAMES, by leaping from each to the next in its index."""
    names = different(name).subquery()
    return list(session.scalars(select(names.c.name).where(like(names.c.name, pattern)).limit(MOST_NAMES + 1)))
