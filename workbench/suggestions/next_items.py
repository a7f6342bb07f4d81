"""The items from which most is to be learned, by kind of work, the most instructive first, and some at random among them.

describe  photos without an accepted description, of the sources of which the fewest are described, originals in color first
ground    colored phrases without a mask whose thing and color have the fewest masks so far: coverage of color × object
rate      captions whose colorizations nobody voted on, where adherence differs most between seeds and checkpoints
review    colorizations without a verdict whose adherence is nearest to one half, where it tells least whether they are right

Adherence counts where masks of a person or independent ones say it (`workbench.search.trusted_adherence`).

A tenth is drawn at random from the rest: what is chosen by a rule alone leaves its blind spots blind, and a sample that is known to be
random is what the choice can be measured against.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from db.enums import CaptionStatus
from db.models import Caption, Colorization, Grounding, Image, Mention, MentionColor, Review
from workbench.errors import InvalidInputError
from workbench.rating.vote_tallies import voted
from workbench.search import trusted_adherence

__all__ = ["KINDS", "Suggestion", "suggest"]

AT_RANDOM = 0.1
EVEN = 0.5
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


def suggest(session: Session, kind: str, count: int = 20, seed: int = 0) -> list[Suggestion]:
    """The next items of a kind of work, the most instructive first, with a tenth at random at the end; fixed by the seed.

    Raises InvalidInputError for an unknown kind, or a count below one.
    """
    if kind not in KINDS:
        raise InvalidInputError(f'There is no kind of work "{kind}"; there are {", ".join(KINDS)}.')
    if count < 1:
        raise InvalidInputError(f"Ask for one item or more; got {count}.")
    chance = random.Random(seed)
    ranked = sorted(KINDS[kind](session), key=lambda one: (-one.worth, chance.random()))
    drawn = round(AT_RANDOM * count) if len(ranked) > count else 0
    chosen, rest = ranked[: count - drawn], ranked[count - drawn :]
    return [*chosen, *(replace(one, by_chance=True, reason=f"drawn at random; {one.reason}") for one in chance.sample(rest, drawn))]


def _to_describe(session: Session) -> Iterator[Suggestion]:
    described = exists().where(Caption.image_id == Image.id, Caption.status == CaptionStatus.ACCEPTED)
    number = dict(session.execute(select(Image.source, func.count()).group_by(Image.source)).all())
    done = dict(session.execute(select(Image.source, func.count()).where(described).group_by(Image.source)).all())
    for image_id, source, has_color in session.execute(select(Image.id, Image.source, Image.has_reference).where(~described)):
        share = done.get(source, 0) / number[source]
        reason = f"no description yet; {share:.0%} of the photos of {source} have one"
        yield Suggestion("describe", image_id, reason, 1 - share + (EVEN if has_color else 0))


def _to_ground(session: Session) -> Iterator[Suggestion]:
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


def _to_rate(session: Session) -> Iterator[Suggestion]:
    of_caption: dict[tuple[int, int, str], list[float]] = defaultdict(list)
    statement = select(Colorization.image_id, Colorization.caption_id, Colorization.caption_text, trusted_adherence())
    for image_id, caption_id, text, adherence in session.execute(
        statement.where(Colorization.caption_id.is_not(None), Colorization.id.not_in(voted()))
    ):
        if adherence is not None:
            of_caption[image_id, caption_id, text].append(adherence)
    for (image_id, caption_id, _), scores in of_caption.items():
        if len(scores) > 1:
            reason = f"{len(scores)} colorizations without votes, of adherence {min(scores):.0%} to {max(scores):.0%}"
            yield Suggestion("rate", image_id, reason, max(scores) - min(scores), caption_id)


def _to_review(session: Session) -> Iterator[Suggestion]:
    judged = exists().where(Review.colorization_id == Colorization.id)
    statement = select(Colorization.id, Colorization.image_id, Colorization.caption_id, Colorization.adherence, trusted_adherence())
    for key, image_id, caption_id, as_measured, adherence in session.execute(statement.where(~judged)):
        if adherence is None:
            yield Suggestion("review", image_id, f"no verdict yet; {UNASKED if as_measured is None else UNTRUSTED}", 0.0, caption_id, key)
        else:
            doubt = 1 - abs(adherence - EVEN) / EVEN
            yield Suggestion("review", image_id, f"no verdict yet; adherence {adherence:.0%}", doubt, caption_id, key)


KINDS: dict[str, Callable[[Session], Iterator[Suggestion]]] = {
    "describe": _to_describe,
    "ground": _to_ground,
    "rate": _to_rate,
    "review": _to_review,
}
"""What there is to do, and who finds it."""
