"""What raters preferred, as pairs of pictures: the better and the worse one of the same photo under the same description."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import Select, and_, exists, not_, select
from sqlalchemy.orm import Session

from db.enums import RatingMethod, TrialKind
from db.models import Invitation, Rater, Rating, RatingValue, Stimulus, Study, Trial
from workbench.rating.responses import RANK


@dataclass(frozen=True)
class PreferencePair:
    """Two pictures (media keys) of an image under a caption, of which the winner was preferred in `won` of `votes` votes (a tie: half)."""

    image_id: int
    caption_id: int | None
    caption_text: str
    winner_key: str
    loser_key: str
    votes: int
    won: float

    @property
    def certainty(self) -> float:
        """How sure the votes are that the winner is the better one, in [0, 1]: twice the share expected after them, minus one.

        The share begins evenly spread (Laplace's rule of succession), so that one vote counts a third and ten of ten five sixths.
        """
        return 2 * (self.won + 1) / (self.votes + 2) - 1


@dataclass(frozen=True)
class _Shown:
    """A picture in an answered trial: higher `merit` is better within the trial."""

    key: str
    merit: float


def preference_pairs(session: Session, *, simulated: bool = True) -> list[PreferencePair]:
    """All pairs that votes tell apart, over all studies, by image, caption and files; pairs at even are none.

    Votes of pair, choice and ranking studies on regular trials under a description count, by raters who are not excluded; without
    `simulated` those of people alone. A choice prefers what was chosen to all others, a ranking each picture to those behind it.
    """
    tallies: dict[tuple[int, int | None, str, str, str], list[float]] = defaultdict(lambda: [0, 0.0])
    for (image_id, caption_id, text), shown in _answered(session, simulated):
        for one, other in combinations(sorted(shown, key=lambda picture: picture.key), 2):
            if one.key == other.key or (one.merit == other.merit and len(shown) > 2):
                continue  # of those not chosen among several nothing was said
            tally = tallies[image_id, caption_id, text, one.key, other.key]
            tally[0] += 1
            tally[1] += 0.5 if one.merit == other.merit else float(one.merit > other.merit)
    return [_pair(*key, votes=int(votes), won=won) for key, (votes, won) in sorted(tallies.items(), key=str) if won * 2 != votes]


def _pair(image_id: int, caption_id: int | None, text: str, first: str, second: str, votes: int, won: float) -> PreferencePair:
    if won * 2 < votes:
        first, second, won = second, first, votes - won
    return PreferencePair(image_id, caption_id, text, first, second, votes, won)


def _answered(session: Session, simulated: bool) -> Iterator[tuple[tuple[int, int | None, str], Sequence[_Shown]]]:
    """Of every counted answer what it was asked of, and the pictures shown with their merit in it."""
    shown: list[_Shown] = []
    before, about = None, (0, None, "")
    for row in session.execute(_votes(simulated)):
        if row.rating_id != before:
            if shown:
                yield about, shown
            shown, before, about = [], row.rating_id, (row.image_id, row.caption_id, row.caption_text)
        shown.append(_Shown(row.media_key, -row.rank if row.method is RatingMethod.RANKING else float(bool(row.chosen))))
    if shown:
        yield about, shown


def _votes(simulated: bool) -> Select:
    excluded = exists().where(Invitation.study_id == Study.id, Invitation.rater_id == Rating.rater_id, Invitation.excluded_at.is_not(None))
    rank = and_(RatingValue.rating_id == Rating.id, RatingValue.stimulus_id == Stimulus.id, RatingValue.scale == RANK)
    statement = (
        select(
            Rating.id.label("rating_id"),
            Trial.image_id,
            Trial.caption_id,
            Trial.caption_text,
            Study.method,
            Stimulus.media_key,
            (Rating.stimulus_id == Stimulus.id).label("chosen"),
            RatingValue.value.label("rank"),
        )
        .select_from(Rating)
        .join(Trial, Trial.id == Rating.trial_id)
        .join(Study, Study.id == Trial.study_id)
        .join(Stimulus, Stimulus.trial_id == Trial.id)
        .outerjoin(RatingValue, rank)
        .where(Trial.kind == TrialKind.REGULAR, Trial.image_id.is_not(None), Trial.caption_text.is_not(None), ~excluded)
        .where(Study.method.in_([RatingMethod.PAIR, RatingMethod.CHOICE, RatingMethod.RANKING]))
        .where((Study.method != RatingMethod.RANKING) | RatingValue.value.is_not(None))
        .order_by(Rating.id, Stimulus.position)
    )
    return statement if simulated else statement.join(Rater, Rater.id == Rating.rater_id).where(not_(Rater.simulated))
