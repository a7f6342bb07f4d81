"""What raters said of themselves: counted for a report, few of them together, and one by one as a file."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import quantiles
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Invitation, Rater, Rating, Study, Trial
from workbench.reports.protocol_row import Row
from workbench.studies import rules_of
from workbench.studies.questions import Asked
from workbench.studies.rater_words import ENGLISH
from workbench.texts import guarded

__all__ = ["COLUMNS", "every_answer", "questionnaire_rows"]

FEW = 3
"""Answers that fewer raters gave are not told apart: who knows the raters would know who it was."""
SPREAD_FROM = 8
"""So many numbers have quartiles; of fewer they would be somebody's own."""
PARTS = ("before", "after")
COLUMNS = ("rater", "part", "question", "asked", "answer")


def questionnaire_rows(session: Session, study: Study) -> list[Row]:
    """A line for each question: how often each answer was given by raters who voted; every answer was theirs to leave out."""
    voted = select(Rating.rater_id).join(Trial, Trial.id == Rating.trial_id).where(Trial.study_id == study.id)
    statement = select(Invitation.questionnaire).where(Invitation.study_id == study.id, Invitation.rater_id.in_(voted))
    told = list(session.scalars(statement))
    return [
        Row(f"Asked {part} the trials: {_asked(question)}", _said(question, [answers.get(part, {}).get(question.name) for answers in told]))
        for part in PARTS
        for question in getattr(rules_of(study).questionnaire, part)
    ]


def _asked(question: Asked) -> str:
    """A question as it was asked, those that come with the page in English."""
    return question.question or ENGLISH.say(f"ask_{question.name}")


def _said(question: Asked, answers: Sequence[Any]) -> str:
    said = [answer for answer in answers if answer is not None]
    silent = f"; {len(answers) - len(said)} did not say" if len(said) < len(answers) else ""
    if question.kind == "number":
        return _spread(said) + silent
    if question.kind:
        return f"{len(said)} wrote something" + silent
    return (_counted(Counter(said)) or "nobody said") + silent


def _spread(numbers: Sequence[float]) -> str:
    if len(numbers) < SPREAD_FROM:
        return f"{len(numbers)} gave a number, too few to tell more"
    low, middle, high = quantiles(numbers, n=4)
    return f"median {middle:g}, quartiles {low:g} and {high:g}, of {len(numbers)}"


def _counted(times: Counter) -> str:
    """Each answer with how often it was given; answers of few raters are counted together."""
    told = [f"{answer}: {count}" for answer, count in times.most_common() if count >= FEW]
    rest = sum(count for count in times.values() if count < FEW)
    return ", ".join([*told, *([f"answers of fewer than {FEW} raters each: {rest}"] if rest else [])])


def every_answer(session: Session, study: Study) -> Iterator[dict[str, str]]:
    """What each rater said, a row an answer, in the columns of COLUMNS; nothing of raters who withdrew or are forgotten is left."""
    sentences = {question.name: _asked(question) for part in PARTS for question in getattr(rules_of(study).questionnaire, part)}
    statement = select(Rater.pseudonym, Invitation.questionnaire).join(Invitation, Invitation.rater_id == Rater.id)
    for pseudonym, told in session.execute(statement.where(Invitation.study_id == study.id).order_by(Invitation.id)):
        for part in PARTS:
            for name, answer in told.get(part, {}).items():
                yield {"rater": pseudonym, "part": part, "question": name, "asked": sentences.get(name, ""), "answer": str(guarded(answer))}
