"""What a caption says of where the object of a phrase is: its side, and whose garment it is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lcad.grounding.nouns import Noun, NounTable, names_several
from lcad.prompts import Span

Side = Literal["left", "right", "middle", "front", "back"]
SIDES: dict[str, Side] = {
    "left": "left", "leftmost": "left", "right": "right", "rightmost": "right", "middle": "middle", "center": "middle", "centre": "middle",
    "front": "front", "foreground": "front", "nearest": "front", "back": "back", "background": "back", "rear": "back",
}  # fmt: skip
_SIDE_WORDS = "|".join(SIDES)
AFTER = re.compile(
    r"^\s*,?\s*(?:(?:that|which|who) (?:is|are) |sitting |standing |lying |parked )?"
    rf"(?:on|at|in|to) (?:the |its )?(?:far |very )?({_SIDE_WORDS})\b(?! of)"
)
ANOTHER = re.compile(r"^(?:another|the other|a second|the second)\b")
BEFORE = re.compile(rf"\b({_SIDE_WORDS})(?:[- ]?hand)?\b")
OWNED = re.compile(r"\b(?:in|wearing|wears|with|has|dressed|having|carrying|holding)\b|^\W*(?:and|,)?\W*$")
GARMENTS = frozenset((
    "shirt", "t-shirt", "tee", "tee shirt", "top", "tank top", "blouse", "sweater", "pullover", "sweatshirt", "hoodie", "cardigan",
    "jumper", "jersey", "jacket", "blazer", "coat", "overcoat", "raincoat", "parka", "suit", "vest", "waistcoat", "dress", "gown", "robe",
    "skirt", "kilt", "pants", "trouser", "trousers", "jean", "jeans", "shorts", "short pants", "leggings", "tights", "stocking", "sock",
    "shoe", "sneaker", "boot", "sandal", "hat", "cap", "helmet", "beanie", "scarf", "shawl", "glove", "mitten", "tie", "necktie", "belt",
    "bag", "handbag", "purse", "backpack", "sunglasses", "glasses", "goggles", "hair", "beard", "uniform", "outfit", "clothes",
    "clothing", "costume", "wetsuit", "wet suit", "swimsuit", "bikini", "swim trunks", "trunks", "apron", "bandana", "cape", "polo shirt",
    "dress shirt", "turtleneck", "headband", "bow tie", "tuxedo", "kimono", "sari", "overalls", "life jacket", "face", "skin",
))  # fmt: skip


@dataclass(frozen=True)
class Phrase:
    """A phrase of a caption as it is looked for: what it names, on which side, the number of the phrase that wears it, whether it is
    "another" of its name, and whether it names several things."""

    span: Span
    noun: Noun | None
    side: Side | None
    owner: int | None
    another: bool = False
    several: bool = False

    @property
    def worn(self) -> bool:
        """Whether it names something that people wear or carry."""
        return self.noun is not None and self.noun.name in GARMENTS


def read_phrases(caption: str, spans: Sequence[Span], nouns: NounTable, person: int = 0) -> list[Phrase]:
    """The phrases at spans of a caption; `person` is the detector's kind of people."""
    named = [nouns.meant(caption[slice(*span)]) for span in spans]
    owners: list[int | None] = [None] * len(spans)
    order = sorted(range(len(spans)), key=lambda number: spans[number])
    owner, since = None, 0
    for number in order:
        noun, (start, end) = named[number], spans[number]
        if noun is not None and person in noun.kinds and noun.name not in GARMENTS:
            owner, since = number, end
        elif noun is not None and noun.name in GARMENTS and owner is not None and _wears(caption[since:start]):
            owners[number], since = owner, end
    others = [ANOTHER.search(caption[slice(*span)].lower()) is not None for span in spans]
    several = [names_several(caption[slice(*span)]) for span in spans]
    sides = [side_of(caption, span) for span in spans]
    return [Phrase(*one) for one in zip(spans, named, sides, owners, others, several, strict=True)]


def _wears(between: str) -> bool:
    """Whether the words between a person and a garment, or between two garments, say that the person wears it."""
    return "." not in between and OWNED.search(between.lower()) is not None


def side_of(caption: str, span: Span) -> Side | None:
    """The side that a caption gives to the phrase at a span: "the left cup", "the man on the right"; None where it gives none."""
    start, end = span
    if (after := AFTER.search(caption[end:].lower())) is not None:
        return SIDES[after.group(1)]
    before = BEFORE.search(caption[start:end].lower())
    return SIDES[before.group(1)] if before else None
