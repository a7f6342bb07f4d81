"""What was shown: where each system's pictures are from and how large the photos are, as rows of a report."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.enums import TrialKind
from db.models import Checkpoint, Colorization, Image, Stimulus, Study, Trial
from workbench.reports.protocol_row import Row
from workbench.studies import REFERENCE

__all__ = ["stimulus_rows"]


def stimulus_rows(session: Session, study: Study) -> list[Row]:
    """A line for each system of regular trials, and one for the photos' sizes in pixels; nothing of a study without trials."""
    regular = (Trial.study_id == study.id, Trial.kind == TrialKind.REGULAR)
    seeds = func.min(Colorization.seed), func.max(Colorization.seed)
    made = (
        select(Stimulus.system, Checkpoint.name, Checkpoint.digest, func.count(Stimulus.id), *seeds)
        .select_from(Stimulus)
        .join(Trial, Trial.id == Stimulus.trial_id)
        .outerjoin(Colorization, Colorization.id == Stimulus.colorization_id)
        .outerjoin(Checkpoint, Checkpoint.id == Colorization.checkpoint_id)
        .where(*regular)
        .group_by(Stimulus.system, Checkpoint.name, Checkpoint.digest)
        .order_by(Stimulus.system)
    )
    origins: dict[str, list[str]] = defaultdict(list)
    for system, checkpoint, digest, count, *ends in session.execute(made):
        origins[system].append(_origin(system, checkpoint, digest, count, ends))
    rows = [Row(f"Pictures of {system}", "; ".join(told)) for system, told in origins.items()]
    return rows + _sizes(session, regular)


def _origin(system: str, checkpoint: str | None, digest: str | None, count: int, seeds: Sequence[int | None]) -> str:
    shown = f"{count} in trials"
    if checkpoint is None:
        return f"{shown}, {'the originals' if system == REFERENCE else 'files brought from outside'}"
    first, last = seeds
    seed = f"seed {first}" if first == last else f"seeds {first} to {last}"
    return f"{shown}, made by the checkpoint {checkpoint}{f' ({digest[:12]})' if digest else ''}, {seed}"


def _sizes(session: Session, regular: tuple) -> list[Row]:
    distinct = select(Image.width, Image.height).where(Image.id.in_(select(Trial.image_id).where(*regular)))
    sizes = [tuple(row) for row in session.execute(distinct)]
    if not sizes:
        return []
    smallest, largest = min(sizes, key=lambda size: size[0] * size[1]), max(sizes, key=lambda size: size[0] * size[1])
    megapixels = median(width * height / 1e6 for width, height in sizes)
    one = f"{smallest[0]} × {smallest[1]} pixels"
    text = one if smallest == largest else f"{one} to {largest[0]} × {largest[1]} pixels, median {megapixels:.2g} megapixels"
    return [Row("Size of the photos", text)]
