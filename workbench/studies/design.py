"""The parts of a study's design, as `design_io` reads and writes them: what each may be, and which do not go together."""

from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from db.enums import CaptionLevel, RatingMethod
from workbench.studies.questions import Further, Questionnaire, Questions
from workbench.studies.rater_words import ENGLISH, OwnWords, PackagedLanguage, words_in
from workbench.studies.recruitment_rules import Ending, Recruitment
from workbench.studies.trials import FACTORS
from workbench.yaml_fields import FilledText, Text, Truth, mapping_of, one_of, part, refusals

__all__ = [
    "CHECKS",
    "CONSENT",
    "SELECTIONS",
    "VIEWS",
    "WITHDRAWALS",
    "Design",
    "Ending",
    "ExternalSystem",
    "Further",
    "Questionnaire",
    "Recruitment",
    "Rules",
    "Scale",
    "Stimuli",
]  # fmt: skip

VIEWS = ("side by side", "flip", "slider")
CHECKS = ("off", "record", "require")
SELECTIONS = ("balanced", "informative")
WITHDRAWALS = ("delete", "keep")
EXTERNAL_EXAMPLE = "{name: peer, folder: outputs}"

CONSENT = ENGLISH.sentences["consent"]
"""What is agreed to where a design has no text of its own, in English; other languages have theirs."""

Positive = Annotated[int, Field(strict=True, ge=1)]
Natural = Annotated[int, Field(strict=True, ge=0)]
Check = Annotated[str, one_of(CHECKS)]


@dataclass(frozen=True)
class Scale:
    """A scale of category ratings: whole numbers from 1, the worst, to `points`; words may stand at both ends."""

    __pydantic_config__ = part("A scale")

    name: FilledText
    points: Annotated[int, Field(strict=True, ge=2)] = 5
    low: Text = ""
    high: Text = ""
    words: tuple[FilledText, ...] = ()
    """A word for every point, from the worst; none, or as many as there are points."""
    question: Text = ""
    """Asked above the scale, where the study's one question does not do for all of its scales."""

    @model_validator(mode="after")
    def _have_a_word_a_point(self) -> Self:
        if self.words and len(self.words) != self.points:
            says = f"a scale of {self.points} points has {self.points} words, or none; got {len(self.words)}."
            raise refusals({("words",): says})
        return self


def _scales(scales: tuple[Scale, ...]) -> tuple[Scale, ...]:
    if not scales:
        raise ValueError("a category study needs one scale at least.")
    if len({scale.name for scale in scales}) < len(scales):
        raise ValueError("Every scale of a design needs a name of its own.")
    return scales


SCALE = mapping_of("a scale reads {name: naturalness, points: 5}, points being 2 or more", needs="name")
Scales = Annotated[tuple[Annotated[Scale, BeforeValidator(SCALE)], ...], AfterValidator(_scales)]
COHORTS = mapping_of("cohorts are a mapping of names to votes a trial")
Cohorts = Annotated[dict[Annotated[str, BeforeValidator(str)], Positive], BeforeValidator(COHORTS)]


@dataclass(frozen=True)
class Rules:
    """How a study is shown, assigned to raters and watched."""

    __pydantic_config__ = part("A study's design")

    ties: Truth = True
    """Pairs: whether a rater may call a draw."""
    view: Annotated[str, one_of(VIEWS)] = VIEWS[0]
    """Pairs: side by side, or in one place, flipped or under a slider."""
    scales: Scales = (Scale("quality"),)
    """Category studies: what is marked."""
    caption: Truth = True
    source: Truth = True
    """Whether the gray source is shown beside."""
    reference: Truth = False
    """Whether the original's colors are shown beside."""
    detects: Truth = False
    """Pairs: whether the question asks which of two is the original, so that answers are right or wrong and have a d′."""
    instructions: Text = ""
    consent: FilledText = CONSENT
    color_vision: Check = CHECKS[1]
    """The test of color vision: off, recorded, or required to pass."""
    display: Check = CHECKS[1]
    training: Annotated[int, Field(strict=True, ge=0, le=50)] = 2
    """Practice trials at the beginning, with the right answer told."""
    gold: Truth = True
    """Trials with an answer that anybody sees who looks: at least one a dozen."""
    trap: Truth = True
    """Trials that ask for a certain answer: at least one a dozen."""
    trials_per_rater: Positive | None = None
    """The most regular trials that one rater gets; by default all."""
    break_every: Natural = 20
    """A rest is offered after so many trials."""
    back: Truth = False
    """Whether the last answer can be taken back."""
    selection: Annotated[str, one_of(SELECTIONS)] = SELECTIONS[0]
    """Pairs: every trial alike, or first those that tell most about the strengths."""
    cohorts: Cohorts = field(default_factory=dict)
    """Votes a trial by cohort, where groups are kept apart."""
    completion_code: Text = ""
    """What the last page gives for a crowd platform; short for `recruitment.completed.code`."""
    consent_version: FilledText = "1"
    """Kept with each consent, beside the text's hash."""
    withdrawal: Annotated[str, one_of(WITHDRAWALS)] = WITHDRAWALS[0]
    """What becomes of the answers of a rater who withdraws; the page says it before."""
    least_viewing_ms: Annotated[int, Field(strict=True, ge=0, le=60_000)] = 500
    """From the moment when all pictures are there, before an answer is taken."""
    most_viewing_s: Annotated[int, Field(strict=True, ge=1, le=3600)] | None = None
    """After which the pictures are hidden; the answer is still taken."""
    curators_count: Truth = False
    """Whether ratings of the study's curators count in the results."""
    comment: Truth = False
    """Whether a rater may add a comment to an answer."""
    recruitment: Recruitment = Recruitment()  # noqa: RUF009  (frozen)
    further: Questions = ()
    """Pairs, choices and rankings: questions about the same pictures beside the study's own."""
    questionnaire: Questionnaire = Questionnaire()  # noqa: RUF009  (frozen)
    language: PackagedLanguage = "en"
    """Of the words of the raters' page that the study does not write itself (`rater_words.LANGUAGES`)."""
    words: OwnWords = field(default_factory=dict)
    """The words of a language that does not come with the workbench, as its file has them."""

    @model_validator(mode="after")
    def _leave_time_to_answer(self) -> Self:
        if self.most_viewing_s is not None and 1000 * self.most_viewing_s < self.least_viewing_ms:
            says = f"the pictures would be hidden before an answer is taken, which is after {self.least_viewing_ms} ms."
            raise refusals({("most_viewing_s",): says})
        return self

    @model_validator(mode="after")
    def _ask_for_consent_to_all_of_it(self) -> Self:
        words, asks = words_in(self.language, self.words), self.questionnaire != Questionnaire()
        if self.consent != CONSENT or (words is ENGLISH and not asks):
            return self
        parts = ["consent", "consent_to_questions"] if asks else ["consent"]
        return replace(self, consent="\n\n".join(words.say(part) for part in parts))

    @model_validator(mode="after")
    def _have_one_code(self) -> Self:
        named = self.recruitment.completed.code
        if self.completion_code and named and named != self.completion_code:
            raise refusals({("completion_code",): f"recruitment.completed.code says {named!r}; keep one of them."})
        return self


@dataclass(frozen=True)
class ExternalSystem:
    """Pictures made elsewhere: a folder whose files have the images' file names, or a manifest that names a file for each image."""

    __pydantic_config__ = part("An outside system")

    name: FilledText
    folder: Text = ""
    level: Annotated[str, one_of(["", *CaptionLevel])] = ""
    """The level of the captions that they were made from, where that is to be held equal."""
    manifest: Text = ""
    """A CSV file with the columns image, file and, where captions are told apart, caption; files are relative to it."""

    @model_validator(mode="after")
    def _have_one_source(self) -> Self:
        if bool(self.folder) == bool(self.manifest):
            raise ValueError(f"an outside system needs a folder or a manifest, and not both: {EXTERNAL_EXAMPLE}.")
        return self


def _distinct_systems(systems: tuple[ExternalSystem, ...]) -> tuple[ExternalSystem, ...]:
    if len({system.name for system in systems} - {"reference"}) < len(systems):
        raise ValueError("outside systems need names of their own, and none is called reference.")
    return systems


SETTINGS = mapping_of("settings are a mapping such as {steps: 8}")
NAMED = BeforeValidator(mapping_of(f"an outside system needs a name: {EXTERNAL_EXAMPLE}", needs="name"))


@dataclass(frozen=True)
class Stimuli:
    """What a study shows."""

    __pydantic_config__ = part("A study's stimuli")

    query: Text = ""
    checkpoints: tuple[FilledText, ...] | None = None
    """Names; None takes all, an empty list no colorization at all."""
    levels: tuple[Annotated[str, one_of(CaptionLevel)], ...] = ()
    settings: Annotated[dict[str, Any], BeforeValidator(SETTINGS)] = field(default_factory=dict)
    """Only colorizations whose settings have these values."""
    seeds: tuple[Natural, ...] = ()
    between: tuple[Annotated[str, one_of(FACTORS)], ...] = ("checkpoint", "settings")
    """What may differ within a trial."""
    reference: Truth = False
    """Whether the originals compete."""
    outside: Annotated[tuple[Annotated[ExternalSystem, NAMED], ...], AfterValidator(_distinct_systems)] = ()
    source_lightness: Truth = False
    """Whether every system's picture gets the lightness of the source, at its size: then colors alone are compared."""


@dataclass(frozen=True)
class Design:
    """A whole study before it is made."""

    __pydantic_config__ = part("A study")

    name: FilledText
    question: FilledText
    method: RatingMethod
    votes_per_trial: Annotated[int, Field(strict=True, ge=1, le=1000)] = 1
    seed: Natural = 0
    rules: Annotated[Rules, Field(alias="design")] = Rules()
    stimuli: Stimuli = Stimuli()

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        votes, problems = sum(self.rules.cohorts.values()), {}
        if self.rules.cohorts and votes != self.votes_per_trial:
            says = f"the cohorts' votes add up to {votes}, votes_per_trial says {self.votes_per_trial}."
            problems["design", "cohorts"] = says
        if self.rules.reference and self.stimuli.reference:
            says = "the original cannot both stand beside and compete: raters would know it at once."
            problems["design", "reference"] = says
        if self.rules.detects and not self.stimuli.reference:
            says = "the question is which of two is the original, but originals do not compete: say `reference: true` under `stimuli`."
            problems["design", "detects"] = says
        if problems:
            raise refusals(problems)
        return self
