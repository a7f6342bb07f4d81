"""What a retraining from a release of a store will take."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.enums import Split
from db.models import ReleaseItem
from lcad.guests import is_guest
from lcad.training.finetuning import FineTuning
from lcad.training.planning import ReleaseSize, TrainingPlan, plan
from pipelines.inference.checkpoint_location import location_of
from workbench.colorizations import checkpoints
from workbench.errors import InvalidInputError
from workbench.open_store import Store


def plan_for(
    store: Store, release_id: int, base: str, steps: int, on: str | None, price: float | None, options: Mapping[str, Any]
) -> TrainingPlan:
    """The plan of so many steps of the denoiser from a release's training split.

    Raises InvalidInputError for hardware that is not known, an option that is none, and a guest, which cannot be trained.
    """
    with store.writing() as session:
        row = checkpoints.named(session, base)
    with store.reading() as session:
        size = ReleaseSize(*_counts(session, release_id, Split.TRAIN), *_counts(session, release_id, Split.VALIDATION))
    if is_guest(location_of(row)):
        raise InvalidInputError(f"{row.name} is a guest: it colors, but it cannot be trained here. Choose another checkpoint.")
    if options.get("trained") not in (None, "everything", "published"):
        raise InvalidInputError(f"Expected everything or published as what is trained, got {options['trained']!r}.")
    try:
        return plan(FineTuning(Path(), location_of(row), Path(), steps=steps, **options), size, on, price)
    except ValueError as error:
        raise InvalidInputError(f"This cannot be planned: {error}.") from None


def _counts(session: Session, release_id: int, split: Split) -> tuple[int, int]:
    """How many pictures and items a split has."""
    of_split = (ReleaseItem.release_id == release_id, ReleaseItem.split == split)
    pictures = session.scalar(select(func.count(func.distinct(ReleaseItem.color_key))).where(*of_split)) or 0
    return pictures, session.scalar(select(func.count()).select_from(ReleaseItem).where(*of_split)) or 0
