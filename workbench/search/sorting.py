"""The orders of a query that are not those of ids: by the longest caption, by the lowest adherence."""

from sqlalchemy import Select, SQLColumnExpression, func, select
from sqlalchemy.orm import Session

from db.enums import CaptionStatus
from db.models import Caption, Colorization, Image
from workbench.search.trusted_adherence import trusted_adherence

SORTED = 20_000
"""Things that are put in order, the newest of those that match: more would keep a page waiting."""


def images_in_order(session: Session, sort: str, matching: Select, key: SQLColumnExpression[int]) -> list[int]:
    """The ids of images that match, in an order; those without a value come last."""
    newest = matching.order_by(key.desc()).limit(SORTED).subquery()
    if sort == "longest":
        kept = Caption.status != CaptionStatus.DROPPED
        values = select(Caption.image_id.label("image_id"), func.max(Caption.tokens).label("value")).where(kept)
        values = values.where(Caption.image_id.in_(select(newest.c[0]))).group_by(Caption.image_id).subquery()
        order = values.c.value.desc()
    else:
        values = select(Colorization.image_id.label("image_id"), func.min(trusted_adherence()).label("value"))
        values = values.where(Colorization.image_id.in_(select(newest.c[0]))).group_by(Colorization.image_id).subquery()
        order = values.c.value.asc()
    listed = select(Image.id).join(newest, newest.c[0] == Image.id).outerjoin(values, values.c.image_id == Image.id)
    return list(session.scalars(listed.order_by(values.c.value.is_(None), order, Image.id.desc())))


def captions_in_order(session: Session, sort: str, matching: Select, key: SQLColumnExpression[int]) -> list[int]:
    """The ids of captions that match, in an order; those without a value come last."""
    newest = matching.order_by(key.desc()).limit(SORTED).subquery()
    listed = select(Caption.id).join(newest, newest.c[0] == Caption.id)
    if sort == "longest":
        return list(session.scalars(listed.order_by(Caption.tokens.desc(), Caption.id.desc())))
    values = select(Colorization.caption_id.label("caption_id"), func.min(trusted_adherence()).label("value"))
    values = values.where(Colorization.caption_id.in_(select(newest.c[0]))).group_by(Colorization.caption_id).subquery()
    listed = listed.outerjoin(values, values.c.caption_id == Caption.id)
    return list(session.scalars(listed.order_by(values.c.value.is_(None), values.c.value.asc(), Caption.id.desc())))
