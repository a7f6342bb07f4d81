"""A trial's pictures as raters get them: alike in size, format and everything but what is to be judged.

A file's kind, size, date or metadata would tell an original from a colorization, and one system from another. So every picture of a
trial is drawn anew at the size of the smallest, without loss and without metadata, as PNG; and it is known by a name that holds for
one rater and one trial only.
"""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import PIL.Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Assignment, Rating, Study, Trial
from workbench.errors import NotFoundError, WorkbenchError
from workbench.imaging import gray_of, png_of
from workbench.rating.trial_view import TrialView, view_of
from workbench.settings import Settings
from workbench.store import MediaStore, atomic_file

LONGEST = 1280
"""Pixels of the longer side at most."""
MOST_TOLD = 4096
RECENT = 3
"""The pictures of the last answered trials are still there, for a browser that is slow."""


class DamagedPictureError(WorkbenchError):
    """A picture of a trial is gone or cannot be read; the text names its file, and is for curators only."""


@dataclass(frozen=True)
class Picture:
    """A picture of a trial under its name, with what it is drawn from."""

    name: str
    media_key: str
    gray: bool
    size: tuple[int, int]
    """Width and height as shown, in pixels."""


def _name(token_hash: str, assignment: Assignment, part: object) -> str:
    return hmac.digest(token_hash.encode(), f"{assignment.name}:{part}".encode(), "sha256").hex()[:24]


def pictures_of(media: MediaStore, token_hash: str, assignment: Assignment, view: TrialView) -> dict[str, Picture]:
    """The pictures of a trial: `0`, `1`, … from left to right, `source` and `reference` where they are shown beside.

    Raises DamagedPictureError where a file is gone or no picture any more.
    """
    keys = {str(place): (stimulus.media_key, False) for place, stimulus in enumerate(view.stimuli)}
    if view.source_key is not None:
        keys["source"] = (view.source_key, True)
    if view.reference_key is not None:
        keys["reference"] = (view.reference_key, False)
    sizes = [_size(media, key) for key, _ in keys.values()]
    width, height = min(sizes, key=lambda size: size[0] * size[1])
    scale = min(1.0, LONGEST / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    shown = {part: Picture(_name(token_hash, assignment, part), key, gray, size) for part, (key, gray) in keys.items()}
    _told.update({(token_hash, picture.name): picture for picture in shown.values()})
    while len(_told) > MOST_TOLD:
        _told.pop(next(iter(_told)), None)  # another thread may have been quicker
    return shown


_told: dict[tuple[str, str], Picture] = {}
"""The pictures that this process has named lately, by the hash of the rater's token and the name."""

_sizes: dict[tuple[str, str], tuple[int, int]] = {}


def _size(media: MediaStore, key: str) -> tuple[int, int]:
    """Width and height of a file; files never change, so each is looked at once."""
    known = _sizes.get((media.url, key))
    if known is None:
        with _readable(media, key) as picture:
            known = _sizes[media.url, key] = picture.size
    return known


@contextmanager
def _readable(media: MediaStore, key: str) -> Iterator[PIL.Image.Image]:
    """The opened picture of a key; raises DamagedPictureError also for what shows only while its pixels are read."""
    try:
        with media.open(key) as source, PIL.Image.open(source) as picture:
            yield picture
    except (NotFoundError, OSError, SyntaxError, ValueError) as error:  # what Pillow raises for files that are cut or overwritten
        reason = "is gone" if isinstance(error, NotFoundError) else "cannot be read"
        raise DamagedPictureError(f"The picture {key} {reason}.") from error


def check(media: MediaStore, key: str) -> None:
    """Read a picture's pixels, whatever was read of it before; raises DamagedPictureError."""
    _sizes.pop((media.url, key), None)
    with _readable(media, key) as picture:
        picture.load()


def find(session: Session, media: MediaStore, study: Study, rater_id: int, token_hash: str, name: str) -> Picture | None:
    """The picture of a name among those of the trials that lie before this rater or were just answered; None where there is none."""
    if (told := _told.get((token_hash, name))) is not None:
        return told
    answered = (Rating.trial_id == Assignment.trial_id) & (Rating.rater_id == Assignment.rater_id)
    statement = (
        select(Assignment)
        .join(Trial, Trial.id == Assignment.trial_id)
        .outerjoin(Rating, answered)
        .where(Trial.study_id == study.id, Assignment.rater_id == rater_id)
        .order_by(Rating.id.is_not(None), Assignment.position.desc())
        .limit(2 * RECENT)
    )
    for assignment in session.scalars(statement):
        parts = ["source", "reference", *map(str, range(len(assignment.shown_order)))]
        if name in {_name(token_hash, assignment, part) for part in parts}:
            shown = pictures_of(media, token_hash, assignment, view_of(session, study, assignment, 0, 0))
            return next((picture for picture in shown.values() if picture.name == name), None)
    return None


def draw(settings: Settings, media: MediaStore, picture: Picture) -> bytes:
    """The picture's PNG, from the folder of derived pictures or drawn now."""
    width, height = picture.size
    folder, name = picture.media_key.split("/")
    kept = settings.thumbnails / f"shown-{'gray' if picture.gray else 'color'}-{width}x{height}" / folder / f"{Path(name).stem}.png"
    return _kept(str(kept)) if kept.exists() else _draw(media, picture, kept)


@lru_cache(maxsize=64)
def _kept(path: str) -> bytes:
    return Path(path).read_bytes()


def _draw(media: MediaStore, picture: Picture, kept: Path) -> bytes:
    with _readable(media, picture.media_key) as opened:
        shown = opened.convert("RGB")
    if shown.size != picture.size:
        shown = shown.resize(picture.size, PIL.Image.Resampling.LANCZOS)
    if picture.gray:
        shown = PIL.Image.fromarray(gray_of(np.asarray(shown))).convert("RGB")
    content = png_of(np.asarray(shown), compress_level=4)
    with atomic_file(kept) as stream:
        stream.write(content)
    return content
