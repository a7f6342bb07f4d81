"""What a design asks beside the study's own question: further ones about a trial's pictures, and some about the rater."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, model_validator

from workbench.yaml_fields import FilledText, Text, mapping_of, one_of, part

__all__ = ["FREE", "USUAL", "Asked", "Further", "Questionnaire", "Questions"]

MOST = 30
"""Questions of a questionnaire, and choices of one question."""
FREE = ("text", "long text", "number")
"""Answers to a question about the rater that offers no choices."""
USUAL = {
    "age_group": ("18–24", "25–34", "35–44", "45–54", "55–64", "65+"),
    "gender": ("woman", "man", "nonbinary", "other"),
    "experience": ("none", "some", "professional"),
    "device": ("desktop", "laptop", "tablet", "phone"),
}
"""Questions about the rater that come with the workbench, in every language of the page, with what is stored of each answer."""
OWN = '{name: lamp, question: "How is your room lit?", choices: [day, lamp]}'


@dataclass(frozen=True)
class Further:
    """A further question about the pictures of a trial, answered as the study's own is; category studies have scales instead."""

    __pydantic_config__ = part("A further question")

    name: FilledText
    """How the file of votes calls it."""
    question: FilledText


def _further(questions: tuple[Further, ...]) -> tuple[Further, ...]:
    if len({further.name for further in questions} - {"rank"}) < len(questions):
        raise ValueError("every further question needs a name of its own, and none is called rank.")
    return questions


FURTHER = mapping_of('a further question reads {name: naturalness, question: "Which looks more natural?"}', needs="question")
Questions = Annotated[tuple[Annotated[Further, BeforeValidator(FURTHER)], ...], AfterValidator(_further)]


@dataclass(frozen=True)
class Asked:
    """A question about the rater; every answer is theirs to leave out."""

    __pydantic_config__ = part("A question about the rater")

    name: FilledText
    question: Text = ""
    """Empty for those of USUAL, whose words come with the page's language."""
    choices: tuple[FilledText, ...] = ()
    kind: Annotated[str, one_of(("", *FREE))] = ""
    """Without choices, one of FREE."""

    @model_validator(mode="after")
    def _be_whole(self) -> Self:
        if self.name in USUAL:
            if self.question or self.choices or self.kind:
                raise ValueError(f"{self.name} comes with its words and choices; give a question of your own another name.")
            return self
        if not self.question:
            raise ValueError(f"a question is one of {', '.join(USUAL)}, or reads {OWN}.")
        if bool(self.choices) == bool(self.kind):
            raise ValueError(f"a question has either choices or a kind ({', '.join(FREE)}).")
        if self.choices and not 2 <= len(set(self.choices)) == len(self.choices) <= MOST:
            raise ValueError(f"a question has 2 to {MOST} choices, all different.")
        return self


def _by_name(value: Any) -> Any:
    """A question that comes with the workbench is given by its name alone."""
    return {"name": value} if isinstance(value, str) else value


About = tuple[Annotated[Asked, BeforeValidator(_by_name)], ...]


@dataclass(frozen=True)
class Questionnaire:
    """What is asked of raters themselves: before the first trial, and after the last."""

    __pydantic_config__ = part("A questionnaire")

    before: About = ()
    after: About = ()

    @model_validator(mode="after")
    def _tell_questions_apart(self) -> Self:
        times = Counter(question.name for question in (*self.before, *self.after))
        if times.total() > MOST:
            raise ValueError(f"a questionnaire has {MOST} questions at most; got {times.total()}.")
        if twice := [name for name, count in times.items() if count > 1]:
            raise ValueError(f"every question needs a name of its own, before and after together; {twice[0]} is there twice.")
        return self
