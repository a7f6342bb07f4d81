"""What evaluations look like: the items that came out best, worst, and most unlike another checkpoint's, beside the original."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import PIL.Image
import PIL.ImageDraw
from sqlalchemy.orm import Session

from db.models import Evaluation, ReleaseItem
from workbench.errors import ConflictError
from workbench.store import MediaStore

PICTURES_KEY = "pictures"
"""Of an evaluation's metrics: the media key of each item's result by the item's id, as text."""
SHOWN, SIDE, GAP, LINE = 8, 176, 6, 14
QUALITY, LONGEST = 85, 512


def keep_picture(media: MediaStore, picture: PIL.Image.Image) -> str:
    """Keep a result, no larger than it is looked at; return its media key."""
    small, content = picture.convert("RGB"), io.BytesIO()
    small.thumbnail((LONGEST, LONGEST))
    small.save(content, "WEBP", quality=QUALITY)
    return media.put(content.getvalue(), ".webp")


def ranked(rows: Sequence[Mapping[str, Any]], count: int = SHOWN) -> dict[str, list[int]]:
    """The ids of the best and the worst items: by adherence, then by ΔE00; those whose adherence was not judged are in neither."""
    judged = sorted((row for row in rows if row["adherence"] is not None), key=lambda row: (-row["adherence"], row["delta_e"]))
    ids = [int(row["item"]) for row in judged]
    return {"best": ids[:count], "worst": ids[::-1][:count]}


def sheet(session: Session, media: MediaStore, evaluations: Mapping[str, Evaluation], items: Sequence[int]) -> PIL.Image.Image:
    """A row for each item: what it should be, and the result of each evaluation, by the names that stand above them.

    Raises ConflictError for an evaluation that was made before pictures were kept.
    """
    columns = ["original", *evaluations]
    drawn = PIL.Image.new("RGB", (len(columns) * (SIDE + GAP), LINE + len(items) * (SIDE + LINE + GAP)), "white")
    pen = PIL.ImageDraw.Draw(drawn)
    for column, name in enumerate(columns):
        pen.text((column * (SIDE + GAP), 1), name, fill="black")
    for row, item_id in enumerate(items):
        item, top = session.get_one(ReleaseItem, item_id), LINE + row * (SIDE + LINE + GAP)
        keys = [item.color_key, *(picture_of(evaluation, item_id) for evaluation in evaluations.values())]
        for column, key in enumerate(keys):
            with PIL.Image.open(media.open(key)) as picture:
                small = picture.convert("RGB")
            small.thumbnail((SIDE, SIDE))
            drawn.paste(small, (column * (SIDE + GAP), top))
        pen.text((0, top + SIDE), item.caption_text[: len(columns) * (SIDE + GAP) // 6], fill="black")
    return drawn


def picture_of(evaluation: Evaluation, item_id: int) -> str:
    """The media key of an item's result; ConflictError where none was kept."""
    key = evaluation.metrics.get(PICTURES_KEY, {}).get(str(item_id))
    if key is None:
        raise ConflictError("This evaluation was made before pictures were kept; evaluate the checkpoint again.")
    return key
