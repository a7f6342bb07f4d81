"""Trials assigned to raters: blind, evenly, and each to a rater once."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from db.base import now
from db.enums import Outcome, RatingMethod, TrialKind
from db.models import Assignment, Invitation, Rating, Stimulus, Study, Trial
from workbench.rating import within_rater
from workbench.rating.active_sampling import gains
from workbench.rating.open_trials import OpenTrial, open_trials
from workbench.rating.trial_view import TrialView, view_of
from workbench.studies import endings, randomization, require_rater, rules_of, study_of

LEASE = timedelta(minutes=10)
"""How long a trial waits for the rater it was assigned to before another may have it."""

WATCHING = (TrialKind.GOLD, TrialKind.TRAP)


@dataclass(frozen=True)
class Assigned:
    """The trials that lie before a rater, the one to be answered first."""

    assignments: list[Assignment]
    done: int
    """Trials that this rater has answered, and all there are for this rater now, those that lie before them included."""
    total: int
    regular: int
    """Regular trials among those answered."""


def next_trial(session: Session, study_id: int, rater_id: int) -> TrialView | None:
    """The trial that this rater has before them, assigned now if there is none; None where nothing is left for this rater.

    Needs a writer's session: assigning takes a lease. A trial that was assigned and not answered comes again, on any device. Raises
    StudyNotOpenError and NotAllowedError.
    """
    study = study_of(session, study_id)
    session.refresh(study, with_for_update=True)  # on PostgreSQL assigning waits here; SQLite's writer has its lock already
    before = assign(session, study, require_rater(session, study, rater_id))
    if not before.assignments:
        return None
    return view_of(session, study, before.assignments[0], before.done, before.total)


def assign(session: Session, study: Study, invitation: Invitation, ahead: int = 0) -> Assigned:
    """See to it that a rater has a trial to answer, and so many ahead whose pictures can be loaded already.

    First the practice, unless no work is left after it; then regular trials of images that the rater has seen least, among them those
    that keep the rater's systems in balance, then those with the fewest ratings and leases (or those that tell most), in the rater's
    own order; among a dozen a gold and a trap trial where there are any. The caller has the study's lock and knows the rater is let in.
    """
    assigner = _Assigner(session, study, invitation)
    assigner.give_up()
    while len(assigner.waiting) <= ahead and (trial := assigner.choose()) is not None:
        assigner.take(trial)
    moment = now()
    for assignment in assigner.waiting:
        assignment.leased_until = moment + LEASE
    if assigner.waiting:
        assigner.waiting[0].shown_at = assigner.waiting[0].shown_at or moment
    elif invitation.finished_at is None and assigner.answered[TrialKind.REGULAR]:
        invitation.finished_at = moment
        endings.end(session, invitation, Outcome.COMPLETED)
    session.flush()
    return Assigned(assigner.waiting, assigner.done, assigner.total, assigner.answered[TrialKind.REGULAR])


@dataclass
class _Past:
    """What a rater has been assigned so far, read once."""

    answered: Counter = field(default_factory=Counter)
    seen: Counter = field(default_factory=Counter)
    """By image."""
    next_position: int = 0
    waiting: list[Assignment] = field(default_factory=list)
    orders: list[list[int]] = field(default_factory=list)
    """Of stimuli, in the order of the assignments."""


def _past(session: Session, study: Study, rater_id: int) -> _Past:
    answered = (Rating.trial_id == Assignment.trial_id) & (Rating.rater_id == Assignment.rater_id)
    rows = (
        select(Assignment.id, Assignment.position, Assignment.shown_order, Trial.kind, Trial.image_id, Rating.id, Trial.set_aside_at)
        .join(Trial, Trial.id == Assignment.trial_id)
        .outerjoin(Rating, answered)
        .where(Trial.study_id == study.id, Assignment.rater_id == rater_id)
        .order_by(Assignment.position)
    )
    past, unanswered = _Past(), []
    for key, position, order, kind, image_id, rating_id, set_aside_at in session.execute(rows):
        past.seen[image_id] += 1
        past.next_position = position + 1
        past.orders.append(order)
        if rating_id is not None:
            past.answered[kind] += 1
        elif set_aside_at is None:
            unanswered.append(key)
    if unanswered:
        waiting = select(Assignment).where(Assignment.id.in_(unanswered)).order_by(Assignment.position)
        past.waiting = list(session.scalars(waiting))
    return past


class _Assigner:
    """What can be assigned to one rater at one moment."""

    def __init__(self, session: Session, study: Study, invitation: Invitation):
        self.session, self.study, self.rater_id = session, study, invitation.rater_id
        self.rules = rules_of(study)
        cohorts = self.rules.cohorts
        self.votes = cohorts.get(invitation.cohort, 0) if cohorts else study.votes_per_trial
        if invitation.is_curator and not invitation.is_counted:
            self.votes = study.votes_per_trial  # a curator looks at everything and takes no place of a rater's
        open_now = open_trials(session, study, invitation.rater_id, invitation.cohort if cohorts else None)
        self.open = {trial.id: trial for trial in open_now}
        self.past = _past(session, study, invitation.rater_id)
        self.answered = self.past.answered
        self.waiting = [assignment for assignment in self.past.waiting if assignment.trial_id in self.open]

    @property
    def done(self) -> int:
        return self.answered.total()

    @property
    def total(self) -> int:
        """All trials of this rater, as far as can be told now."""
        regular = self._regular_in_all()
        watching = sum(min(self._of_kind(kind), randomization.dozens(regular)) for kind in WATCHING)
        return regular + watching + self._of_kind(TrialKind.TRAINING)

    def _of_kind(self, kind: TrialKind) -> int:
        return self.answered[kind] + sum(trial.kind is kind for trial in self.open.values())

    def _regular_in_all(self) -> int:
        before = {assignment.trial_id for assignment in self.waiting}
        free = sum(trial.id in before or trial.taken < self.votes for trial in self.open.values() if trial.kind is TrialKind.REGULAR)
        everything = self.answered[TrialKind.REGULAR] + free
        most = self.rules.trials_per_rater
        return everything if most is None else min(everything, most)

    def give_up(self) -> None:
        """Let go of trials that others have filled meanwhile."""
        kept = [one for one in self.waiting if self._is_wanted(self.open[one.trial_id])]
        gone = [one.id for one in self.waiting if one not in kept]
        if gone:
            self.session.execute(delete(Assignment).where(Assignment.id.in_(gone)))
            self.waiting = kept

    def _is_wanted(self, trial: OpenTrial) -> bool:
        return trial.kind is not TrialKind.REGULAR or trial.firm < self.votes

    def choose(self) -> OpenTrial | None:
        """The trial that comes next; None where there is none for this rater."""
        before = {assignment.trial_id for assignment in self.waiting}
        free = [trial for trial in self.open.values() if trial.id not in before]
        by_kind = {kind: [trial for trial in free if trial.kind is kind] for kind in TrialKind}
        counts = self.answered + Counter(self.open[trial_id].kind for trial_id in before)
        regular = self._regular(by_kind[TrialKind.REGULAR], counts[TrialKind.REGULAR])
        if not regular and not counts[TrialKind.REGULAR]:
            return None  # nobody practices, or is watched, for work that is not there
        if by_kind[TrialKind.TRAINING]:
            return self._least(by_kind[TrialKind.TRAINING])
        for kind in WATCHING:
            if by_kind[kind] and self._is_due(kind, counts, bool(regular)):
                return self._least(by_kind[kind])
        return self._best(regular) if regular else None

    def _regular(self, free: list[OpenTrial], number: int) -> list[OpenTrial]:
        if self.rules.trials_per_rater is not None and number >= self.rules.trials_per_rater:
            return []
        short_of_votes = [trial for trial in free if trial.taken < self.votes]
        # Where nothing else is left, a trial that waits unseen before another rater is better answered here and now.
        return short_of_votes or [trial for trial in free if trial.firm < self.votes]

    def _is_due(self, kind: TrialKind, counts: Counter, more: bool) -> bool:
        regular = counts[TrialKind.REGULAR]
        if not more:  # the last dozen keeps its checks, however short it turned out
            return counts[kind] < randomization.dozens(regular)
        dozen, within = divmod(regular, randomization.REGULAR_IN_DOZEN)
        size = min(randomization.REGULAR_IN_DOZEN, self._regular_in_all() - regular + within)
        return counts[kind] <= dozen and within >= randomization.due(self.study.seed, self.rater_id, kind, dozen, size)

    def _first(self, trials: Sequence[OpenTrial], rank: Callable[[OpenTrial], Any]) -> OpenTrial:
        """Of the trials of the lowest rank the first one in the rater's own order; lots are drawn for those alone."""
        ranks = [rank(trial) for trial in trials]
        lowest = min(ranks)
        lot = randomization.drawing(self.study.seed, self.study.id, self.rater_id)
        return min((trial for trial, own in zip(trials, ranks, strict=True) if own == lowest), key=lambda trial: lot(trial.id))

    def _least(self, trials: Sequence[OpenTrial]) -> OpenTrial:
        return self._first(trials, lambda trial: self.past.seen.get(trial.image_id, 0))

    def _best(self, trials: Sequence[OpenTrial]) -> OpenTrial:
        tells = gains(self.session, self.study) if self.rules.selection == "informative" else {}
        balance = self._balance(trials)
        seen = self.past.seen
        return self._first(
            trials, lambda trial: (seen.get(trial.image_id, 0), balance.get(trial.id, ()), -round(tells.get(trial.id, 0.0), 9), trial.taken)
        )

    def _balance(self, trials: Sequence[OpenTrial]) -> dict[int, tuple[int, ...]]:
        """Category studies show one system at a time: by trial, how far it would put this rater's systems out of balance."""
        if self.study.method is not RatingMethod.CATEGORY:
            return {}
        shown = [stimulus_id for order in self.past.orders for stimulus_id in order[:1]]
        system_of, of_trial = within_rater.systems(self.session, self.study, {trial.id for trial in trials}, shown)
        sequence = [system_of[stimulus_id] for stimulus_id in shown if stimulus_id in system_of]
        return {trial_id: within_rater.imbalance(sequence, system) for trial_id, system in of_trial.items()}

    def take(self, trial: OpenTrial) -> None:
        """Assign a trial, its pictures in an order that balances places over the raters, and within this one where it is a set."""
        before = select(func.count(Assignment.id)).where(Assignment.trial_id == trial.id).scalar_subquery()
        rows = self.session.execute(
            select(Stimulus.id, Stimulus.system, before).where(Stimulus.trial_id == trial.id).order_by(Stimulus.position)
        ).all()
        stimuli, turn = [row[0] for row in rows], rows[0][2]
        if self.study.method in (RatingMethod.RANKING, RatingMethod.CHOICE) and trial.kind is TrialKind.REGULAR:
            systems = {row[0]: row[1] for row in rows}
            past = within_rater.placed(self.session, self.study, self.past.orders)
            order = within_rater.balanced_order(systems, past, (self.study.seed, trial.id, self.rater_id))
        else:
            order = randomization.order(stimuli, self.study.seed, trial.id, turn)
        assignment = Assignment(
            trial_id=trial.id, rater_id=self.rater_id, position=self.past.next_position, shown_order=order, leased_until=now() + LEASE
        )
        self.session.add(assignment)
        self.session.flush()
        self.waiting.append(assignment)
        self.past.seen[trial.image_id] += 1
        self.past.next_position += 1
        self.past.orders.append(order)
