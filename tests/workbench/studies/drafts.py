"""Drafts of studies from a few lines of YAML."""

from pathlib import Path

import PIL.Image
from sqlalchemy import select

from db.enums import TrialKind
from db.models import Stimulus, Trial
from tests.pictures import picture
from workbench.studies import build, design_io

HEAD = "name: {0}\nquestion: Which?\nmethod: {0}\nseed: 3\n"


def designed(text, method="pair", base=Path()):
    return design_io.read(HEAD.format(method) + text, base=base)


def draft(session, media, text, method="pair", **options):
    return build.draft(session, media, designed(text, method), author="test", **options)


def systems(session, study, kind=TrialKind.REGULAR):
    """Of every trial of a kind the systems on show."""
    rows = session.execute(
        select(Trial.id, Stimulus.system)
        .join(Stimulus, Stimulus.trial_id == Trial.id)
        .where(Trial.study_id == study.id, Trial.kind == kind)
        .order_by(Stimulus.position)
    )
    shown = {}
    for trial_id, system in rows:
        shown.setdefault(trial_id, []).append(system)
    return [tuple(names) for names in shown.values()]


def outputs(folder, numbers, size=(16, 12), suffix=".jpg"):
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        PIL.Image.fromarray(picture(number, *size)).save(folder / f"photo-{number}{suffix}")
