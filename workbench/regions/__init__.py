"""Instance masks and the mentions that are grounded in them: adding, correcting, clicks, checks of quality."""

from workbench.regions.groundings import GroundedMention, for_caption, ground, grounded_regions, unground
from workbench.regions.interactive_segmentation import NEW, Clicks
from workbench.regions.quality_checks import CHECKS, Finding
from workbench.regions.regions import (
    RegionView,
    add,
    add_encoded,
    correct,
    get,
    last_change,
    of_image,
    origins_by_caption,
    remove,
    ways_of_finding,
)

__all__ = [
    "CHECKS",
    "NEW",
    "Clicks",
    "Finding",
    "GroundedMention",
    "RegionView",
    "add",
    "add_encoded",
    "correct",
    "for_caption",
    "get",
    "ground",
    "grounded_regions",
    "last_change",
    "of_image",
    "origins_by_caption",
    "remove",
    "unground",
    "ways_of_finding",
]
