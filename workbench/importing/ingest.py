"""A batch of items into the store: prepared outside of any transaction, then written in one.

batch = prepare(items, media)                         # decodes, measures and keeps, two at a time; no database
near = likenesses(index, batch)                       # looks for near duplicates; no database
with transaction(engines.writer) as session:
    intake = store(session, batch, source="holiday", near=near, author="me")
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.enums import Origin
from db.models import Grounding, Image, Region
from workbench import captions, images, levels, regions
from workbench.captions import NewCaption, mentions
from workbench.errors import InvalidInputError, WorkbenchError
from workbench.images import Credit, Likenesses, ingest
from workbench.imaging import NearIndex
from workbench.importing.items import Item, Phrase
from workbench.levels import Reading
from workbench.store import MediaStore
from workbench.texts import legible

__all__ = ["Failure", "Intake", "PreparedItem", "likenesses", "prepare", "store"]

THREADS = 2
"""Each has a decoding process at work; more than this would hold too many large pictures at once."""


@dataclass(frozen=True)
class PreparedItem:
    """An item whose picture could be read, and the readings of its captions."""

    item: Item
    picture: ingest.Prepared
    readings: list[Reading] = field(default_factory=list)


@dataclass(frozen=True)
class Failure:
    """An item that could not be used, or a part of it, and why."""

    name: str
    reason: str


@dataclass
class Intake:
    """What a batch brought: ids of the images that are new, of those that were there, and what could not be used."""

    added: list[int] = field(default_factory=list)
    duplicates: list[int] = field(default_factory=list)
    near_duplicates: int = 0
    captions: int = 0
    regions: int = 0
    groundings: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def image_ids(self) -> list[int]:
        """All images that the batch was about."""
        return self.added + self.duplicates

    def add(self, other: "Intake") -> None:
        """Take over what another batch brought."""
        for name in ("added", "duplicates", "failures"):
            getattr(self, name).extend(getattr(other, name))
        for name in ("near_duplicates", "captions", "regions", "groundings"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def prepare(items: Iterable[Item], media: MediaStore, credit: Credit = Credit()) -> list[PreparedItem | Failure]:
    """Read, decode, measure and keep each picture, and read its captions; one that cannot be read is a failure with its reason.

    `credit` is where they all are from: its source holds for all, the rest where nothing else is said of a picture.
    Order is kept. A file that turns out to have the pixels of another one stays in the media store without a row.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        prepared = list(pool.map(lambda item: _prepare(item, media, credit), items))
    # A text that is none is refused when it is stored; the tagger would take all the others with it.
    texts = [legible(caption.text) for entry in prepared if isinstance(entry, PreparedItem) for caption in entry.item.captions]
    readings = levels.read_captions(texts)
    for entry in prepared:
        if isinstance(entry, PreparedItem):
            entry.readings.extend(islice(readings, len(entry.item.captions)))
    return prepared


def likenesses(index: NearIndex, batch: Sequence[PreparedItem | Failure]) -> Likenesses:
    """What the pictures of a batch resemble among the images of the index."""
    return ingest.likenesses(index, [entry.picture for entry in batch if isinstance(entry, PreparedItem)])


def store(
    session: Session,
    batch: Sequence[PreparedItem | Failure],
    *,
    source: str,
    near: Likenesses,
    author: str,
    run_id: int | None = None,
    batch_id: str | None = None,
) -> Intake:
    """Write a prepared batch: images, captions with their mentions, masks, groundings and tags.

    Captions of a picture that is in the store already go to the image that is there. Doing it twice adds nothing.
    """
    intake = Intake(failures=[entry for entry in batch if isinstance(entry, Failure)])
    ready = [entry for entry in batch if isinstance(entry, PreparedItem)]
    intake.failures += [
        Failure(f"{entry.item.name} (note {number})", problem)
        for entry in ready
        for number, problem in enumerate(entry.item.notes.problems, 1)
    ]
    common = {"run_id": run_id, "batch_id": batch_id}
    outcomes = ingest.store(session, [entry.picture for entry in ready], source=source, near=near, actor=author, **common)
    for outcome in outcomes:
        (intake.added if outcome.status == "added" else intake.duplicates).append(outcome.image.id)
        intake.near_duplicates += bool(outcome.near)
    stored = [(entry, outcome.image) for entry, outcome in zip(ready, outcomes, strict=True)]
    _store_tags(session, stored, intake, author, batch_id)
    before = _counted(session, intake.image_ids)
    ids = _store_captions(session, stored, intake, author, common)
    for entry, image in stored:
        _store_regions(session, entry.item, image, ids, intake, author, common)
    after = _counted(session, intake.image_ids)
    intake.regions, intake.groundings = after[0] - before[0], after[1] - before[1]
    return intake


def _prepare(item: Item, media: MediaStore, common: Credit) -> PreparedItem | Failure:
    try:
        credit = Credit(source=common.source or None).or_else(item.credit).or_else(common)
        picture = ingest.prepare(item.read(), item.name, credit=credit, attributes=item.attributes)
        return PreparedItem(item, ingest.keep(media, picture))
    except InvalidInputError as error:
        return Failure(item.name, str(error))


def _store_tags(session: Session, stored: list[tuple[PreparedItem, Image]], intake: Intake, author: str, batch_id: str | None) -> None:
    tagged: dict[str, list[int]] = {}
    for entry, image in stored:
        for tag in entry.item.notes.tags:
            try:
                tagged.setdefault(images.require_tag(tag), []).append(image.id)
            except InvalidInputError as error:
                intake.failures.append(Failure(f"{entry.item.name} (tag)", str(error)))
    for tag, image_ids in tagged.items():
        images.tag(session, image_ids, tag, actor=author, batch_id=batch_id)


def _store_captions(
    session: Session, stored: list[tuple[PreparedItem, Image]], intake: Intake, author: str, common: dict
) -> dict[tuple[int, str], int]:
    """Add the captions of all items at once; return their ids by image and text."""
    entries = []
    for entry, image in stored:
        for caption, reading in zip(entry.item.captions, entry.readings, strict=True):
            try:
                captions.require_text(caption.text)
                entries.append(NewCaption(image.id, caption.text, caption.level, reading=reading))
            except InvalidInputError as error:
                intake.failures.append(Failure(entry.item.name, str(error)))
    added = captions.add_many(session, entries, text_origin=Origin.IMPORTED, author=author, **common)
    intake.captions += added.added
    return {(entry.image_id, entry.text): key for entry, key in zip(entries, added.ids, strict=True)}


def _store_regions(
    session: Session, item: Item, image: Image, caption_ids: dict[tuple[int, str], int], intake: Intake, author: str, common: dict
) -> None:
    region_ids: list[int | None] = []
    for number, region in enumerate(item.regions, 1):
        try:
            stored = regions.add_encoded(session, image.id, region.mask, origin=region.origin, label=region.label, author=author, **common)
            region_ids.append(stored.id)
        except WorkbenchError as error:
            region_ids.append(None)
            intake.failures.append(Failure(f"{item.name} (region {number})", str(error)))
    for caption in item.captions:
        caption_id = caption_ids.get((image.id, caption.text))
        phrases = item.phrases_of(caption)
        if caption_id is not None and phrases:
            _ground(session, caption.text, phrases, caption_id, region_ids, author, common)


def _ground(
    session: Session,
    text: str,
    phrases: Sequence[Phrase],
    caption_id: int,
    region_ids: list[int | None],
    author: str,
    common: dict,
) -> None:
    """Put the mentions of a caption on the regions of the phrases that they overlap."""
    views = mentions.of_captions(session, {caption_id: text})[caption_id]
    for phrase in phrases:
        mention = _best(views, phrase)
        region_id = region_ids[phrase.region]
        if mention is not None and region_id is not None:
            regions.ground(session, mention.id, region_id, origin=Origin.IMPORTED, actor=author, **common)


def _counted(session: Session, image_ids: list[int]) -> tuple[int, int]:
    """How many regions, and how many groundings on them, some images have."""
    own = select(func.count()).select_from(Region).where(Region.image_id.in_(image_ids))
    grounded = own.join(Grounding, Grounding.region_id == Region.id)
    return session.execute(own).scalar_one(), session.execute(grounded).scalar_one()


def _best(views: Sequence[mentions.MentionView], phrase: Phrase):
    """The mention whose span overlaps a phrase's most; None where none does."""
    overlap = {view.mention.id: min(view.mention.end, phrase.end) - max(view.mention.start, phrase.start) for view in views}
    best = max(views, key=lambda view: overlap[view.mention.id], default=None)
    return best.mention if best is not None and overlap[best.mention.id] > 0 else None
