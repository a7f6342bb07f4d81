"""What may be written where a query is typed: the keys, and the values of each that the store has."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, CaptionStatus, Origin
from db.models import Image, ImageTag, Mention
from workbench.imaging import BASIC_TERMS
from workbench.search import saved_views
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
    number = func.count()
    values = {
        "color": BASIC_TERMS,
        "has": HAS,
        "level": tuple(CaptionLevel),
        "origin": tuple(Origin),
        "sort": SORTS,
        "status": tuple(CaptionStatus),
        "object": _texts(session, select(Mention.object).group_by(Mention.object).order_by(number.desc(), Mention.object)),
        "source": _texts(session, select(Image.source).group_by(Image.source).order_by(number.desc(), Image.source)),
        "tag": _texts(session, select(ImageTag.tag).group_by(ImageTag.tag).order_by(number.desc(), ImageTag.tag)),
    }
    views = tuple((view.name, view.query) for view in saved_views.listing(session))
    return Completions(tuple((key, finds.get(key, "a caption by number")) for key in KEYS), BARE, values, views)


def _texts(session: Session, statement) -> tuple[str, ...]:
    return tuple(text for text in session.scalars(statement.limit(MOST)) if text)
