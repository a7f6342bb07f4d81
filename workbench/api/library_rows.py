"""Rows of what is in the library: images, captions, regions."""

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Caption, Grounding, ImageTag, Mention, Region
from workbench import captions as captions_of_store
from workbench import images as images_of_store
from workbench import search
from workbench.api.columns import IMAGES, REGIONS

OF_IMAGE = [column.name for column in IMAGES if column.name != "tags"]
OF_CAPTION = (
    "id", "image_id", "text", "tokens", "level", "computed_level", "status", "text_origin", "level_origin", "author", "derived_from_id",
    "created_at", "updated_at", "run_id",
)  # fmt: skip
OF_REGION = [column.name for column in REGIONS if column.name != "mentions"]


def plain(row: Any, names: list[str] | tuple[str, ...]) -> dict[str, Any]:
    """Attributes of a row by name; members of enums as their texts."""
    values = {name: getattr(row, name) for name in names}
    return {name: str(value) if isinstance(value, str) else value for name, value in values.items()}


def images(session: Session, query: str, after_id: int | None, limit: int) -> list[dict[str, Any]]:
    """Images that a query asks for, in its order."""
    rows = images_of_store.find(session, query, after_id=after_id, limit=limit)
    tags = defaultdict(list)
    tagged = select(ImageTag.image_id, ImageTag.tag).where(ImageTag.image_id.in_([row.id for row in rows])).order_by(ImageTag.tag)
    for image_id, tag in session.execute(tagged):
        tags[image_id].append(tag)
    return [plain(row, OF_IMAGE) | {"tags": tags[row.id]} for row in rows]


def captions(session: Session, query: str, after_id: int | None, limit: int) -> list[dict[str, Any]]:
    """Captions that a query asks for, in its order; dropped ones only where it names a status."""
    views = captions_of_store.views(session, captions_of_store.find(session, query, after_id=after_id, limit=limit))
    return [plain(view.caption, OF_CAPTION) | {"mentions": [_mention(mention) for mention in view.mentions]} for view in views]


def _mention(view: captions_of_store.MentionView) -> dict[str, Any]:
    facts = {"object": view.mention.object, "start": view.mention.start, "end": view.mention.end}
    return {"phrase": view.phrase, **facts, "colors": view.colors, "colorable": view.mention.colorable}


def regions(session: Session, query: str, after_id: int | None, limit: int) -> list[dict[str, Any]]:
    """Regions of the images that a query asks for, by id."""
    statement = select(Region).where(Region.id > (after_id or 0)).order_by(Region.id).limit(limit)
    if query.strip():
        statement = statement.where(Region.image_id.in_(search.ids_of_images(session, search.parse(query))))
    rows = list(session.scalars(statement))
    spoken = _mentions_of(session, [row.id for row in rows])
    return [plain(row, OF_REGION) | {"mentions": spoken[row.id]} for row in rows]


def _mentions_of(session: Session, region_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """By region the phrases of captions that mean it."""
    columns = (Grounding.region_id, Mention.caption_id, Mention.object, Mention.start, Mention.end, Caption.text)
    statement = select(*columns).join(Mention, Mention.id == Grounding.mention_id).join(Caption, Caption.id == Mention.caption_id)
    spoken = defaultdict(list)
    for row in session.execute(statement.where(Grounding.region_id.in_(region_ids)).order_by(Mention.id)):
        spoken[row.region_id].append({"caption_id": row.caption_id, "phrase": row.text[row.start : row.end], "object": row.object})
    return spoken
