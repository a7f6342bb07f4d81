"""The closed vocabularies of the store; every member is stored by its value."""

from enum import StrEnum

__all__ = [
    "CaptionLevel",
    "CaptionStatus",
    "DuplicateKind",
    "FoundBy",
    "Origin",
    "Outcome",
    "RatingMethod",
    "RegionOrigin",
    "Role",
    "RunItemStatus",
    "RunStatus",
    "Split",
    "StudyStatus",
    "TargetKind",
    "TaskKind",
    "TrialKind",
    "Verdict",
]


class CaptionLevel(StrEnum):
    """How much of the color a description gives (L-CAD, section 3)."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    SCARCE = "scarce"


class CaptionStatus(StrEnum):
    """Whether a description counts: a machine's proposal does not until a person or a rule accepts it."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DROPPED = "dropped"


class Origin(StrEnum):
    """Who made a caption's text, its level or a grounding."""

    HUMAN = "human"
    RULE = "rule"
    MODEL = "model"
    IMPORTED = "imported"


class RegionOrigin(StrEnum):
    """What drew a mask."""

    HUMAN = "human"
    SAM = "sam"
    GRABCUT = "grabcut"
    COMPOSED = "composed"
    IMPORTED = "imported"


PERSON_ORIGINS = (RegionOrigin.HUMAN, RegionOrigin.COMPOSED)
"""Masks that a person drew or confirmed, or that are exact because the picture was composed with them."""


class FoundBy(StrEnum):
    """What said where the object of an automatic mask is: the finder of phrases, where the denoiser looks, or a person's clicks."""

    FINDER = "finder"
    ATTENTION = "attention"
    CLICKS = "clicks"


class DuplicateKind(StrEnum):
    """How two files resemble each other: the same pixels, a pHash within the near distance, or the same picture cut differently."""

    EXACT = "exact"
    NEAR = "near"
    CROP = "crop"


class ReviewKind(StrEnum):
    """Whose verdict it is: a person's opinion, what rules decide, or the word that settles what curators disagree about."""

    PERSON = "person"
    RULE = "rule"
    FINAL = "final"


class RatingMethod(StrEnum):
    """How raters answer: ITU-T P.910 pair comparison, best of N, absolute category rating, or ranking."""

    PAIR = "pair"
    CHOICE = "choice"
    CATEGORY = "category"
    RANKING = "ranking"


class StudyStatus(StrEnum):
    """Where a study stands; only an open one takes ratings."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class TrialKind(StrEnum):
    """What a trial is for: gold and trap trials have a known answer and watch the rater."""

    REGULAR = "regular"
    TRAINING = "training"
    GOLD = "gold"
    TRAP = "trap"


class Outcome(StrEnum):
    """How a rater's part in a study ended."""

    COMPLETED = "completed"
    SCREENED_OUT = "screened_out"
    QUOTA_FULL = "quota_full"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """A curator's decision over a colorization."""

    ACCEPT = "accept"
    FIX = "fix"
    REJECT = "reject"


class Split(StrEnum):
    """A partition of a release."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class TargetKind(StrEnum):
    """Where the color target of a release item comes from."""

    REFERENCE = "reference"
    COLORIZATION = "colorization"


class TaskKind(StrEnum):
    """What the tasks of a Label Studio project ask for."""

    CAPTIONS = "captions"
    REGIONS = "regions"
    STUDY = "study"


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunItemStatus(StrEnum):
    """Why an item of a run was not simply done."""

    FAILED = "failed"
    SKIPPED = "skipped"


class Role(StrEnum):
    """What a person may do, each what those before may and more: look; describe and draw masks; curate; manage people and settings."""

    VIEWER = "viewer"
    ANNOTATOR = "annotator"
    CURATOR = "curator"
    ADMIN = "admin"
