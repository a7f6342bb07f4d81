"""Where an item of a release comes from, as it is frozen with it: its picture's credit, and who wrote and who leveled its description."""

from typing import Any

from sqlalchemy import Row

from db.enums import Origin
from workbench.images import COCO_ID

__all__ = ["CREDITS", "origins_of"]

CREDITS = ("source", "author", "license", "url")


def origins_of(image: Row, caption: Row) -> dict[str, Any]:
    """{source, author, license, url, coco_id, caption_origin, caption_model, level_origin}; what is not known is left out.

    People who wrote are not named here, models are.
    """
    told = {name: getattr(image, name) for name in CREDITS}
    told |= {
        "coco_id": image.attributes.get(COCO_ID),
        "caption_origin": caption.text_origin.value,
        "level_origin": caption.level_origin.value,
    }
    told |= {"caption_model": caption.author} if caption.text_origin is Origin.MODEL else {}
    return {name: value for name, value in told.items() if value not in (None, "")}
