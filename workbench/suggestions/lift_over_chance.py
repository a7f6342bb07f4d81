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
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import CaptionStatus, Verdict
from db.models import Caption, Colorization, Grounding, Image, Mention, MentionColor, Review
from workbench.errors import InvalidInputError
from workbench.rating import by_colorization
from workbench.search import trusted_adherence
from workbench.suggestions.next_items import EVEN

PART, DRAWS, FEWEST, MOST = 0.25, 400, 12, 1200
"""Of the done items that are chosen; how often as many are drawn at random; how many must be done for a replay, and at most are looked at,
drawn at random: choosing one after the other takes the square of their number."""
Pair = tuple[str, str]


@dataclass(frozen=True)
class Replay:
    """What `taken` of `items` done ones brought in the suggested order, and drawn at random: the mean, and 95 % of the draws."""

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
    def says(self) -> str:
        """The replay in a sentence."""
        begin = f"Replayed on {self.items} that are done: {self.taken} in this order bring {self.gained:g} {GAINS[self.kind]}"
        return f"{begin}, at random {self.at_random:.1f} (95 % of draws: {self.low:g} to {self.high:g})."


@dataclass(frozen=True)
class _Done:
    """An item that is done: what it brings, by pairs or as a number, and what the rule knew of it before."""

    pairs: frozenset[Pair] = frozenset()
    value: float = 0.0
    worth: float = 0.0
    source: str = ""
    is_original: bool = False


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
    return Replay(kind, len(items), taken, _gain(order(items, taken, chance)), float(np.mean(drawn)), float(low), float(high))


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


def _least_described_first(items: Sequence[_Done], count: int, chance: random.Random) -> list[_Done]:
    """Again and again a photo of the source of which the smallest part is described, originals in color first."""
    left, number, described, taken = list(items), Counter(one.source for one in items), Counter(), []
    for _ in range(count):
        best = min(left, key=lambda one: (described[one.source] / number[one.source] - EVEN * one.is_original, chance.random()))
        left.remove(best)
        taken.append(best)
        described[best.source] += 1
    return taken


def _described(session: Session) -> list[_Done]:
    photos = select(Image.id, Image.source, Image.has_reference).join(Caption, Caption.image_id == Image.id)
    named = _pairs(session, Caption.image_id)
    rows = session.execute(photos.where(Caption.status == CaptionStatus.ACCEPTED).distinct().order_by(Image.id))
    return [_Done(named.get(key, frozenset()), source=source, is_original=original) for key, source, original in rows]


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
    statement = select(Colorization.id, Colorization.caption_id, Colorization.caption_text, trusted_adherence())
    by_caption: dict[Hashable, list[tuple[int, float]]] = defaultdict(list)
    for key, caption_id, text, adherence in session.execute(
        statement.where(Colorization.caption_id.is_not(None)).order_by(Colorization.id)
    ):
        if adherence is not None:
            by_caption[caption_id, text].append((key, adherence))
    tallies = by_colorization(session, [key for several in by_caption.values() for key, _ in several])
    done = []
    for several in by_caption.values():
        rates = [tallies[key].win_rate for key, _ in several if key in tallies and tallies[key].votes]
        if len(several) > 1 and rates:
            scores = [score for _, score in several]
            surplus = max(0.0, 2 * max(rate for rate in rates if rate is not None) - 1)
            done.append(_Done(value=round(surplus, 4), worth=max(scores) - min(scores)))
    return done


def _reviewed(session: Session) -> list[_Done]:
    statement = select(Review.verdict, trusted_adherence()).join(Colorization, Colorization.id == Review.colorization_id)
    rows = [(verdict is Verdict.ACCEPT, score) for verdict, score in session.execute(statement.order_by(Review.id)) if score is not None]
    return [_Done(value=float(accepted != (score >= EVEN)), worth=1 - abs(score - EVEN) / EVEN) for accepted, score in rows]


WORK: dict[str, tuple[Callable[[Session], list[_Done]], Order]] = {
    "describe": (_described, _least_described_first),
    "ground": (_grounded, _rarest_first),
    "rate": (_rated, _by_worth),
    "review": (_reviewed, _by_worth),
}
GAINS = {
    "describe": "pairs of a thing and a color", "ground": "pairs of a thing and a color with a mask",
    "rate": "votes' surplus for what most preferred", "review": "verdicts that adherence alone would have got wrong",
}  # fmt: skip
