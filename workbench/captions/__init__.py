"""Captions: writing, finding, deriving, their mentions, edits of many at once, history and completions."""

from workbench.captions.bulk_edit import LOOKED_AT, SHOWN, Change, Edit, Preview
from workbench.captions.captions import (
    CaptionView,
    accept,
    add,
    count,
    counts_by_level,
    derive,
    drop,
    edit,
    find,
    get,
    matching,
    of_image,
    set_level,
    shorter,
    views,
)
from workbench.captions.history import Batch
from workbench.captions.mentions import MentionView, Rewritten
from workbench.captions.reasons import Reasons, reasons
from workbench.captions.writes import NewCaption, Stored, add_many, require_text

__all__ = [
    "LOOKED_AT",
    "SHOWN",
    "Batch",
    "CaptionView",
    "Change",
    "Edit",
    "MentionView",
    "NewCaption",
    "Preview",
    "Reasons",
    "Rewritten",
    "Stored",
    "accept",
    "add",
    "add_many",
    "count",
    "counts_by_level",
    "derive",
    "drop",
    "edit",
    "find",
    "get",
    "matching",
    "of_image",
    "reasons",
    "require_text",
    "set_level",
    "shorter",
    "views",
]
