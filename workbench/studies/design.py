"""The parts of a study's design, as `designs` reads and writes them."""

from dataclasses import dataclass, field
from typing import Any

from db.enums import RatingMethod

__all__ = [
    "CHECKS", "CONSENT", "SELECTIONS", "VIEWS", "WITHDRAWALS", "Design", "Ending", "Outside", "Recruitment", "Rules", "Scale", "Stimuli",
]  # fmt: skip

VIEWS = ("side by side", "flip", "slider")
CHECKS = ("off", "record", "require")
SELECTIONS = ("balanced", "informative")
WITHDRAWALS = ("delete", "keep")

CONSENT = (
    "You will see pictures that were colored by computer programs, and say which you find better. Your opinion counts; there is no right "
    "or wrong one.\n\n"
    "Taking part is voluntary. You can stop at any time by closing this page, and your link lets you go on later. We store your answers, "
    "how long they took, whether this page was in front meanwhile and how large the pictures were on it, the outcome of a short test of "
    "color vision, and the size of your screen, under a random name and not under yours. They are used for research and may be published "
    "under that random name. You can withdraw on every page of the study, and ask whoever invited you to delete what is stored of you."
)


@dataclass(frozen=True)
class Scale:
    """A scale of category ratings: whole numbers from 1, the worst, to `points`; words may stand at both ends."""

    name: str
    points: int = 5
    low: str = ""
    high: str = ""
    words: tuple[str, ...] = ()
    """A word for every point, from the worst; none, or as many as there are points."""


@dataclass(frozen=True)
class Ending:
    """What a rater is given when their part ends in one way: a code to hand in, an address to return to."""

    code: str = ""
    """Empty: a code of each rater's own."""
    redirect: str = ""
    """Where the last page leads; `{code}` and `{NAME}` of any parameter that came with the rater are filled in."""


@dataclass(frozen=True)
class Recruitment:
    """How strangers come by one link, and what they take home."""

    participant: str = ""
    """The parameter of the address that names a person (`PROLIFIC_PID`, `workerId`): each takes part once. Empty: nobody is named."""
    parameters: tuple[str, ...] = ()
    """Further parameters that are stored (`STUDY_ID`, `SESSION_ID`)."""
    cap: int | None = None
    """The most participants of a link, where the link itself names no other number."""
    minutes: int = 60
    """How long a place is kept for somebody who is not seen any more."""
    completed: Ending = Ending()
    screened_out: Ending = Ending()
    quota_full: Ending = Ending()
    withdrawn: Ending = Ending()


@dataclass(frozen=True)
class Rules:
    """How a study is shown, assigned to raters and watched."""

    ties: bool = True
    """Pairs: whether a rater may call a draw."""
    view: str = VIEWS[0]
    """Pairs: side by side, or in one place, flipped or under a slider."""
    scales: tuple[Scale, ...] = (Scale("quality"),)
    """Category studies: what is marked."""
    caption: bool = True
    source: bool = True
    """Whether the gray source is shown beside."""
    reference: bool = False
    """Whether the original's colors are shown beside."""
    detects: bool = False
    """Pairs: whether the question asks which of two is the original, so that answers are right or wrong and have a d′."""
    instructions: str = ""
    consent: str = CONSENT
    color_vision: str = CHECKS[1]
    """The test of color vision: off, recorded, or required to pass."""
    display: str = CHECKS[1]
    training: int = 2
    """Practice trials at the beginning, with the right answer told."""
    gold: bool = True
    """Trials with an answer that anybody sees who looks: at least one a dozen."""
    trap: bool = True
    """Trials that ask for a certain answer: at least one a dozen."""
    trials_per_rater: int | None = None
    """The most regular trials that one rater gets; by default all."""
    break_every: int = 20
    """A rest is offered after so many trials."""
    back: bool = False
    """Whether the last answer can be taken back."""
    selection: str = SELECTIONS[0]
    """Pairs: every trial alike, or first those that tell most about the strengths."""
    cohorts: dict[str, int] = field(default_factory=dict)
    """Votes a trial by cohort, where groups are kept apart."""
    completion_code: str = ""
    """What the last page gives for a crowd platform; short for `recruitment.completed.code`."""
    consent_version: str = "1"
    """Kept with each consent, beside the text's hash."""
    withdrawal: str = WITHDRAWALS[0]
    """What becomes of the answers of a rater who withdraws; the page says it before."""
    least_viewing_ms: int = 500
    """From the moment when all pictures are there, before an answer is taken."""
    most_viewing_s: int | None = None
    """After which the pictures are hidden; the answer is still taken."""
    curators_count: bool = False
    """Whether ratings of the study's curators count in the results."""
    comment: bool = False
    """Whether a rater may add a comment to an answer."""
    recruitment: Recruitment = Recruitment()


@dataclass(frozen=True)
class Outside:
    """Pictures made elsewhere: a folder whose files have the images' file names, or a manifest that names a file for each image."""

    name: str
    folder: str = ""
    level: str = ""
    """The level of the captions that they were made from, where that is to be held equal."""
    manifest: str = ""
    """A CSV file with the columns image, file and, where captions are told apart, caption; files are relative to it."""


@dataclass(frozen=True)
class Stimuli:
    """What a study shows."""

    query: str = ""
    checkpoints: tuple[str, ...] | None = None
    """Names; None takes all, an empty list no colorization at all."""
    levels: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    """Only colorizations whose settings have these values."""
    seeds: tuple[int, ...] = ()
    between: tuple[str, ...] = ("checkpoint", "settings")
    """What may differ within a trial."""
    reference: bool = False
    """Whether the originals compete."""
    outside: tuple[Outside, ...] = ()
    source_lightness: bool = False
    """Whether every system's picture gets the lightness of the source, at its size: then colors alone are compared."""


@dataclass(frozen=True)
class Design:
    """A whole study before it is made."""

    name: str
    question: str
    method: RatingMethod
    votes_per_trial: int = 1
    seed: int = 0
    rules: Rules = Rules()
    stimuli: Stimuli = Stimuli()
