"""A release's items as an export reads them: streamed by split, one by one or image by image."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from db.enums import Split
from db.models import ReleaseItem
from workbench.exports.atomic_folder import to_json
from workbench.reviews import Basis

ORIGIN_COLUMNS = (
    "original_name", "source", "author", "license", "url", "coco_id", "caption_origin", "caption_model", "level_origin",
    "adherence", "adherence_masks",
)  # fmt: skip
"""Where a picture and its description come from, in rows of every format: texts, empty where nothing is known.

Of a color target that is a colorization `adherence` is a number in [0, 1], and `adherence_masks` says in whose masks it was measured.

None ends in `file_name`, which readers of image folders take for the name of a picture beside the row.
"""
OF_THE_PICTURE = ORIGIN_COLUMNS[:6]
NOT_MEASURED = "not measured"
"""Said for the masks of a colorization that has no adherence, or one that masks which steered it made true themselves."""


@dataclass(frozen=True)
class Items:
    """`of(split)` streams a split's items in the manifest's order; `advance(n)` says that n more were written."""

    of: Callable[[Split], Iterator[ReleaseItem]]
    advance: Callable[[int], None]


def origins_of(item: ReleaseItem) -> dict[str, str]:
    """The ORIGIN_COLUMNS of an item, as they were frozen; of an older release only the name of the file."""
    told = {"original_name": item.file_name, **(item.origins or {}), **_adherence_of(item)}
    return {name: str(told.get(name, "")) for name in ORIGIN_COLUMNS}


def _adherence_of(item: ReleaseItem) -> dict[str, str]:
    """The adherence of a color target that was chosen among colorizations, and the masks that say it; of an original nothing."""
    if item.choice is None:
        return {}
    adherence = item.choice.get("adherence")
    if adherence is None:
        return {"adherence_masks": NOT_MEASURED}
    return {"adherence": f"{adherence:.4f}", "adherence_masks": item.choice.get("adherence_masks") or Basis.UNKNOWN}


def picture_origins(item: ReleaseItem) -> dict[str, str]:
    """What is known of where an item's picture comes from."""
    return {name: value for name, value in origins_of(item).items() if value and name in OF_THE_PICTURE}


def caption_origins(item: ReleaseItem) -> dict[str, str]:
    """What is known of where an item's description and its level come from, and of the adherence of what was made of it."""
    return {name: value for name, value in origins_of(item).items() if value and name not in OF_THE_PICTURE}


def origin_line(file_name: str, item: ReleaseItem) -> str:
    """A line of JSON for layouts without room for origins: the picture's file, the description, and where both and the masks come from."""
    known = {name: value for name, value in origins_of(item).items() if value}
    masks = [{"phrase": region["phrase"], "origin": region.get("origin", "")} for region in item.regions]
    return to_json({"file": file_name, "caption": item.caption_text, "image": item.image_sha256, **known, "masks": masks}) + "\n"


def by_target(stream: Iterable[ReleaseItem]) -> Iterator[list[ReleaseItem]]:
    """Items in groups that share image and color target, in the order of the images; a group has one caption or more."""
    for _, of_image in groupby(stream, key=lambda item: item.image_sha256):
        groups: dict[str, list[ReleaseItem]] = {}
        for item in of_image:
            groups.setdefault(item.color_key, []).append(item)
        yield from groups.values()
