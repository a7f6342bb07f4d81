"""What a rater takes home: a code and a way back, apart for each way in which a part ends."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from sqlalchemy.orm import Session

from db.base import now
from db.enums import Outcome
from db.models import Invitation, Participant, Rater, Study
from workbench.studies.design import Ending, Rules
from workbench.studies.design_io import rules_of
from workbench.studies.randomization import drawn

CODE_LENGTH = 8


def end(session: Session, invitation: Invitation, outcome: Outcome) -> None:
    """Keep how a rater's part ended, and when; the first end stays."""
    if invitation.outcome is None:
        invitation.outcome, invitation.ended_at = outcome, now()
        session.flush()


def ending_of(session: Session, study: Study, invitation: Invitation, outcome: Outcome) -> Ending:
    """The code and the address that a rater is given for an outcome, everything filled in."""
    named = _designed(rules_of(study), outcome)
    if not named.code:
        pseudonym = session.get_one(Rater, invitation.rater_id).pseudonym
        named = replace(named, code=drawn(study.seed, study.id, pseudonym, outcome.value)[:CODE_LENGTH].upper())
    participant = session.get(Participant, invitation.id)
    known = dict(participant.parameters) if participant else {}
    if participant and participant.name is not None:
        known[rules_of(study).recruitment.participant] = participant.name
    return _filled(named, known)


def ending_without_rater(study: Study, outcome: Outcome, known: Mapping[str, str]) -> Ending:
    """The same for somebody of whom nothing is stored: only what the design names."""
    return _filled(_designed(rules_of(study), outcome), known)


def _designed(rules: Rules, outcome: Outcome) -> Ending:
    named: Ending = getattr(rules.recruitment, outcome.value)
    if outcome is Outcome.COMPLETED and not named.code and rules.completion_code:
        return replace(named, code=rules.completion_code)
    return named


def _filled(ending: Ending, known: Mapping[str, str]) -> Ending:
    address = ending.redirect
    for name, value in {**known, "code": ending.code}.items():
        address = address.replace(f"{{{name}}}", quote(value, safe=""))
    return replace(ending, redirect=address)


def completion_code(session: Session, invitation: Invitation) -> str:
    """What the last page gives a rater who has finished: the design's code, or one of their own."""
    return ending_of(session, session.get_one(Study, invitation.study_id), invitation, Outcome.COMPLETED).code


def code_of(session: Session, invitation: Invitation) -> str:
    """The code that the rater was given or, while their part goes on, will be given for finishing."""
    study = session.get_one(Study, invitation.study_id)
    return ending_of(session, study, invitation, invitation.outcome or Outcome.COMPLETED).code
