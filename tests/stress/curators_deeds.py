"""What curators do all day, through the services: tag, describe, review, undo and look."""

import random

from sqlalchemy import func, select

from db.enums import Origin, Verdict
from db.models import Colorization, Image
from workbench import captions, images, reviews, studies
from workbench.open_store import Store
from workbench.store import events


def _any(session, table, chance: random.Random) -> int:
    return 1 + chance.randrange(session.scalar(select(func.max(table.id))))


def tag(store: Store, name: str, chance: random.Random) -> None:
    with store.writing() as session:
        images.tag(session, [_any(session, Image, chance)], f"tag-{chance.randrange(40)}", actor=name)


def describe(store: Store, name: str, chance: random.Random) -> None:
    with store.writing() as session:
        text = f"a red cup and {chance.randrange(10**6)} brown tables"
        captions.add(session, _any(session, Image, chance), text, text_origin=Origin.HUMAN, author=name)


def review(store: Store, name: str, chance: random.Random) -> None:
    with store.writing() as session:
        reviews.review(session, _any(session, Colorization, chance), Verdict.ACCEPT, reviewer=name)


def undo(store: Store, name: str, chance: random.Random) -> None:
    with store.writing() as session:
        images.tag(session, [_any(session, Image, chance)], f"slip-{chance.randrange(10**6)}", actor=name)
        events.undo(session, events.newest(session), actor=name)


def look(store: Store, _name: str, _chance: random.Random) -> None:
    with store.reading() as session:
        studies.progress(session, 1)
        captions.find(session, "red", limit=60)


DEEDS = (tag, describe, review, undo, look)
