"""The items from which most is to be learned, by kind of work, the most instructive first.

describe  photos without an accepted description, those first of whose colors the color prior is least sure, and of what is like a
          described photo or one before it none before the others
ground    colored phrases without a mask whose thing and color have the fewest masks so far: coverage of color × object
rate      captions whose colorizations nobody voted on, where adherence differs most between seeds and checkpoints; of those that differ
          alike, where the color prior doubts most
review    colorizations without a verdict whose adherence is nearest to one half, where it tells least whether they are right, or of whose
          natural colors the color prior is unsure, of which adherence tells nothing

Adherence counts where masks of a person or independent ones say it (`workbench.search.trusted_adherence`).

The color prior's doubt is how far its heads are apart (`lcad.models.prior_doubt`); a worker computes it together with the features that
pictures are compared by.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from db.enums import CaptionStatus
from db.models import Caption, Colorization, Grounding, Image, Mention, MentionColor, Review
from workbench.images import features
from workbench.rating.vote_tallies import voted
from workbench.search import trusted_adherence
from workbench.suggestions.doubted_first import Seen, doubted_first, ranks, seen

EVEN = 0.5
ALIKE = 0.01
"""Adherence that differs by less is the same."""
MOST = 2000
"""Photos, and described photos that they are compared with, at most; of more so many are drawn."""
UNSEEN = "not looked at yet: compute features (Library, Map) to have it ranked"
UNASKED = "no color was asked for in a mask"
UNTRUSTED = "adherence not measured but in the automatic masks that steered the colors"


@dataclass(frozen=True)
class Suggestion:
    """One item to work on next, and why; `by_chance` where it was drawn and not chosen."""

    kind: str
    image_id: int
    reason: str
    worth: float
    caption_id: int | None = None
    colorization_id: int | None = None
    by_chance: bool = False


def review_worth(adherence: float | None, unsure: float) -> float:
    """What a verdict on a colorization teaches, in [0, 1], by its adherence and by the rank in [0, 1] of the color prior's doubt."""
    return max(0.0 if adherence is None else 1 - abs(adherence - EVEN) / EVEN, EVEN * unsure)


def rate_worth(scores: Sequence[float], unsure: float) -> float:
    """What votes on colorizations of one caption teach, by their adherence and by the rank in [0, 1] of the color prior's doubt."""
    return max(scores) - min(scores) + ALIKE * unsure


def _to_describe(session: Session, count: int, chance: random.Random) -> Iterator[Suggestion]:
    described = exists().where(Caption.image_id == Image.id, Caption.status == CaptionStatus.ACCEPTED)
    known, pictures = (seen(session, _some(session, such, chance)) for such in (described, ~described))
    _, worth = doubted_first(list(pictures.values()), list(known.values()), count, chance)
    unsure = ranks({key: one.doubt for key, one in pictures.items() if one.doubt is not None})
    for (image_id, picture), value in zip(pictures.items(), worth, strict=True):
        yield Suggestion("describe", image_id, f"no description yet; {_described_as(picture, unsure.get(image_id))}", value)


def _described_as(picture: Seen, unsure: float | None) -> str:
    if picture.vector is None:
        return UNSEEN
    return "features are known, and not yet how unsure its natural colors are" if unsure is None else _surer(unsure)


def _surer(unsure: float) -> str:
    return f"natural colors are surer in {unsure:.0%} of the others"


def _some(session: Session, such: ColumnElement[bool], chance: random.Random) -> list[int]:
    image_ids = list(session.scalars(select(Image.id).where(such).order_by(Image.id)))
    return chance.sample(image_ids, MOST) if len(image_ids) > MOST else image_ids


def _to_ground(session: Session, _count: int, _chance: random.Random) -> Iterator[Suggestion]:
    colored = (
        select(Caption.image_id, Mention.caption_id, Mention.object, MentionColor.color, Grounding.mention_id)
        .select_from(Mention)
        .join(Caption, Caption.id == Mention.caption_id)
        .join(MentionColor, MentionColor.mention_id == Mention.id)
        .outerjoin(Grounding, Grounding.mention_id == Mention.id)
        .where(Caption.status == CaptionStatus.ACCEPTED)
    )
    rows = session.execute(colored.order_by(Mention.id)).all()
    masks = Counter((row.object, row.color) for row in rows if row.mention_id is not None)
    rarest: dict[int, Suggestion] = {}
    for image_id, caption_id, thing, color, grounded in rows:
        number = masks[thing, color]
        if grounded is None and (caption_id not in rarest or 1 / (1 + number) > rarest[caption_id].worth):
            reason = f"no mask for the {color} {thing}; things so called have {number} so far"
            rarest[caption_id] = Suggestion("ground", image_id, reason, 1 / (1 + number), caption_id)
    yield from rarest.values()


def _to_rate(session: Session, _count: int, _chance: random.Random) -> Iterator[Suggestion]:
    of_caption: dict[tuple[int, int, str], list[float]] = defaultdict(list)
    statement = select(Colorization.image_id, Colorization.caption_id, Colorization.caption_text, trusted_adherence())
    for image_id, caption_id, text, adherence in session.execute(
        statement.where(Colorization.caption_id.is_not(None), Colorization.id.not_in(voted()))
    ):
        if adherence is not None:
            of_caption[image_id, caption_id, text].append(adherence)
    unsure = unsure_of(session, {image_id for image_id, *_ in of_caption})
    for (image_id, caption_id, _), scores in of_caption.items():
        if len(scores) > 1:
            reason = f"{len(scores)} colorizations without votes, of adherence {min(scores):.0%} to {max(scores):.0%}"
            yield Suggestion("rate", image_id, reason, rate_worth(scores, unsure.get(image_id, 0.0)), caption_id)


def _to_review(session: Session, _count: int, _chance: random.Random) -> Iterator[Suggestion]:
    judged = exists().where(Review.colorization_id == Colorization.id)
    statement = select(Colorization.id, Colorization.image_id, Colorization.caption_id, Colorization.adherence, trusted_adherence())
    rows = session.execute(statement.where(~judged)).all()
    unsure = unsure_of(session, {row.image_id for row in rows})
    for key, image_id, caption_id, as_measured, adherence in rows:
        told = f"adherence {adherence:.0%}" if adherence is not None else UNASKED if as_measured is None else UNTRUSTED
        if image_id in unsure:
            told += f"; {_surer(unsure[image_id])}"
        yield Suggestion("review", image_id, f"no verdict yet; {told}", review_worth(adherence, unsure.get(image_id, 0.0)), caption_id, key)


def unsure_of(session: Session, image_ids: Iterable[int]) -> dict[int, float]:
    """The rank in [0, 1] of the color prior's doubt among images, for those of which it is known."""
    return ranks(features.doubts_of(session, sorted(image_ids)))


Candidates = Callable[[Session, int, random.Random], Iterator[Suggestion]]
"""Finds what there is to do; where the worth of one depends on what is chosen before it, so many are chosen."""
KINDS: dict[str, Candidates] = {
    "describe": _to_describe,
    "ground": _to_ground,
    "rate": _to_rate,
    "review": _to_review,
}
"""What there is to do, and who finds it."""
