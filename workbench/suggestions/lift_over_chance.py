"""The lift of suggestions over chance, by a replay: the work that is done already, done once more in the suggested order and at random.

    describe  pairs of a thing and a color that the descriptions of the chosen photos name
    ground    pairs of a thing and a color that have a mask
    rate      captions whose raters were of one mind: the surplus of the votes for what most preferred, summed
    review    verdicts that adherence alone, accepting from one half up, would have got wrong

A quarter of the done items is chosen by the rule that suggests, as if the others were not there, and so many are drawn at random, many
times. Above 1 the lift says that the rule brings more than chance; where the interval holds 1, the store is too small to tell.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import CaptionStatus, Verdict
from db.models import Caption, Colorization, Grounding, Mention, MentionColor, Review
from workbench.errors import InvalidInputError
from workbench.rating import by_colorization
from workbench.search import trusted_adherence
from workbench.suggestions.doubted_first import Seen, doubted_first, seen
from workbench.suggestions.next_items import EVEN, rate_worth, review_worth, unsure_of

PART, DRAWS, ORDERS, FEWEST, MOST = 0.25, 400, 5, 12, 1200
"""Of the done items that are chosen; how often as many are drawn at random; how often they are chosen, for equals come in the order of
chance, and one such order says as little as one draw; how many must be done for a replay, and at most are looked at, drawn at random:
choosing one after the other takes the square of their number."""
Pair = tuple[str, str]


@dataclass(frozen=True)
class Replay:
    """What `taken` of `items` done ones brought in the suggested order, on average over orders of equals, and drawn at random.

    At random: the mean, and 95 % of the draws.
    """

    kind: str
    items: int
    taken: int
    gained: float
    at_random: float
    low: float
    high: float

    @property
    def lift(self) -> float | None:
        """The gain as a multiple of chance; None where chance brings nothing."""
        return self.gained / self.at_random if self.at_random else None

    @property
    def pays(self) -> bool:
        """Whether the order brought as much as chance does, or more."""
        return self.gained >= self.at_random

    @property
    def says(self) -> str:
        """The replay in a sentence."""
        begin = f"Replayed on {self.items} that are done: {self.taken} in this order bring {self.gained:g} {GAINS[self.kind]}"
        said = f"{begin}, at random {self.at_random:.1f} (95 % of draws: {self.low:g} to {self.high:g})."
        return said if self.pays else f"{said} Here this order is no better than chance, so what is suggested is drawn at random."


@dataclass(frozen=True)
class _Done:
    """An item that is done: what it brings, by pairs or as a number, and what the rule knew of it before."""

    pairs: frozenset[Pair] = frozenset()
    value: float = 0.0
    worth: float = 0.0
    seen: Seen = field(default=Seen(), compare=False)


Order = Callable[[Sequence[_Done], int, random.Random], list[_Done]]


def replay(session: Session, kind: str, seed: int = 0) -> Replay | None:
    """What suggestions of a kind would have brought in this store; None where too little of it is done.

    Raises InvalidInputError for an unknown kind.
    """
    if kind not in GAINS:
        raise InvalidInputError(f'There is no kind of work "{kind}"; there are {", ".join(GAINS)}.')
    done, order = WORK[kind]
    items = done(session)
    if len(items) < FEWEST:
        return None
    chance = random.Random(seed)
    items = chance.sample(items, MOST) if len(items) > MOST else items
    taken = round(PART * len(items))
    drawn = [_gain(chance.sample(items, taken)) for _ in range(DRAWS)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    gained = float(np.mean([_gain(order(items, taken, chance)) for _ in range(ORDERS)]))
    return Replay(kind, len(items), taken, round(gained, 4), float(np.mean(drawn)), float(low), float(high))


def _gain(items: Sequence[_Done]) -> float:
    """What items bring together: different pairs, or the sum of their values."""
    return round(len(frozenset().union(*(one.pairs for one in items))) + sum(one.value for one in items), 4)


def _by_worth(items: Sequence[_Done], count: int, chance: random.Random) -> list[_Done]:
    return sorted(items, key=lambda one: (-one.worth, chance.random()))[:count]


def _rarest_first(items: Sequence[_Done], count: int, chance: random.Random) -> list[_Done]:
    """Again and again what has the pair with the fewest masks so far."""
    left, masks, taken = list(items), Counter(), []
    for _ in range(count):
        best = min(left, key=lambda one: (min(masks[pair] for pair in one.pairs), chance.random()))
        left.remove(best)
        taken.append(best)
        masks.update(best.pairs)
    return taken


def _doubted_first(items: Sequence[_Done], count: int, chance: random.Random) -> list[_Done]:
    """Photos of whose colors the prior is least sure, passing over what is like one before it."""
    places, _ = doubted_first([one.seen for one in items], [], count, chance)
    return [items[place] for place in places]


def _described(session: Session) -> list[_Done]:
    photos = select(Caption.image_id).where(Caption.status == CaptionStatus.ACCEPTED).distinct().order_by(Caption.image_id)
    image_ids, named = list(session.scalars(photos)), _pairs(session, Caption.image_id)
    return [_Done(named.get(key, frozenset()), seen=one) for key, one in seen(session, image_ids).items()]


def _grounded(session: Session) -> list[_Done]:
    return [_Done(pairs) for _, pairs in sorted(_pairs(session, Caption.id, grounded=True).items(), key=lambda one: str(one[0]))]


def _pairs(session: Session, key, grounded: bool = False) -> dict[Hashable, frozenset[Pair]]:
    """The pairs of a thing and a color that accepted captions name, by what a column holds; `grounded`: those with a mask."""
    said = select(key, Mention.object, MentionColor.color).join(Mention, Mention.caption_id == Caption.id)
    said = said.join(MentionColor, MentionColor.mention_id == Mention.id).where(Caption.status == CaptionStatus.ACCEPTED)
    pairs_by_owner: dict[Hashable, set[Pair]] = defaultdict(set)
    for owner, thing, color in session.execute(said.join(Grounding, Grounding.mention_id == Mention.id) if grounded else said):
        pairs_by_owner[owner].add((thing, color))
    return {owner: frozenset(pairs) for owner, pairs in pairs_by_owner.items()}


def _rated(session: Session) -> list[_Done]:
    statement = select(Colorization.id, Colorization.image_id, Colorization.caption_id, Colorization.caption_text, trusted_adherence())
    by_caption: dict[tuple[int, int, str], list[tuple[int, float]]] = defaultdict(list)
    for key, image_id, caption_id, text, adherence in session.execute(
        statement.where(Colorization.caption_id.is_not(None)).order_by(Colorization.id)
    ):
        if adherence is not None:
            by_caption[image_id, caption_id, text].append((key, adherence))
    tallies = by_colorization(session, [key for several in by_caption.values() for key, _ in several])
    unsure, done = unsure_of(session, {image_id for image_id, *_ in by_caption}), []
    for (image_id, *_), several in by_caption.items():
        rates = [tallies[key].win_rate for key, _ in several if key in tallies and tallies[key].votes]
        if len(several) > 1 and rates:
            scores = [score for _, score in several]
            surplus = max(0.0, 2 * max(rate for rate in rates if rate is not None) - 1)
            done.append(_Done(value=round(surplus, 4), worth=rate_worth(scores, unsure.get(image_id, 0.0))))
    return done


def _reviewed(session: Session) -> list[_Done]:
    verdicts = select(Review.verdict, Colorization.image_id, trusted_adherence())
    statement = verdicts.join(Colorization, Colorization.id == Review.colorization_id).order_by(Review.id)
    rows = [(verdict, image_id, score) for verdict, image_id, score in session.execute(statement) if score is not None]
    unsure = unsure_of(session, {image_id for _, image_id, _ in rows})
    return [
        _Done(value=float((verdict is Verdict.ACCEPT) != (score >= EVEN)), worth=review_worth(score, unsure.get(image_id, 0.0)))
        for verdict, image_id, score in rows
    ]


WORK: dict[str, tuple[Callable[[Session], list[_Done]], Order]] = {
    "describe": (_described, _doubted_first),
    "ground": (_grounded, _rarest_first),
    "rate": (_rated, _by_worth),
    "review": (_reviewed, _by_worth),
}
GAINS = {
    "describe": "pairs of a thing and a color", "ground": "pairs of a thing and a color with a mask",
    "rate": "votes' surplus for what most preferred", "review": "verdicts that adherence alone would have got wrong",
}  # fmt: skip
