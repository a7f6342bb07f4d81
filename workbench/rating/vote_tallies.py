"""What votes say about single colorizations: how often each was preferred, and how it was scored."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import comb

from sqlalchemy import Select, and_, exists, func, not_, select
from sqlalchemy.orm import Session

from db.enums import RatingMethod, TrialKind
from db.models import Invitation, Rater, Rating, RatingValue, Stimulus, Study, Trial
from workbench.rating.responses import RANK
from workbench.store import batches
from workbench.studies.counted_votes import left_out


@dataclass
class Tally:
    """The votes on one colorization, over all studies."""

    votes: int = 0
    """Times it was shown beside others in an answered trial."""
    wins: float = 0.0
    """Times it was chosen; a tie between two is half a win; of a ranking the share of others that it was put before."""
    scores: tuple[float, ...] = ()
    """Values of category ratings, from 1, on whatever scales they were given."""

    pairs: int = field(default=0, compare=False)
    """Pairs of raters who answered the same trial."""
    agreeing: int = field(default=0, compare=False)
    """Those of them who said the same of it."""

    @property
    def win_rate(self) -> float | None:
        """Wins by votes in [0, 1]; None without votes."""
        return self.wins / self.votes if self.votes else None

    @property
    def mean_score(self) -> float | None:
        """The mean category value; None without any."""
        return sum(self.scores) / len(self.scores) if self.scores else None

    @property
    def agreement(self) -> float | None:
        """The part of the raters' pairs that agree about it, in [0, 1]; None where no two of them answered the same trial."""
        return self.agreeing / self.pairs if self.pairs else None

    @property
    def disagreement(self) -> float:
        """How split the votes are in [0, 1]: 1 at even, 0 where all agree or nobody voted."""
        share = self.win_rate
        return 0.0 if share is None else 4 * share * (1 - share)


def by_colorization(session: Session, colorization_ids: Iterable[int], *, simulated: bool = True) -> dict[int, Tally]:
    """The tally of each colorization that was voted on; without `simulated` of people's votes only.

    Only answers on regular trials by raters who are not excluded from their study count.
    """
    tallies: dict[int, Tally] = defaultdict(Tally)
    said: dict[tuple[int, int], Counter] = defaultdict(Counter)
    for ids in batches(colorization_ids):
        for colorization_id, trial_id, chosen, tie, method, shown, rank in session.execute(_answers(ids, simulated)):
            tally = tallies[colorization_id]
            if method is RatingMethod.CATEGORY or shown < 2:
                continue
            tally.votes += 1
            won = (shown - rank) / (shown - 1) if method is RatingMethod.RANKING else 1.0 if chosen else 0.5 if tie else 0.0
            tally.wins += won
            said[colorization_id, trial_id][won] += 1
        for colorization_id, trial_id, score in session.execute(_scores(ids, simulated)):
            tallies[colorization_id].scores += (float(score),)
            said[colorization_id, trial_id][score] += 1
    for (colorization_id, _), answers in said.items():
        tallies[colorization_id].pairs += comb(answers.total(), 2)
        tallies[colorization_id].agreeing += sum(comb(number, 2) for number in answers.values())
    return dict(tallies)


def voted() -> Select:
    """The ids of the colorizations that were shown in an answered trial."""
    return select(Stimulus.colorization_id).join(Rating, Rating.trial_id == Stimulus.trial_id).where(Stimulus.colorization_id.is_not(None))


def _counted(statement: Select, ids: list[int], simulated: bool) -> Select:
    excluded = exists().where(Invitation.study_id == Study.id, Invitation.rater_id == Rating.rater_id, left_out())
    statement = statement.where(Stimulus.colorization_id.in_(ids), Trial.kind == TrialKind.REGULAR, ~excluded)
    return statement if simulated else statement.join(Rater, Rater.id == Rating.rater_id).where(not_(Rater.simulated))


def _answers(ids: list[int], simulated: bool) -> Select:
    """(colorization, trial, chosen?, tie?, method, how many were shown, its rank) of every answer."""
    others = select(func.count(Stimulus.id)).where(Stimulus.trial_id == Trial.id).correlate(Trial).scalar_subquery()
    rank = and_(RatingValue.rating_id == Rating.id, RatingValue.stimulus_id == Stimulus.id, RatingValue.scale == RANK)
    statement = (
        select(
            Stimulus.colorization_id,
            Trial.id,
            Rating.stimulus_id == Stimulus.id,
            Rating.is_tie,
            Study.method,
            others,
            RatingValue.value,
        )
        .select_from(Stimulus)
        .join(Trial, Trial.id == Stimulus.trial_id)
        .join(Study, Study.id == Trial.study_id)
        .join(Rating, Rating.trial_id == Trial.id)
        .outerjoin(RatingValue, rank)
    )
    return _counted(statement, ids, simulated)


def _scores(ids: list[int], simulated: bool) -> Select:
    """(colorization, trial, value) of every category value."""
    statement = (
        select(Stimulus.colorization_id, Trial.id, RatingValue.value)
        .select_from(RatingValue)
        .join(Rating, Rating.id == RatingValue.rating_id)
        .join(Stimulus, Stimulus.id == RatingValue.stimulus_id)
        .join(Trial, Trial.id == Stimulus.trial_id)
        .join(Study, Study.id == Trial.study_id)
        .where(Study.method == RatingMethod.CATEGORY)
    )
    return _counted(statement, ids, simulated)
