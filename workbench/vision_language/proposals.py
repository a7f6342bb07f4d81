"""From a picture to a question, and from an answer to proposals that wait for a person's word.

Every answer is kept as it came before anything is made of it, under the hash of all that was asked: a run that is resumed, or the same
question again, costs nothing.
"""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import PIL.Image
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, CaptionStatus, Origin
from db.models import Image, ModelAnswer
from workbench import captions, images, levels
from workbench.captions import NewCaption, spelling
from workbench.imaging import gray_of
from workbench.levels import Reading
from workbench.store import MediaStore, events
from workbench.vision_language.endpoint import Endpoint

SIDE = 768
"""Pixels of the longer side of the picture that is sent."""
QUALITY = 88


@dataclass(frozen=True)
class Asked:
    """A question about an image: the hash of all that is asked, and the face that is shown."""

    image_id: int
    key: str
    face: str


@dataclass(frozen=True)
class Read:
    """What a model said by the level that was asked for, the readings of its texts, and what follows from the complete one."""

    said: Mapping[CaptionLevel, str]
    readings: Mapping[str, Reading]
    derived: Sequence[tuple[str, Reading]]


@dataclass(frozen=True)
class Proposed:
    """What became of an answer: how many proposals are new, and what the checks say of them."""

    added: int
    read_otherwise: int
    """Proposals whose level reads otherwise than it was asked for."""
    misspelled: int


def question(image: Image, endpoint: Endpoint) -> Asked:
    """The question that an endpoint would be asked about an image."""
    face = "color" if endpoint.face == "auto" and image.has_reference else "gray"
    told = [image.sha256, face, endpoint.address.rstrip("/"), endpoint.model, endpoint.whole_prompt, endpoint.temperature]
    return Asked(image.id, hashlib.sha256(json.dumps(told).encode()).hexdigest(), face)


def picture(media: MediaStore, image: Image, face: str) -> bytes:
    """The JPEG that is sent: upright, small, and without anything that its file told of people and places."""
    pixels = images.upright_rgb(media, image)
    drawn = PIL.Image.fromarray(gray_of(np.asarray(pixels)) if face == "gray" else pixels)
    drawn.thumbnail((SIDE, SIDE), PIL.Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    drawn.save(encoded, "JPEG", quality=QUALITY)
    return encoded.getvalue()


def answered(session: Session, inquiry: Asked) -> str | None:
    """The answer that was given to a question before; None where it was never asked."""
    row = session.get(ModelAnswer, inquiry.key)
    return None if row is None else row.answer


def keep_answer(session: Session, inquiry: Asked, endpoint: Endpoint, answer: str, *, run_id: int | None = None) -> None:
    """Keep an answer as it came, with the model and the prompt."""
    row = ModelAnswer(
        key=inquiry.key,
        image_id=inquiry.image_id,
        run_id=run_id,
        model=endpoint.model,
        prompt=endpoint.whole_prompt,
        temperature=endpoint.temperature,
        face=inquiry.face,
        answer=answer,
    )
    session.merge(row)
    session.flush()


def read(said: Mapping[CaptionLevel, str], endpoint: Endpoint) -> Read:
    """What an answer's captions say, and what follows from the complete one; takes longer than writing, so it comes before."""
    texts = list(dict.fromkeys(said.values()))
    readings = dict(zip(texts, levels.read_captions(texts), strict=True))
    complete = said[CaptionLevel.COMPLETE]
    follows = endpoint.mode == "derive" and readings[complete].level is not CaptionLevel.SCARCE
    return Read(said, readings, captions.shorter(complete) if follows else [])


def propose(session: Session, image_id: int, parsed: Read, *, author: str, run_id: int | None = None) -> Proposed:
    """Add what a model said as proposals, and what follows from it; what is there already stays as it is.

    The level of a proposal is what the rules read, as of any other caption.
    """
    batch = events.batch_of_run(run_id) if run_id else events.new_batch()
    named: dict[str, Any] = {"status": CaptionStatus.PROPOSED, "author": author, "run_id": run_id, "batch_id": batch}
    entries = [NewCaption(image_id, text, reading=reading) for text, reading in parsed.readings.items()]
    stored = captions.add_many(session, entries, text_origin=Origin.MODEL, **named)
    if not stored.added:
        return Proposed(0, 0, 0)
    source = dict(zip(parsed.readings, stored.ids, strict=True))[parsed.said[CaptionLevel.COMPLETE]]
    shorter = [NewCaption(image_id, text, derived_from_id=source, reading=reading) for text, reading in parsed.derived]
    derived = captions.add_many(session, shorter, text_origin=Origin.RULE, **named).added if shorter else 0
    vocabulary = spelling.vocabulary(session)
    return Proposed(
        added=stored.added + derived,
        read_otherwise=sum(parsed.readings[text].level is not level for level, text in parsed.said.items()),
        misspelled=sum(bool(spelling.check(text, vocabulary)) for text in parsed.readings),
    )
