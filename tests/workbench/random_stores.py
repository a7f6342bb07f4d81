"""Stores, changes of them by any of the ways there are, and queries, all at random and the same for a seed."""

import contextlib
import random

from db.enums import CaptionLevel, CaptionStatus, DuplicateKind, Origin, Verdict
from db.models import Caption, Colorization, Duplicate, Event, Grounding, Image, Mention, MentionColor, Region, Review
from db.models.checkpoint import Checkpoint
from tests.stores import add_image, add_region
from workbench import captions, images
from workbench.captions import Edit, bulk_edit
from workbench.errors import WorkbenchError
from workbench.store import events

__all__ = ["a_query", "change", "stock"]

NOUNS = ("cup", "dog", "fire truck", "tree", "cat")
COLORS = ("red", "blue", "green", "")
TAGS = ("night", "outdoor", "odd")


def a_query(chance: random.Random, depth: int = 3) -> str:
    """A random query, written out."""
    if depth and chance.random() < 0.6:
        joint = chance.choice((" ", " ", " AND ", " OR "))
        inner = joint.join(a_query(chance, depth - 1) for _ in range(chance.randint(1, 3)))
        return f"{chance.choice(('', '', 'NOT '))}({inner})"
    noun, number = chance.choice(NOUNS), chance.randint(0, 40)
    return chance.choice(("", "", "NOT ")) + chance.choice((
        f'object:"{noun}"', f"object:{noun[0]}*", "object:*", f"color:{chance.choice(COLORS[:3])}",
        f"level:{chance.choice(tuple(CaptionLevel))}",
        f"level:{chance.choice(tuple(CaptionLevel))},complete", f"origin:{chance.choice(tuple(Origin))}",
        f"status:{chance.choice(tuple(CaptionStatus))}", f"tokens:{chance.choice('<>=')}{number}", f"tokens:{number}-{number + 7}",
        f"id:{number % 12}", f"id:>{number % 12}", f"id:{number % 12}-99999999999",
        f"id:{number % 7},>{number % 12}", f"caption:{number}-{number + 9}", f"caption:<{number}", "reviewed",
        f"has:{chance.choice(('caption', 'colorization', 'duplicate', 'mask', 'reference', 'review'))}",
        f"source:{chance.choice(('a', 'b', 'A*', '*'))}",
        f"tag:{chance.choice((*TAGS, 'o*', '*'))}", f"file:{chance.choice(('1', '7', '*.PNG', 'x*'))}", f"file:{number % 10}.png",
        noun.split()[0], f'"a {chance.choice(COLORS[:3])} {noun}"', f'"{noun}"',
    ))  # fmt: skip


def stock(session, media, chance: random.Random) -> None:
    """A small store with some of everything, by the services and by plain statements."""
    session.add(Checkpoint(name="mini", location="package:mini", digest="1" * 64, note=""))
    for seed in range(1, 11):
        image = add_image(session, media, seed, color=chance.random() > 0.3, source=chance.choice("ab"))
        images.tag(session, [image.id], chance.choice(TAGS), actor="ada")
        for _ in range(chance.randint(0, 4)):
            describe(session, image.id, chance)
        if chance.random() < 0.5:
            region = add_region(session, image)
            mention = session.query(Mention).join(Caption).where(Caption.image_id == image.id).first()
            if mention and chance.random() < 0.7:
                session.add(Grounding(mention_id=mention.id, region_id=region.id, origin=Origin.MODEL))
                colorize(session, image.id, mention.caption_id, chance)
        if seed % 5 == 0:
            session.add(Duplicate(image_id=image.id, original_id=image.id - 1, kind=DuplicateKind.NEAR, distance=2))


def describe(session, image_id: int, chance: random.Random) -> Caption:
    """Add a caption made of the nouns and colors."""
    phrases = [f"a {chance.choice(COLORS)} {chance.choice(NOUNS)}".replace("  ", " ") for _ in range(chance.randint(1, 3))]
    return captions.add(
        session, image_id, " next to ".join(phrases), text_origin=chance.choice(tuple(Origin)), author="ada",
        status=chance.choice((CaptionStatus.ACCEPTED, CaptionStatus.PROPOSED)),
    )  # fmt: skip


def colorize(session, image_id: int, caption_id: int, chance: random.Random) -> None:
    """Add a colorization, and for some a review."""
    made = Colorization(
        key=f"{chance.getrandbits(200):064x}", image_id=image_id, caption_id=caption_id, checkpoint_id=1, caption_text="", settings={},
        seed=0, media_key="c.png", seconds=1.0, adherence=0.5, facts={},
    )  # fmt: skip
    session.add(made)
    session.flush()
    if chance.random() < 0.5:
        session.add(Review(colorization_id=made.id, reviewer="ada", verdict=Verdict.ACCEPT))


def recolor(session, chance: random.Random) -> None:
    before, after = chance.choices(COLORS[:3], k=2)
    bulk_edit.apply(session, Edit("replace", pattern=before, replacement=after), actor="ada")


def change(session, media, chance: random.Random) -> None:
    """One random change of the store, by any of the ways there are."""
    kept, all_images = session.query(Caption).all(), session.query(Image).all()
    caption, image = chance.choice(kept), chance.choice(all_images)
    ways = {
        "describe": lambda: describe(session, image.id, chance),
        "replace": lambda: recolor(session, chance),
        "level": lambda: captions.set_level(session, caption.id, chance.choice(tuple(CaptionLevel)), actor="ada"),
        "drop": lambda: captions.drop(session, [caption.id, chance.choice(kept).id], actor="ada", batch_id=events.new_batch()),
        "accept": lambda: captions.accept(session, [caption.id], actor="ada"),
        "derive": lambda: captions.derive(session, caption.id, author="ada"),
        "tag": lambda: images.tag(session, [image.id], chance.choice(TAGS), actor="ada"),
        "untag": lambda: images.untag(session, [image.id], chance.choice(TAGS), actor="ada"),
        "colorize": lambda: colorize(session, caption.image_id, caption.id, chance),
        "undo": lambda: events.undo(session, chance.choice(session.query(Event).order_by(Event.id).all()).id, actor="ada"),
        "roll back": lambda: roll_back(session, chance),
        "delete caption": lambda: session.delete(caption),
        "delete image": lambda: session.delete(image),
        "delete mask": lambda: session.query(Region).where(Region.image_id == image.id).delete(),
        "delete review": lambda: session.query(Review).delete(),
        "delete colorization": lambda: session.query(Colorization).where(Colorization.image_id == image.id).delete(),
        "rename source": lambda: session.query(Image).where(Image.id == image.id).update({"source": "b"}),
        "delete duplicates": lambda: session.query(Duplicate).delete(),
        "recolor": lambda: session.query(MentionColor).where(MentionColor.color == "red").update({"color": "pink"}),
    }
    with contextlib.suppress(WorkbenchError):  # what cannot be undone any more stays
        ways[chance.choice(tuple(ways))]()


def roll_back(session, chance: random.Random) -> None:
    """Take one of the batches back."""
    batches = sorted(key for (key,) in session.query(Event.batch_id).distinct() if key)
    if batches:
        events.rollback(session, chance.choice(batches), actor="ada")
