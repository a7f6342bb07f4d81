"""What a retraining from a release of a store will take."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from db.enums import Split
from db.models import ReleaseItem
from lcad.guests import is_guest
from lcad.training.denoiser import DenoiserConfig
from lcad.training.finetuning import FineTuning
from lcad.training.planning import TrainingPlan, plan
from pipelines.inference.loaded_models import location_of
from workbench.colorizations import checkpoints
from workbench.errors import InvalidInputError
from workbench.open_store import Store


def plan_for(
    store: Store, release_id: int, base: str, steps: int, on: str | None, price: float | None, options: Mapping[str, Any]
) -> TrainingPlan:
    """The plan of so many steps of the denoiser from a release's training split.

    Raises InvalidInputError for hardware that is not known, an option that is none, and a guest, which cannot be trained.
    """
    of_training = (ReleaseItem.release_id == release_id, ReleaseItem.split == Split.TRAIN)
    with store.writing() as session:
        row = checkpoints.named(session, base)
        items = session.scalar(select(func.count()).select_from(ReleaseItem).where(*of_training)) or 0
        pictures = session.scalar(select(func.count(func.distinct(ReleaseItem.color_key))).where(*of_training)) or 0
    if is_guest(location_of(row)):
        raise InvalidInputError(f"{row.name} is a guest: it colors, but it cannot be trained here. Choose another checkpoint.")
    if options.get("trained") not in (None, "everything", "published"):
        raise InvalidInputError(f"Expected everything or published as what is trained, got {options['trained']!r}.")
    config = replace(DenoiserConfig(batch_size=FineTuning.batch_size), **options)
    try:
        return plan(location_of(row), pictures, items, steps, config, on, price)
    except ValueError as error:
        raise InvalidInputError(f"This cannot be planned: {error}.") from None
