"""Rows of what came of the model and what curators said of it: colorizations and reviews."""

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Caption, Checkpoint, Colorization, Review
from workbench import colorizations as colorizations_of_store
from workbench import reviews as reviews_of_store
from workbench import search
from workbench.api.library_rows import plain

OF_COLORIZATION = ("id", "image_id", "caption_id", "seed", "settings", "seconds", "created_at", "run_id")
MEASURED = ("psnr", "ssim", "delta_e", "colorfulness", "colorfulness_gap", "bleeding")
OF_REVIEW = ("id", "colorization_id", "kind", "reviewer", "verdict", "reason", "batch_id", "created_at")


def colorizations(session: Session, query: str, after_id: int | None, limit: int) -> list[dict[str, Any]]:
    """Colorizations of the images that a query asks for, by id."""
    rows = colorizations_of_store.find(session, query=query, after_id=after_id, limit=limit)
    named = dict(session.execute(select(Checkpoint.id, Checkpoint.name)).all())
    of_rows = select(Caption.id, Caption.level).where(Caption.id.in_([row.caption_id for row in rows]))
    levels = {key: level.value for key, level in session.execute(of_rows)}
    return [_colorization(row, named[row.checkpoint_id], levels[row.caption_id]) for row in rows]


def _colorization(row: Colorization, checkpoint: str, level: str) -> dict[str, Any]:
    measured = reviews_of_store.measured(row)
    return {
        **plain(row, OF_COLORIZATION),
        "caption": row.caption_text,
        "level": level,
        "checkpoint": checkpoint,
        "steps": row.settings.get("steps"),
        "guidance": row.settings.get("guidance"),
        "instances": row.settings.get("instances", True),
        "adherence": measured.value,
        "adherence_masks": measured.basis and str(measured.basis),
        **{name: row.facts.get("metrics", {}).get(name) for name in MEASURED},
    }


def reviews(session: Session, query: str, after_id: int | None, limit: int) -> list[dict[str, Any]]:
    """Verdicts on colorizations of the images that a query asks for, by id."""
    statement = select(Review, Colorization.image_id).join(Colorization, Colorization.id == Review.colorization_id)
    statement = statement.where(Review.id > (after_id or 0)).order_by(Review.id).limit(limit)
    if query.strip():
        statement = statement.where(Colorization.image_id.in_(search.ids_of_images(session, search.parse(query))))
    rows = session.execute(statement).all()
    of_one = defaultdict(list)
    for verdict in session.scalars(select(Review).where(Review.colorization_id.in_({row.colorization_id for row, _ in rows}))):
        of_one[verdict.colorization_id].append(verdict)
    counting = {verdict.id for verdicts in of_one.values() for verdict in reviews_of_store.counting(verdicts)}
    return [plain(row, OF_REVIEW) | {"image_id": image_id, "counts": row.id in counting} for row, image_id in rows]
