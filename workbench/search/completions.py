"""What may be written where a query is typed: the keys, and the values of each that the store has."""

from dataclasses import dataclass

from sqlalchemy import SQLColumnExpression
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, CaptionStatus, Origin
from db.models import Image, ImageTag, Mention
from workbench.imaging import BASIC_TERMS
from workbench.search import saved_views
from workbench.search.frequent_values import different, frequent
from workbench.search.notes import GUIDE
from workbench.search.query_values import HAS, KEYS, SORTS

MOST = 200
"""Values of a key that are offered, the frequent ones first."""
BARE = ("reviewed", "NOT", "AND", "OR")


@dataclass(frozen=True)
class Completions:
    """Keys with what each finds, values by key, and saved views as (name, query)."""

    keys: tuple[tuple[str, str], ...]
    words: tuple[str, ...]
    values: dict[str, tuple[str, ...]]
    views: tuple[tuple[str, str], ...]


def completions(session: Session) -> Completions:
    """What the store has to offer where a query is typed."""
    finds = {example.partition(":")[0]: sentence for example, sentence in reversed(GUIDE) if ":" in example}
    values = {
        "color": BASIC_TERMS,
        "has": HAS,
        "level": tuple(CaptionLevel),
        "origin": tuple(Origin),
        "sort": SORTS,
        "status": tuple(CaptionStatus),
        "object": _texts(session, Mention.object, Mention.id),
        "source": _texts(session, Image.source, Image.id),
        "tag": _texts(session, ImageTag.tag, ImageTag.image_id),
    }
    views = tuple((view.name, view.query) for view in saved_views.listing(session))
    return Completions(tuple((key, finds.get(key, "a caption by number")) for key in KEYS), BARE, values, views)


def _texts(session: Session, name: SQLColumnExpression[str], key: SQLColumnExpression[int]) -> tuple[str, ...]:
    """The frequent ones, and where there is room the others: of a large store what is frequent is told by a part of it."""
    often = [text for text, _used in frequent(session, name, key, MOST)]
    others = session.scalars(different(name).limit(MOST + 1)) if len(often) < MOST else ()
    return tuple(text for text in dict.fromkeys([*often, *others]) if text)[:MOST]
