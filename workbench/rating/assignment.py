"""Trials dealt to raters: blind, evenly, and each to a rater once."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from db.base import now
from db.enums import TrialKind
from db.models import Assignment, Invitation, Rating, Stimulus, Study, Trial
from workbench.rating.active_sampling import gains
from workbench.rating.open_trials import OpenTrial, open_trials
from workbench.rating.trial_view import TrialView, view_of
from workbench.studies import randomization, require_rater, rules_of, study_of

__all__ = ["LEASE", "Hand", "deal", "next_trial"]

LEASE = timedelta(minutes=10)
"""How long a trial waits for the rater it was dealt to before another may have it."""

WATCHING = (TrialKind.GOLD, TrialKind.TRAP)


@dataclass(frozen=True)
class Hand:
    """The trials that a rater holds, the one to be answered first."""

    assignments: list[Assignment]
    done: int
    """Trials that this rater has answered, and all there are for this rater now, those in the hand included."""
    total: int


def next_trial(session: Session, study_id: int, rater_id: int) -> TrialView | None:
    """The trial that this rater has before them, dealt now if there is none; None where nothing is left for this rater.

    Needs a writer's session: dealing takes a lease. A trial that was dealt and not answered comes again, on any device. Raises
    StudyNotOpenError and NotAllowedError.
    """
    hand = deal(session, study_id, rater_id)
    if not hand.assignments:
        return None
    return view_of(session, study_of(session, study_id), hand.assignments[0], hand.done, hand.total)


def deal(session: Session, study_id: int, rater_id: int, ahead: int = 0) -> Hand:
    """Fill a rater's hand: the trial to be answered, and so many ahead whose pictures can be loaded already.

    First the practice; then regular trials of images that the rater has seen least, among them those with the fewest votes and
    leases (or those that tell most), in the rater's own order; among a dozen a gold and a trap trial where there are any.
    Raises StudyNotOpenError and NotAllowedError.
    """
    study = study_of(session, study_id)
    session.refresh(study, with_for_update=True)  # on PostgreSQL dealing waits here; SQLite's writer has its lock already
    invitation = require_rater(session, study, rater_id)
    table = _Table(session, study, invitation)
    table.give_up()
    while len(table.held) <= ahead and (trial_id := table.draw()) is not None:
        table.hand_out(trial_id)
    until = now() + LEASE
    for assignment in table.held:
        assignment.leased_until = until
    if table.held:
        table.held[0].shown_at = table.held[0].shown_at or now()
    elif invitation.finished_at is None and table.done:
        invitation.finished_at = now()
    session.flush()
    return Hand(table.held, table.done, table.total)


class _Table:
    """The dealing of one moment to one rater."""

    def __init__(self, session: Session, study: Study, invitation: Invitation):
        self.session, self.study, self.rater_id = session, study, invitation.rater_id
        self.rules = rules_of(study)
        cohorts = self.rules.cohorts
        self.votes = cohorts.get(invitation.cohort, 0) if cohorts else study.votes_per_trial
        found = open_trials(session, study, invitation.rater_id, invitation.cohort if cohorts else None)
        self.open = {trial.id: trial for trial in found}
        of_rater = select(Trial.kind, func.count()).join(Rating, Rating.trial_id == Trial.id)
        of_rater = of_rater.where(Trial.study_id == study.id, Rating.rater_id == self.rater_id).group_by(Trial.kind)
        self.answered = Counter(dict(session.execute(of_rater).all()))
        dealt = select(Assignment, Trial.image_id).join(Trial, Trial.id == Assignment.trial_id)
        dealt = dealt.where(Trial.study_id == study.id, Assignment.rater_id == self.rater_id).order_by(Assignment.position)
        rows = session.execute(dealt).all()
        self.seen = Counter(row.image_id for row in rows)
        self.place = 1 + max((row.Assignment.position for row in rows), default=-1)
        self.held = [row.Assignment for row in rows if row.Assignment.trial_id in self.open]

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
        holding = {assignment.trial_id for assignment in self.held}
        waiting = sum(trial.id in holding or trial.taken < self.votes for trial in self.open.values() if trial.kind is TrialKind.REGULAR)
        everything = self.answered[TrialKind.REGULAR] + waiting
        most = self.rules.trials_per_rater
        return everything if most is None else min(everything, most)

    def give_up(self) -> None:
        """Let go of trials that others have filled meanwhile."""
        kept = [held for held in self.held if self._is_wanted(self.open[held.trial_id])]
        gone = [held.id for held in self.held if held not in kept]
        if gone:
            self.session.execute(delete(Assignment).where(Assignment.id.in_(gone)))
            self.held = kept

    def _is_wanted(self, trial: OpenTrial) -> bool:
        return trial.kind is not TrialKind.REGULAR or trial.firm < self.votes

    def draw(self) -> int | None:
        """The trial that comes next; None where there is none for this rater."""
        holding = {assignment.trial_id for assignment in self.held}
        free = [trial for trial in self.open.values() if trial.id not in holding]
        by_kind = {kind: [trial for trial in free if trial.kind is kind] for kind in TrialKind}
        given = self.answered + Counter(self.open[trial_id].kind for trial_id in holding)
        if by_kind[TrialKind.TRAINING]:
            return self._least(by_kind[TrialKind.TRAINING])
        regular = self._regular(by_kind[TrialKind.REGULAR], given[TrialKind.REGULAR])
        for kind in WATCHING:
            if by_kind[kind] and self._is_due(kind, given, bool(regular)):
                return self._least(by_kind[kind])
        return self._best(regular) if regular else None

    def _regular(self, free: list[OpenTrial], given: int) -> list[OpenTrial]:
        if self.rules.trials_per_rater is not None and given >= self.rules.trials_per_rater:
            return []
        wanted = [trial for trial in free if trial.taken < self.votes]
        # Where nothing else is left, a trial that waits in another's hand unseen is better answered here and now.
        return wanted or [trial for trial in free if trial.firm < self.votes]

    def _is_due(self, kind: TrialKind, given: Counter, more: bool) -> bool:
        regular = given[TrialKind.REGULAR]
        if not more:  # the last dozen keeps its checks, however short it turned out
            return given[kind] < randomization.dozens(regular)
        dozen, within = divmod(regular, randomization.REGULAR_IN_DOZEN)
        size = min(randomization.REGULAR_IN_DOZEN, self._regular_in_all() - regular + within)
        return given[kind] <= dozen and within >= randomization.due(self.study.seed, self.rater_id, kind, dozen, size)

    def _lot(self, trial: OpenTrial) -> str:
        return randomization.drawn(self.study.seed, self.study.id, self.rater_id, trial.id)

    def _least(self, trials: list[OpenTrial]) -> int:
        return min(trials, key=lambda trial: (self.seen[trial.image_id], self._lot(trial))).id

    def _best(self, trials: list[OpenTrial]) -> int:
        tells = gains(self.session, self.study) if self.rules.selection == "informative" else {}
        return min(
            trials, key=lambda trial: (self.seen[trial.image_id], -round(tells.get(trial.id, 0.0), 9), trial.taken, self._lot(trial))
        ).id

    def hand_out(self, trial_id: int) -> None:
        """Deal a trial, its pictures in an order that balances places over the raters."""
        stimuli = list(self.session.scalars(select(Stimulus.id).where(Stimulus.trial_id == trial_id).order_by(Stimulus.position)))
        turn = self.session.scalar(select(func.count(Assignment.id)).where(Assignment.trial_id == trial_id))
        assignment = Assignment(
            trial_id=trial_id,
            rater_id=self.rater_id,
            position=self.place,
            shown_order=randomization.order(stimuli, self.study.seed, trial_id, turn),
            leased_until=now() + LEASE,
        )
        self.session.add(assignment)
        self.session.flush()
        self.held.append(assignment)
        self.seen[self.open[trial_id].image_id] += 1
        self.place += 1
