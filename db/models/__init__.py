"""All tables of the loop, one family a file."""

from db.models.api_token import ApiToken
from db.models.caption import Caption, Mention, MentionColor
from db.models.checkpoint import Checkpoint, Evaluation
from db.models.colorization import Colorization
from db.models.event import Event, Person, SavedView
from db.models.image import Duplicate, Image, ImageTag, SplitAssignment
from db.models.label_studio import LabelStudioAnnotation, LabelStudioProject
from db.models.likeness import Landmarks, PictureFeatures, PriorDoubt
from db.models.model_help import ModelAnswer, Setting
from db.models.rating import Assignment, Invitation, Participant, Rater, Rating, RatingValue, RecruitmentLink
from db.models.region import Grounding, Region
from db.models.release import Export, Release, ReleaseExclusion, ReleaseItem
from db.models.review import Review
from db.models.run import Run, RunItem, Worker
from db.models.search import create_search, drop_search, refresh_search
from db.models.study import Stimulus, Study, Trial

__all__ = [
    "ApiToken",
    "Assignment",
    "Caption",
    "Checkpoint",
    "Colorization",
    "Duplicate",
    "Evaluation",
    "Event",
    "Export",
    "Grounding",
    "Image",
    "ImageTag",
    "Invitation",
    "LabelStudioAnnotation",
    "LabelStudioProject",
    "Landmarks",
    "Mention",
    "MentionColor",
    "ModelAnswer",
    "Participant",
    "Person",
    "PictureFeatures",
    "PriorDoubt",
    "Rater",
    "Rating",
    "RatingValue",
    "RecruitmentLink",
    "Region",
    "Release",
    "ReleaseExclusion",
    "ReleaseItem",
    "Review",
    "Run",
    "RunItem",
    "SavedView",
    "Setting",
    "SplitAssignment",
    "Stimulus",
    "Study",
    "Trial",
    "Worker",
    "create_search",
    "drop_search",
    "refresh_search",
]
