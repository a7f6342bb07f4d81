"""What raters are asked of themselves, before the first trial and after the last; each answer is theirs to leave out."""

from collections.abc import Mapping
from typing import Any

from workbench.errors import InvalidInputError
from workbench.rating.visit import Told, Visit
from workbench.studies.questions import USUAL, Asked
from workbench.studies.rater_words import Words
from workbench.texts import is_text

__all__ = ["PARTS", "is_pending", "keep", "told"]

PARTS = ("before", "after")
LONGEST = {"text": 200, "long text": 2000}
"""Characters of an answer."""
LARGEST = 1e9


def _questions(visit: Visit, part: str) -> tuple[Asked, ...]:
    return getattr(visit.rules.questionnaire, part)


def is_pending(visit: Visit, part: str) -> bool:
    """Whether a part has questions that were not put before this rater yet."""
    return bool(_questions(visit, part)) and part not in visit.invitation.questionnaire


def told(visit: Visit, part: str) -> Told:
    """The questions of a part, in the words of the study's language."""
    words = visit.words
    return {"step": "questionnaire", "part": part, "questions": [_question(question, words) for question in _questions(visit, part)]}


def _question(question: Asked, words: Words) -> Told:
    usual = question.name in USUAL
    values = USUAL[question.name] if usual else question.choices
    labels = [words.sentences.get(f"{question.name}_{value}", value) if usual else value for value in values]
    return {
        "name": question.name,
        "question": words.say(f"ask_{question.name}") if usual else question.question,
        "choices": [{"value": value, "label": label} for value, label in zip(values, labels, strict=True)],
        "kind": question.kind,
        "longest": LONGEST.get(question.kind),
    }


def keep(visit: Visit, part: Any, answers: Any) -> None:
    """Keep the answers to a part, by the names of its questions; what is left out is left out. What was kept first stays.

    Raises InvalidInputError for another part or question, and for what a question does not take.
    """
    if part not in PARTS or not isinstance(answers, Mapping):
        raise InvalidInputError("The answers of a questionnaire are sent by question, with its part.")
    questions = {one.name: one for one in _questions(visit, part)}
    if unknown := [name for name in answers if name not in questions]:
        raise InvalidInputError(f"This study does not ask {unknown[0]!r}.")
    valid_answers = {
        name: answer for name, value in answers.items() if value is not None and (answer := _answer(questions[name], value)) != ""
    }
    if is_pending(visit, part):
        visit.invitation.questionnaire = {**visit.invitation.questionnaire, part: valid_answers}
        visit.session.flush()


def _answer(question: Asked, value: Any) -> str | float:
    if question.kind == "number":
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
            raise InvalidInputError(f"The answer to {question.name} is a number.")
        return value
    if not isinstance(value, str) or not is_text(value):
        raise InvalidInputError(f"The answer to {question.name} is a text.")
    choices = USUAL.get(question.name) or question.choices
    if choices and value not in ("", *choices):
        raise InvalidInputError(f"The answer to {question.name} is one of its choices.")
    return value if choices else value.strip()[: LONGEST[question.kind]]
