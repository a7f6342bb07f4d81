"""Checkpoints, and colorizations of everything that waits for one of them."""

import hashlib

from db.models import Checkpoint, Colorization
from tests.pictures import encoded, noise
from tests.stores.inserted import HEIGHT, WIDTH
from workbench import colorizations

SETTINGS = {"steps": 4, "guidance": 3.0, "instances": True}


def insert_checkpoint(session, name="one") -> Checkpoint:
    """A checkpoint of a name, whose files nobody needs."""
    row = Checkpoint(name=name, location=f"/checkpoints/{name}", digest=hashlib.sha256(name.encode()).hexdigest())
    session.add(row)
    session.flush()
    return row


def colorize(session, media, checkpoint, *, seeds=(0,), settings=None, adherence=0.5) -> list[Colorization]:
    """Make every colorization that is wanted of a checkpoint; the pictures are noise of their own."""
    settings = settings or SETTINGS
    pending = colorizations.pending(session, checkpoint_id=checkpoint.id, settings=settings, seeds=seeds)
    return [
        colorizations.store(
            session,
            media,
            request,
            encoded(noise(int(request.key[:8], 16), HEIGHT, WIDTH)),
            checkpoint_id=checkpoint.id,
            settings=settings,
            seconds=0.1,
            adherence=adherence,
        )
        for request in pending
    ]
