"""A rater's sitting, from consent to thanks: what comes next, and what becomes of each answer.

Everything is kept on the invitation and its trials, so that a sitting goes on wherever its link is opened. What is told to the page
names trials and pictures by words that hold for one rater alone, and pictures by their places.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.base import now
from db.enums import RatingMethod, StudyStatus, TrialKind
from db.models import Assignment, Invitation, Rating, Stimulus, Study, Trial
from workbench.errors import InvalidInputError, NotAllowedError, StudyNotOpenError
from workbench.rating import assignment, blinded_images, ratings, vision_tests
from workbench.rating.responses import TIE, Answer, is_right, read_choice
from workbench.rating.trial_view import TrialView, view_of
from workbench.store import MediaStore
from workbench.studies import raters, rules_of

__all__ = ["Told", "answered", "back", "check_display", "check_vision", "consent", "lot_of", "next_step", "vote"]

Told = dict[str, Any]
"""What the page is told, fit for JSON."""

POOL = 16
"""So many sets of plates there are; a rater gets one of them."""
NEEDED = 4
"""So many plates of five must be read beside the control plate."""
AHEAD = 1
MOST_SECONDS = 24 * 3600.0


def lot_of(study: Study, row: Invitation) -> int:
    """The set of plates and fields that a rater gets."""
    return (study.seed + row.rater_id) % POOL


def next_step(session: Session, media: MediaStore, row: Invitation) -> Told:
    """What the rater has to do now; needs a writer's session. Raises StudyNotOpenError and NotAllowedError."""
    study = session.get_one(Study, row.study_id)
    if study.status is not StudyStatus.OPEN:
        raise StudyNotOpenError("This study takes no answers now. Thank you for coming; try again when you are told that it is open.")
    rules = rules_of(study)
    if row.consented_at is None:
        return {"step": "consent", "text": rules.consent, "question": study.question}
    if rules.display != "off" and "display" not in row.screening:
        return {"step": "display", "fields": list(vision_tests.FIELDS)}
    if rules.color_vision != "off" and "color_vision" not in row.screening:
        return {"step": "vision", "plates": len(vision_tests.PLATES)}
    return _trial_or_thanks(session, media, study, row)


def _trial_or_thanks(session: Session, media: MediaStore, study: Study, row: Invitation) -> Told:
    hand = assignment.deal(session, study.id, row.rater_id, ahead=AHEAD)
    if not hand.assignments:
        return {"step": "done", "done": hand.done, "code": raters.completion_code(session, row) if hand.done else None}
    rules = rules_of(study)
    first, *ahead = hand.assignments
    told = _trial(session, media, study, row, first, hand.done, hand.total)
    rest = bool(rules.break_every) and hand.done > 0 and hand.done % rules.break_every == 0
    back = rules.back and _last(session, study, row.rater_id) is not None
    preload = [address for dealt in ahead for address in _addresses(media, row, dealt, view_of(session, study, dealt, 0, 0)).values()]
    return {**told, "rest": rest, "back": back, "preload": preload, "instructions": rules.instructions}


def _addresses(media: MediaStore, row: Invitation, dealt: Assignment, view: TrialView) -> dict[str, str]:
    return {part: f"see/{shown.name}" for part, shown in blinded_images.pictures_of(media, row.token_hash, dealt, view).items()}


def _trial(session: Session, media: MediaStore, study: Study, row: Invitation, dealt: Assignment, done: int, total: int) -> Told:
    view = view_of(session, study, dealt, done, total)
    addresses = _addresses(media, row, dealt, view)
    trial = {
        "name": blinded_images.handle(row.token_hash, dealt),
        "question": view.question,
        "caption": view.caption_text,
        "method": view.method.value,
        "view": view.view,
        "ties": view.ties,
        "scales": [asdict(scale) for scale in view.scales],
        "practice": view.practice,
        "pictures": [addresses[str(place)] for place in range(len(view.stimuli))],
        "source": addresses.get("source"),
        "reference": addresses.get("reference"),
    }
    return {"step": "trial", "trial": trial, "done": view.done, "total": view.total}


def consent(session: Session, row: Invitation) -> None:
    """Keep that the rater agreed, and when."""
    row.consented_at = row.consented_at or now()
    session.flush()


def check_display(session: Session, row: Invitation, given: Mapping[str, Any]) -> None:
    """Keep how many patches were counted in each field, and the screen's size as the browser tells it."""
    study = session.get_one(Study, row.study_id)
    right = {field: given.get(field) == vision_tests.field_count(field, lot_of(study, row)) for field in vision_tests.FIELDS}
    facts = {name: _fact(given.get(name)) for name in ("width", "height", "pixel_ratio", "gamut")}
    _keep(session, row, "display", {"passed": all(right.values()), **right, **facts}, rules_of(study).display)


def _fact(value: Any) -> Any:
    """A number or a short word of the browser's about itself."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return value[:20] if isinstance(value, str) else round(min(max(float(value), 0.0), 1e5), 3)


def check_vision(session: Session, row: Invitation, answers: Any) -> None:
    """Keep how many plates were read right; passed with the control plate and four of the others."""
    shown = vision_tests.plates_of(lot_of(study := session.get_one(Study, row.study_id), row))
    if not isinstance(answers, list) or len(answers) != len(shown):
        raise InvalidInputError(f"Give an answer to each of the {len(shown)} plates; nothing counts as one too.")
    right = [str(answer) == plate.digit for plate, answer in zip(shown, answers, strict=True)]
    others = [hit for plate, hit in zip(shown, right, strict=True) if plate.kind != "control"]
    passed = sum(others) >= NEEDED and all(hit for plate, hit in zip(shown, right, strict=True) if plate.kind == "control")
    missed = [plate.kind for plate, hit in zip(shown, right, strict=True) if not hit]
    _keep(
        session, row, "color_vision", {"passed": passed, "right": sum(right), "asked": len(right), "missed": missed},
        rules_of(study).color_vision,
    )  # fmt: skip


def _keep(session: Session, row: Invitation, test: str, outcome: dict[str, Any], rule: str) -> None:
    """The first outcome stays: nobody learns the plates by heart."""
    if test in row.screening or rule == "off":
        return
    row.screening = {**row.screening, test: outcome}
    session.flush()
    if rule == "require" and not outcome["passed"]:
        word = test.replace("_", " ")
        raters.exclude(session, row.study_id, row.rater_id, f"did not pass the {word} check that the design requires", actor="screening")


def vote(session: Session, media: MediaStore, row: Invitation, name: str, choice: Any, seconds: Any) -> Told:
    """Keep an answer to the trial of a name and tell what comes next; the same answer sent twice is kept once.

    `choice`: a place from 0, `tie`, or a list with a rank, or a mapping of scales to values, for each place. Raises
    InvalidInputError, NotAllowedError for a trial that is not before this rater, and as `next_step` does.
    """
    study = session.get_one(Study, row.study_id)
    dealt = _dealt(session, study, row, name)
    seconds = _seconds(seconds)
    rating = session.scalar(select(Rating).where(Rating.trial_id == dealt.trial_id, Rating.rater_id == row.rater_id))
    given = _by_stimulus(study, dealt, choice)
    if rating is None:
        rating = ratings.rate(session, dealt.trial_id, row.rater_id, given, seconds=seconds)
    elif rules_of(study).back and dealt == _last(session, study, row.rater_id):
        ratings.revise(session, rating, given, seconds=seconds)
    told = next_step(session, media, row)
    feedback = _feedback(session, study, dealt, given)
    return {**told, "feedback": feedback} if feedback else told


def _seconds(seconds: Any) -> float | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | None):
        raise InvalidInputError(f"The seconds of an answer are a number; got {seconds!r}.")
    return seconds if seconds is None else min(float(seconds), MOST_SECONDS)


def _dealt(session: Session, study: Study, row: Invitation, name: str) -> Assignment:
    of_rater = select(Assignment).join(Trial, Trial.id == Assignment.trial_id)
    of_rater = of_rater.where(Trial.study_id == study.id, Assignment.rater_id == row.rater_id).order_by(Assignment.position.desc())
    for dealt in session.scalars(of_rater):
        if blinded_images.handle(row.token_hash, dealt) == name:
            return dealt
    raise NotAllowedError("This trial is not before you; reload the page to go on.")


def _by_stimulus(study: Study, dealt: Assignment, choice: Any) -> Any:
    """A choice by places as one by stimulus ids."""
    order = dealt.shown_order
    if isinstance(choice, list):
        if len(choice) != len(order):
            raise InvalidInputError("Give a value for each picture of the trial, and for no other.")
        return dict(zip(order, choice, strict=True))
    if study.method in (RatingMethod.RANKING, RatingMethod.CATEGORY):
        raise InvalidInputError("Give a value for each picture of the trial, as a list.")
    if choice == TIE:
        return TIE
    if isinstance(choice, bool) or not isinstance(choice, int) or not 0 <= choice < len(order):
        raise InvalidInputError(f"The choice {choice!r} is none of the pictures of this trial.")
    return order[choice]


def _feedback(session: Session, study: Study, dealt: Assignment, given: Any) -> Told | None:
    """After practice: whether the answer was the expected one, and which places are right."""
    trial = session.get_one(Trial, dealt.trial_id)
    if trial.kind is not TrialKind.TRAINING:
        return None
    known = dict(session.execute(select(Stimulus.id, Stimulus.is_answer).where(Stimulus.trial_id == trial.id)).all())
    if all(answer is None for answer in known.values()):
        return None
    answer: Answer = read_choice(study, {stimulus_id: stimulus_id for stimulus_id in dealt.shown_order}, given)
    places = [place for place, stimulus_id in enumerate(dealt.shown_order) if known[stimulus_id]]
    return {"right": is_right(study, trial.kind, known, answer), "places": places}


def _last(session: Session, study: Study, rater_id: int) -> Assignment | None:
    """The trial that was answered last, practice left out."""
    answered = (Rating.trial_id == Assignment.trial_id) & (Rating.rater_id == Assignment.rater_id)
    wanted = select(Assignment).join(Trial, Trial.id == Assignment.trial_id).join(Rating, answered)
    wanted = wanted.where(Trial.study_id == study.id, Trial.kind != TrialKind.TRAINING, Assignment.rater_id == rater_id)
    return session.scalar(wanted.order_by(Assignment.position.desc()).limit(1))


def answered(session: Session, study_id: int) -> dict[int, int]:
    """By rater, how many trials of a study they have answered, of every kind."""
    wanted = select(Rating.rater_id, func.count(Rating.id)).join(Trial, Trial.id == Rating.trial_id).where(Trial.study_id == study_id)
    return dict(session.execute(wanted.group_by(Rating.rater_id)).all())


def back(session: Session, media: MediaStore, row: Invitation) -> Told:
    """The last answered trial once more, where the design allows to take an answer back; raises NotAllowedError where not."""
    study = session.get_one(Study, row.study_id)
    raters.require_rater(session, study, row.rater_id)
    last = _last(session, study, row.rater_id) if rules_of(study).back else None
    if last is None:
        raise NotAllowedError("Answers of this study are final; go on with the next trial.")
    hand = assignment.deal(session, study.id, row.rater_id)
    told = _trial(session, media, study, row, last, max(0, hand.done - 1), hand.total)
    return {**told, "rest": False, "back": False, "preload": [], "instructions": "", "again": True}
