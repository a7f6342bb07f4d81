"""A rater's session, from consent to thanks: what comes next, and what becomes of each answer.

Everything is kept on the invitation and its assignments, so that a session goes on wherever its link is opened. What is told to the page
names trials and pictures by words that hold for one rater alone, and pictures by their places.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.base import now
from db.enums import Outcome, RatingMethod, StudyStatus, TrialKind
from db.models import Assignment, Participant, Rating, Stimulus, Trial
from workbench.errors import InvalidInputError, NotAllowedError, StudyNotOpenError
from workbench.rating import assignment, questionnaire, ratings, trial_page, vision_tests
from workbench.rating.blinded_images import DamagedPictureError
from workbench.rating.responses import TIE, Answer, is_right, keep, read_choice, read_further
from workbench.rating.set_aside import damage_of, set_aside
from workbench.rating.trial_view import view_of, views_of
from workbench.rating.viewing import read_seconds, read_viewing
from workbench.rating.visit import Told, Visit
from workbench.studies import endings, person_data, recruitment
from workbench.studies.rater_words import refused
from workbench.texts import is_text

log = logging.getLogger(__name__)

AHEAD = 1
LONGEST_COMMENT = 2000


def has_ended(visit: Visit) -> bool:
    """Whether nothing can be done any more but to be told how the rater's part ended."""
    outcome, open_now = visit.invitation.outcome, visit.study.status is StudyStatus.OPEN
    if outcome is Outcome.COMPLETED:
        return visit.invitation.excluded_at is None and (not open_now or _is_recruited(visit)) and not _is_asked_after(visit)
    return outcome is not None


def _is_asked_after(visit: Visit) -> bool:
    """Whether all trials are answered, and the questions after them are not yet."""
    completed = visit.invitation.outcome is Outcome.COMPLETED and visit.invitation.excluded_at is None
    return completed and questionnaire.is_pending(visit, "after")


def _is_recruited(visit: Visit) -> bool:
    return visit.session.get(Participant, visit.invitation.id) is not None


def told_ending(visit: Visit, outcome: Outcome | None = None) -> Told:
    """How the rater's part ended, with the code and the way back that belong to it."""
    outcome = outcome or visit.invitation.outcome or Outcome.COMPLETED
    ending = endings.ending_of(visit.session, visit.study, visit.invitation, outcome)
    return {"step": "ended", "outcome": outcome.value, "code": ending.code, "redirect": ending.redirect}


def next_step(visit: Visit) -> Told:
    """What the rater has to do now. Raises StudyNotOpenError."""
    if has_ended(visit):
        return told_ending(visit)
    invitation, rules = visit.invitation, visit.rules
    if _is_asked_after(visit) and (visit.study.status is not StudyStatus.OPEN or _is_recruited(visit)):
        return questionnaire.told(visit, "after")
    if visit.study.status is not StudyStatus.OPEN:
        return _closed(visit)
    if invitation.consented_at is None:
        return {"step": "consent", "text": rules.consent, "question": visit.study.question}
    if not recruitment.keeps_place(visit.session, visit.study, invitation):
        return _turned_away(visit)
    invitation.seen_at = now()
    if rules.display != "off" and "display" not in invitation.screening:
        return {"step": "display", "fields": list(vision_tests.FIELDS)}
    if rules.color_vision != "off" and "color_vision" not in invitation.screening:
        return {"step": "vision", "plates": len(vision_tests.PLATES)}
    if questionnaire.is_pending(visit, "before"):
        return questionnaire.told(visit, "before")
    return _trial_or_ending(visit)


def _closed(visit: Visit) -> Told:
    """A recruited rater leaves with a code, also in the middle; an invited one may come again. Raises StudyNotOpenError."""
    if _is_recruited(visit):
        return told_ending(visit, Outcome.QUOTA_FULL) | {"closed": True}
    raise refused(StudyNotOpenError, "closed")


def _turned_away(visit: Visit) -> Told:
    """A recruited rater leaves with a code; an invited one may come again when there is work."""
    if _is_recruited(visit):
        endings.end(visit.session, visit.invitation, Outcome.QUOTA_FULL)
    return told_ending(visit, Outcome.QUOTA_FULL)


def _trial_or_ending(visit: Visit) -> Told:
    """The trial that is before the rater; one whose pictures turn out to be damaged is set aside, and the next one comes."""
    while True:
        before = assignment.assign(visit.session, visit.study, visit.invitation, ahead=AHEAD)
        if not before.assignments:
            return _completed(visit, before.done) if before.regular else _turned_away(visit)
        told = []
        views = views_of(visit.session, visit.study, before.assignments, before.done, before.total)
        for one, view in zip(before.assignments, views, strict=True):
            try:
                told.append(trial_page.told_trial(visit, one, view))
            except DamagedPictureError as error:
                set_aside(visit.session, visit.session.get_one(Trial, one.trial_id), str(error))
                break
        else:
            return _with_surroundings(visit, told[0], told[1:], before.done)


def _completed(visit: Visit, done: int) -> Told:
    if questionnaire.is_pending(visit, "after"):
        return questionnaire.told(visit, "after")
    return told_ending(visit, Outcome.COMPLETED) | {"done": done}


def _with_surroundings(visit: Visit, told: Told, ahead: list[Told], done: int) -> Told:
    rules = visit.rules
    preload = [address for other in ahead for address in trial_page.addresses_in(other)]
    rest = bool(rules.break_every) and done > 0 and done % rules.break_every == 0
    may_go_back = rules.back and _last(visit) is not None
    return {**told, "rest": rest, "back": may_go_back, "preload": preload, "instructions": rules.instructions}


def vote(visit: Visit, body: Mapping[str, Any]) -> Told:
    """Keep an answer to a trial and tell what comes next; the same answer sent twice is kept once.

    `body`: `trial`, its name; `choice`, a place from 0, `tie`, or a list with a rank, or a mapping of scales to values, for each place;
    `further`, such a choice by the name of each further question; `seconds`, `viewing` and `comment`. Raises InvalidInputError,
    NotAllowedError for a trial that is not before this rater, and as `next_step` does. Once an answer is kept, nothing that goes wrong with
    the next trial takes it back.
    """
    if visit.study.status is not StudyStatus.OPEN:
        return _closed(visit)
    before, kind, rating = _answered_trial(visit, body.get("trial"))
    seconds, viewing = read_seconds(body.get("seconds"), visit.rules), read_viewing(body.get("viewing"))
    comment = _comment(body.get("comment"))
    answer = _answer(visit, before, body)
    facts = (answer, seconds, before.shown_at, before.shown_order)
    if rating is None:
        keep(visit.session, before.trial_id, visit.invitation.rater_id, *facts, viewing=viewing, comment=comment)
    elif visit.rules.back and before == _last(visit):
        ratings.revise(visit.session, rating, answer, seconds, viewing, comment)
    told = _next_or_retry(visit)
    feedback = _feedback(visit, before, answer) if kind is TrialKind.TRAINING else None
    return {**told, "feedback": feedback} if feedback else told


def _next_or_retry(visit: Visit) -> Told:
    try:
        with visit.session.begin_nested():
            return next_step(visit)
    except Exception:
        log.exception("an answer is kept, but what comes next cannot be told")
        return {"step": "retry"}


def _answered_trial(visit: Visit, name: Any) -> tuple[Assignment, TrialKind, Rating | None]:
    """The assignment of a name, its trial's kind, and the rating that it has already."""
    if not isinstance(name, str) or not is_text(name):
        raise refused(NotAllowedError, "not_before_you")
    rated = (Rating.trial_id == Assignment.trial_id) & (Rating.rater_id == Assignment.rater_id)
    statement = select(Assignment, Trial.kind, Rating).join(Trial, Trial.id == Assignment.trial_id).outerjoin(Rating, rated)
    statement = statement.where(Assignment.name == name, Assignment.rater_id == visit.invitation.rater_id)
    row = visit.session.execute(statement.where(Trial.study_id == visit.study.id)).one_or_none()
    if row is None:
        raise refused(NotAllowedError, "not_before_you")
    return row[0], row[1], row[2]


def _answer(visit: Visit, before: Assignment, submitted: Mapping[str, Any]) -> Answer:
    """The answers to the study's question, and to its further ones."""
    offered, further = dict(enumerate(before.shown_order)), submitted.get("further") or {}
    answer = read_choice(visit.study, offered, _by_place(visit, before, submitted.get("choice")))
    if isinstance(further, Mapping):
        further = {name: _by_place(visit, before, choice) for name, choice in further.items()}
    return replace(answer, values=(*answer.values, *read_further(visit.study, offered, further)))


def _by_place(visit: Visit, before: Assignment, choice: Any) -> Any:
    """A choice as the page sends it, as one that names places."""
    if isinstance(choice, list):
        if len(choice) != len(before.shown_order):
            raise InvalidInputError("Give a value for each picture of the trial, and for no other.")
        return dict(enumerate(choice))
    if visit.study.method in (RatingMethod.RANKING, RatingMethod.CATEGORY):
        raise InvalidInputError("Give a value for each picture of the trial, as a list.")
    if choice != TIE and (isinstance(choice, bool) or not isinstance(choice, int)):
        raise InvalidInputError("The choice is none of the pictures of this trial.")
    return choice


def _comment(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not is_text(value):
        raise InvalidInputError("A comment is a text.")
    return value.strip()[:LONGEST_COMMENT] or None


def _feedback(visit: Visit, before: Assignment, answer: Answer) -> Told | None:
    """After practice: whether the answer was the expected one, and which places are right."""
    known = dict(
        visit.session.execute(select(Stimulus.id, Stimulus.is_answer).where(Stimulus.trial_id == before.trial_id)).all()
    )  # fmt: skip
    if all(is_answer is None for is_answer in known.values()):
        return None
    places = [place for place, stimulus_id in enumerate(before.shown_order) if known[stimulus_id]]
    return {"right": is_right(visit.study, TrialKind.TRAINING, known, answer), "places": places}


def _last(visit: Visit) -> Assignment | None:
    """The trial that was answered last, practice left out."""
    rated = (Rating.trial_id == Assignment.trial_id) & (Rating.rater_id == Assignment.rater_id)
    statement = select(Assignment).join(Trial, Trial.id == Assignment.trial_id).join(Rating, rated)
    of_rater = (Trial.study_id == visit.study.id, Trial.kind != TrialKind.TRAINING, Assignment.rater_id == visit.invitation.rater_id)
    return visit.session.scalar(statement.where(*of_rater).order_by(Assignment.position.desc()).limit(1))


def back(visit: Visit) -> Told:
    """The last answered trial once more, where the design allows to take an answer back; raises NotAllowedError where not."""
    last = _last(visit) if visit.rules.back and visit.study.status is StudyStatus.OPEN else None
    if last is None:
        raise refused(NotAllowedError, "final")
    before = assignment.assign(visit.session, visit.study, visit.invitation)
    told = trial_page.told_trial(visit, last, view_of(visit.session, visit.study, last, max(0, before.done - 1), before.total))
    return {**told, "rest": False, "back": False, "preload": [], "instructions": "", "again": True}


def report_broken(visit: Visit, name: Any) -> Told:
    """A picture of a trial did not load: where its file is damaged indeed, the trial is set aside; then what comes next."""
    before, _kind, rating = _answered_trial(visit, name)
    trial = visit.session.get_one(Trial, before.trial_id)
    if rating is None and (reason := damage_of(visit.session, visit.media, trial)) is not None:
        set_aside(visit.session, trial, reason)
    return next_step(visit)


def withdraw(visit: Visit) -> Told:
    """End the rater's part on their wish; the answers go or stay as the design says."""
    deleted = person_data.withdraw(visit.session, visit.invitation)
    return told_ending(visit) | {"deleted": deleted}


def answered(session: Session, study_id: int) -> dict[int, int]:
    """By rater, how many trials of a study they have answered, of every kind."""
    statement = select(Rating.rater_id, func.count(Rating.id)).join(Trial, Trial.id == Rating.trial_id).where(Trial.study_id == study_id)
    return dict(session.execute(statement.group_by(Rating.rater_id)).all())
