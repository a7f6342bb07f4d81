"""A small whole store to look at: drawn pictures with exact masks, captions at three levels, colorizations, an open study."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from db.enums import CaptionLevel
from db.session import transaction
from tests.pictures import encoded
from tests.stores.added import add_described
from tests.stores.folders import opened
from workbench import captions, colorizations, runs, studies
from workbench.colorizations import checkpoints
from workbench.rating import next_trial, ratings
from workbench.store import MediaStore

HEIGHT, WIDTH = 96, 128
PAINTS = {"red": (190, 40, 40), "green": (40, 140, 60), "blue": (40, 80, 190), "yellow": (225, 200, 50)}
SETTINGS = {"steps": 8, "guidance": 4.0, "instances": True}


@dataclass(frozen=True)
class Filled:
    """Where the store lies, and what a test needs to know of it."""

    home: Path
    tokens: tuple[str, ...]
    """Of two people invited to the open study."""

    @property
    def media(self) -> MediaStore:
        """The files of the store."""
        return MediaStore(str(self.home / "media"))

    def copied(self, home: Path) -> "Filled":
        """A copy of the store, for a test that changes it."""
        shutil.copytree(self.home, home)
        return Filled(home, self.tokens)


def box(color: tuple[int, int, int], number: int) -> tuple[np.ndarray, np.ndarray]:
    """A box of a color before a gray gradient: (H, W, 3) uint8, and the box's mask (H, W) bool."""
    ramp = np.linspace(60, 200, WIDTH)[None, :, None] * np.ones((HEIGHT, 1, 3))
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[24:72, 16 + 8 * number : 72 + 8 * number] = True
    shade = np.linspace(0.7, 1.1, HEIGHT)[:, None, None]
    pixels = np.where(mask[..., None], np.clip(np.array(color) * shade, 0, 255), ramp)
    return pixels.astype(np.uint8), mask


def fill(home: Path) -> Filled:
    """Make the store in a folder."""
    with opened(home) as (engines, media), transaction(engines.writer) as session:
        for number, (color, paint) in enumerate(PAINTS.items()):
            pixels, mask = box(paint, number)
            texts = (f"a {color} box in front of a gray wall", f"a {color} box in front of a wall", "a box in front of a wall")
            add_described(session, media, pixels, {"box": mask}, texts, file_name=f"{color}-box.png", source="drawn")
        _colorize(session, media)
        tokens = _study(session)
        _runs(session)
    return Filled(home, tokens)


def _colorize(session: Session, media: MediaStore) -> None:
    one = checkpoints.register(session, name="mini", location=checkpoints.MINI_LOCATION, digest="1" * 64, note="Comes with the package.")
    two = checkpoints.register(session, name="mini-2", location="checkpoints/mini-2", digest="2" * 64, parent_id=one.id)
    for shift, checkpoint in ((0, one), (60, two)):
        for request in colorizations.pending(session, checkpoint_id=checkpoint.id, settings=SETTINGS):
            paint = list(PAINTS.values())[(request.image_id - 1) % len(PAINTS)]
            pixels, _ = box(tuple(min(255, channel + shift) for channel in paint), request.image_id - 1)
            pixels[0, 0] = (request.caption_id, shift, 0)
            colorizations.store(
                session, media, request, encoded(pixels), checkpoint_id=checkpoint.id, settings=SETTINGS, seconds=0.5,
                adherence=0.9 - shift / 100,
            )  # fmt: skip


def _study(session: Session) -> tuple[str, ...]:
    study = studies.create(session, name="one against two", question="Which fits the description?", method="pair", votes_per_trial=4)
    complete = captions.find(session, f"level:{CaptionLevel.COMPLETE.value}")
    made = [row.id for caption in complete for row in colorizations.find(session, caption_id=caption.id)]
    studies.add_pairs(session, study, made, between=("checkpoint",))
    studies.open_study(session, study.id, actor="test")
    for rater, _ in studies.invite(session, study.id, 2, simulated=True):
        while trial := next_trial(session, study.id, rater.id):
            ratings.rate(session, trial.trial_id, rater.id, trial.stimuli[rater.id % 2].id, seconds=2.0)
    return tuple(token for _, token in studies.invite(session, study.id, 2))


def _runs(session: Session) -> None:
    run = runs.create(session, "import_images", {"paths": ["photos"]}, requested_by="test")
    runs.start(session, run.id)
    runs.item_failed(session, run.id, "broken.png", "The file ends in the middle of the picture.")
    runs.progress(session, run.id, done=4, failed=1, total=5)
    runs.finish(session, run.id, {"images": 4})
