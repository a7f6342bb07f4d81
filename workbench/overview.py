"""How much there is at each station of the loop, for a first page."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.enums import TrialKind
from db.models import Colorization, Duplicate, Grounding, Image, Rating, Region, Review, Trial
from workbench import search
from workbench.search import parse
from workbench.store.kept_numbers import kept


def counts(session: Session) -> dict[str, int]:
    """How much there is at each station of the loop, for a first page; of a large store, a short while ago (`kept_numbers`)."""
    return dict(kept(session, "overview", _counts))


def _counts(session: Session) -> dict[str, int]:
    statements = {
        "images": select(func.count()).select_from(Image),
        "references": _number(search.ids_of_images(session, parse("has:reference"))),
        "near_duplicates": select(func.count(Duplicate.image_id.distinct())),
        "captions": _number(search.ids_of_captions(session, parse("status:accepted"))),
        "proposals": _number(search.ids_of_captions(session, parse("status:proposed"))),
        "captioned_images": _number(search.ids_of_images(session, parse("status:accepted"))),
        "regions": select(func.count()).select_from(Region),
        "grounded_mentions": select(func.count(Grounding.mention_id.distinct())),
        "colorizations": select(func.count()).select_from(Colorization),
        "ratings": select(func.count(Rating.id)).join(Trial, Trial.id == Rating.trial_id).where(Trial.kind != TrialKind.TRAINING),
        "reviews": select(func.count()).select_from(Review),
    }
    return {name: session.scalar(statement) for name, statement in statements.items()}


def _number(ids: Select) -> Select:
    return select(func.count()).select_from(ids.subquery())
