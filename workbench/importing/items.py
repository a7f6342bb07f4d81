"""What an import hands over, one picture at a time: where its bytes are and what is said about it."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import IO, Any

from db.enums import CaptionLevel, CaptionStatus, Origin, RegionOrigin
from workbench.images import COCO_ID, SCENE_SOURCE, Credit
from workbench.imaging import Rle

__all__ = ["Item", "ItemCaption", "ItemRegion", "Notes", "Phrase", "Provenance", "credit_of"]


@dataclass(frozen=True)
class Phrase:
    """A half-open span of characters in a caption, and the region it means, by its place among the item's regions."""

    start: int
    end: int
    region: int


@dataclass(frozen=True)
class Provenance:
    """What files of ours say of a caption beside its text: where text and level come from, whether it counts, and what it was made of."""

    text_origin: Origin
    level_origin: Origin
    status: CaptionStatus
    author: str
    derived_from: str | None = None
    """The text of a caption of the same image."""


@dataclass(frozen=True)
class ItemCaption:
    """A caption as imported; `level` is None where the file does not say it, `provenance` where the file is none of ours."""

    text: str
    level: CaptionLevel | None = None
    phrases: tuple[Phrase, ...] = ()
    provenance: Provenance | None = None


@dataclass(frozen=True)
class ItemRegion:
    """An instance mask as imported, in COCO RLE of `workbench.imaging.masks`."""

    mask: Rle
    label: str = ""
    origin: RegionOrigin = RegionOrigin.IMPORTED
    spoken: tuple[tuple[int, int, str], ...] = ()
    """Where captions speak of it: (start, end, words), true of every caption that has these words there."""


@dataclass
class Notes:
    """What tables and side files say about one picture."""

    captions: list[ItemCaption] = field(default_factory=list)
    regions: list[ItemRegion] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    license: str | None = None
    source: str | None = None
    author: str | None = None
    """Who made the picture."""
    url: str | None = None
    coco_id: int | None = None
    """The number of the picture in a COCO file, which an export in that format gives back."""
    scene_source: list[str] = field(default_factory=list)
    """What a composed scene was made from: with it, it stays in one split of a release."""
    versions: list[str] = field(default_factory=list)
    """Files that show the same picture in another way (its gray version) and are no pictures of their own."""
    sha256: str | None = None
    """The hash of the picture's file, where the row tells it."""
    problems: list[str] = field(default_factory=list)
    """What was said of it and cannot be used, each with its place in the file and the reason."""

    def add(self, other: "Notes") -> None:
        """Take over what another row says, regions and captions that are there already excepted."""
        places = [self._place(region) for region in other.regions]
        for caption in other.captions:
            phrases = tuple(Phrase(phrase.start, phrase.end, places[phrase.region]) for phrase in caption.phrases)
            moved = replace(caption, phrases=phrases)
            if moved not in self.captions:
                self.captions.append(moved)
        self.tags += [tag for tag in other.tags if tag not in self.tags]
        self.versions += [version for version in other.versions if version not in self.versions]
        for name in ("license", "source", "author", "url", "sha256", "coco_id"):
            setattr(self, name, getattr(other, name) if getattr(self, name) is None else getattr(self, name))
        self.scene_source += [name for name in other.scene_source if name not in self.scene_source]
        self.problems += other.problems

    def _place(self, region: ItemRegion) -> int:
        if region not in self.regions:
            self.regions.append(region)
        return self.regions.index(region)


@dataclass(frozen=True)
class Item:
    """One picture to import. `reference` finds it again in the same collection, `name` is its path there.

    `read()` gives the bytes and raises UnreadableFileError where they cannot be had: the file is missing, unsafe or cut short.
    """

    reference: str
    name: str
    read: Callable[[], bytes]
    notes: Notes = field(default_factory=Notes)

    def open(self) -> IO[bytes]:
        """The bytes as a file."""
        return io.BytesIO(self.read())

    @property
    def captions(self) -> list[ItemCaption]:
        """The captions that came with it."""
        return self.notes.captions

    @property
    def regions(self) -> list[ItemRegion]:
        """The masks that came with it."""
        return self.notes.regions

    def phrases_of(self, caption: ItemCaption) -> list[Phrase]:
        """The phrases of one of its captions that mean one of its regions."""
        spoken = [
            Phrase(start, end, index)
            for index, region in enumerate(self.regions)
            for start, end, words in region.spoken
            if caption.text[start:end] == words
        ]
        return [*caption.phrases, *spoken]

    @property
    def credit(self) -> Credit:
        """Where it is from, as what came with it says."""
        return credit_of(self.notes)

    @property
    def attributes(self) -> dict[str, Any]:
        """What its row should keep beside the measured."""
        kept = {"import_source": self.notes.source, SCENE_SOURCE: self.notes.scene_source, COCO_ID: self.notes.coco_id}
        return {name: value for name, value in kept.items() if value not in (None, "", [])}


def credit_of(notes: Notes) -> Credit:
    """Where a picture is from, as notes say."""
    return Credit(notes.source, notes.author, notes.license, notes.url)
