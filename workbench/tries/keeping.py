"""Keeping what was tried: the photo, the captions and the colorizations as rows of the library, in one batch that can be undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import CaptionStatus, Origin
from db.models import Caption, Image, Run
from workbench import captions, colorizations, images, runs
from workbench.colorizations import Request, checkpoints
from workbench.errors import ConflictError, InvalidInputError
from workbench.images import Prepared
from workbench.store import MediaStore, events
from workbench.tries.asking import results

SOURCE = "tried"
"""Where an image is from that was dropped on the page and kept."""


@dataclass(frozen=True)
class Kept:
    """What was kept: the image, its colorizations, the batch of all changes, and the run that colors at full size where one has to."""

    image: Image
    colorizations: list[int]
    batch_id: str
    run: Run | None = None


def keep(
    session: Session, media: MediaStore, run_id: int, cells: Sequence[str], *, photo: Prepared | None, whole: bool, actor: str
) -> Kept:
    """Keep cells of a try by name, with their captions and the photo, whose file `photo` is where it is none of the library's.

    Where the try was not of the `whole` photo but of a smaller one, the colorizations are asked for at full size. What is there already
    is not added again. Raises ConflictError for a cell that is not there.
    """
    run = runs.get(session, run_id)
    cells_by_name = results(run)
    missing = [name for name in cells if name not in cells_by_name]
    if missing or not cells:
        raise ConflictError("This result is no longer there; the page has gone on to another try.")
    batch = events.new_batch()
    image = _image(session, media, run, photo, actor, batch)
    rows = {level: _caption(session, image, run, level, actor, batch) for level in dict.fromkeys(name.partition(":")[0] for name in cells)}
    if not whole:
        return Kept(image, [], batch, _at_full_size(session, image, run, cells, actor))
    made = [_colorization(session, media, image, rows, run, name, cells_by_name[name], actor, batch) for name in cells]
    return Kept(image, made, batch)


def _image(session: Session, media: MediaStore, run: Run, photo: Prepared | None, actor: str, batch: str) -> Image:
    if run.parameters["image_id"] is not None:
        return images.get(session, run.parameters["image_id"])
    if photo is None:
        raise InvalidInputError("The photo is no longer there; drop it again.")
    kept = [images.keep(media, photo)]
    near = images.likenesses(images.near_index(session), kept)
    return images.store(session, kept, source=SOURCE, near=near, actor=actor, run_id=run.id, batch_id=batch)[0].image


def _caption(session: Session, image: Image, run: Run, level: str, actor: str, batch: str) -> Caption:
    """The caption of a level: the typed one is a person's, the others were derived from it by the rules."""
    texts: Mapping[str, str] = run.parameters["captions"]
    typed = level == next(iter(texts))
    origin = Origin.HUMAN if typed else Origin.RULE
    row = captions.add(session, image.id, texts[level], text_origin=origin, author=actor, run_id=run.id, batch_id=batch)
    if row.status is not CaptionStatus.ACCEPTED:
        captions.accept(session, [row.id], actor=actor, batch_id=batch)
    return row


def _colorization(
    session: Session,
    media: MediaStore,
    image: Image,
    rows: Mapping[str, Caption],
    run: Run,
    name: str,
    cell: Mapping[str, Any],
    actor: str,
    batch: str,
) -> int:
    level, _, seed = name.partition(":")
    caption, settings = rows[level], run.parameters["settings"]
    checkpoint = checkpoints.named(session, run.parameters["checkpoint"])
    key = colorizations.input_key(image.sha256, caption.text, (), checkpoint.digest, settings, int(seed))
    row = colorizations.store(
        session,
        media,
        Request(image.id, caption.id, int(seed), key, caption.text),
        media.read(cell["key"]),
        checkpoint_id=checkpoint.id,
        settings=settings,
        seconds=cell["seconds"],
        facts=cell["facts"],
        run_id=run.id,
        actor=actor,
        batch_id=batch,
    )
    return row.id


def _at_full_size(session: Session, image: Image, run: Run, cells: Sequence[str], actor: str) -> Run:
    """The run that colors the kept cells of a photo that was tried at a smaller size."""
    of_try, settings = run.parameters, run.parameters["settings"]
    levels = list(dict.fromkeys(name.partition(":")[0] for name in cells))
    seeds = list(dict.fromkeys(int(name.partition(":")[2]) for name in cells))
    query = f"id:{image.id}"
    parameters = {"query": query, "levels": levels, "checkpoint": of_try["checkpoint"], "seeds": seeds} | settings
    return runs.create(session, "colorize_images", parameters, requested_by=actor)


def captions_there(session: Session, image_id: int) -> list[Caption]:
    """The accepted captions of an image of the library, with which a try of it may begin."""
    accepted = select(Caption).where(Caption.image_id == image_id, Caption.status == CaptionStatus.ACCEPTED)
    return list(session.scalars(accepted.order_by(Caption.id)))
