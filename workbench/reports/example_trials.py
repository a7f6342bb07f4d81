"""Trials of a study as pictures in its report: what raters compared, with the systems named."""

import base64
import io
from dataclasses import dataclass

import numpy as np
import PIL.Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import TrialKind
from db.models import Image, Stimulus, Study, Trial
from workbench.errors import WorkbenchError
from workbench.imaging import gray_of
from workbench.store.media import MediaStore
from workbench.studies import rules_of

__all__ = ["EXAMPLES", "Example", "Shown", "examples_of"]

EXAMPLES = 3
"""Trials that a report shows: the first, the last and what lies between, so that nobody picked them."""

SIDE = 320
"""Pixels of the longer side: enough to see what was shown, small enough for one file."""


@dataclass(frozen=True)
class Shown:
    """A picture of a trial."""

    name: str
    """The system, or what stood beside: the gray photo, the original."""
    address: str
    """A data address that holds the picture; empty where its file is missing or damaged."""
    part: str = ""
    """`source` or `reference` of what stood beside; empty of what was judged."""


@dataclass(frozen=True)
class Example:
    """A trial as it was made."""

    position: int
    caption: str
    """Empty where raters saw none."""
    pictures: list[Shown]


def examples_of(session: Session, study: Study, media: MediaStore, count: int = EXAMPLES, side: int = SIDE) -> list[Example]:
    """Up to `count` regular trials, spread evenly over the study, each with its pictures in the study's order.

    `side`: pixels of a picture's longer side, at most.
    """
    regular = (Trial.study_id == study.id, Trial.kind == TrialKind.REGULAR)
    ids = list(session.scalars(select(Trial.id).where(*regular).order_by(Trial.position)))
    if not ids:
        return []
    places = np.unique(np.linspace(0, len(ids) - 1, count).round().astype(int))
    return [_example(session, study, media, ids[place], side) for place in places]


def _example(session: Session, study: Study, media: MediaStore, trial_id: int, side: int) -> Example:
    rules = rules_of(study)
    facts = select(Trial.position, Trial.caption_text, Image.upright_key, Image.has_reference).select_from(Trial)
    row = session.execute(facts.outerjoin(Image, Image.id == Trial.image_id).where(Trial.id == trial_id)).one()
    stimuli = select(Stimulus.system, Stimulus.media_key).where(Stimulus.trial_id == trial_id).order_by(Stimulus.position)
    pictures = []
    if rules.source and row.upright_key:
        pictures.append(Shown("the gray photo", _address(media, row.upright_key, side, gray=True), "source"))
    if rules.reference and row.has_reference and row.upright_key:
        pictures.append(Shown("the original", _address(media, row.upright_key, side), "reference"))
    pictures += [Shown(system, _address(media, key, side)) for system, key in session.execute(stimuli)]
    return Example(row.position, (row.caption_text or "") if rules.caption else "", pictures)


def _address(media: MediaStore, key: str, side: int, *, gray: bool = False) -> str:
    try:
        with media.open(key) as source, PIL.Image.open(source) as opened:
            picture = opened.convert("RGB")
    except (OSError, WorkbenchError):
        return ""
    picture.thumbnail((side, side), PIL.Image.Resampling.LANCZOS)
    if gray:
        picture = PIL.Image.fromarray(gray_of(np.asarray(picture))).convert("RGB")
    packed = io.BytesIO()
    picture.save(packed, "PNG")
    return f"data:image/png;base64,{base64.b64encode(packed.getvalue()).decode()}"
