"""What phrases mean in a view, as far as teachers and people marked it: targets for the grounder, and what is not there.

A view has masks on cells of what a segmenter of scenes marked (grounds), of the clothes that people outlined, of the boxes that a
detector drew and a segmenter of salient things cut (things), and of what has a name of its own (named). A phrase about any of them has a
target, and a weight that is low where labels may be meant too (`grounding_words`), where a thing of the name has no mask, and on people
whose clothes nobody outlined.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from lcad.grounding.detector import KINDS
from lcad.grounding.nouns import Noun, NounTable
from lcad.models.phrase_grounder import CELLS, SIDE
from pipelines.pretraining.grounding_words import BY_CAPTION, GARMENTS, GROUNDS, THINGS, Meaning

FEW = 2.0  # cells: less of a thing is not asked for
FEW_OF_GROUND = 10.0
HARDLY = 0.05  # weight of what may be meant
ABSENT_WEIGHT, UNRELATED_WEIGHT = 0.6, 0.15
PHRASES = 10
MISSED, SCORE_NOISE, SIDE_NOISE = 0.15, 0.08, 0.03  # of boxes: what the detector misses in gray, and how it errs
ONE_OF_SEVERAL, ONE_WEARER = 0.5, 0.35
UNLIKELY = {"skin": 0.4, "clothes": 0.5, "belt": 0.3, "stockings": 0.5}
Cells = np.ndarray  # (CELLS, CELLS) float32 in [0, 1]


@dataclass(frozen=True, eq=False)
class MarkedBox:
    """A box of a kind of thing, left, top, right, bottom on the canvas, its score, its mask (None: not known) and the mask's quality."""

    kind: str
    score: float
    sides: tuple[float, float, float, float]
    mask: Cells | None
    quality: float


@dataclass(frozen=True, eq=False)
class MarkedView:
    """What is marked in a view.

    seen       where the photo or what was pasted is
    grounds    masks by label
    people     for each person whose clothes are outlined: masks by label, and the whole
    named      masks of things by their own names
    undressed  people whose clothes nobody outlined
    captions   what people wrote of the photo
    """

    seen: Cells
    grounds: dict[str, Cells] = field(default_factory=dict)
    people: list[tuple[dict[str, Cells], Cells]] = field(default_factory=list)
    boxes: list[MarkedBox] = field(default_factory=list)
    named: list[tuple[str, Cells]] = field(default_factory=list)
    undressed: Cells = field(default_factory=lambda: np.zeros((CELLS, CELLS), np.float32))
    captions: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class AskedPhrase:
    """A phrase asked of a view: its noun, the maps of boxes and of people that hint at it, target and weight, and whether it is there."""

    noun: Noun
    boxes: Cells
    people: Cells
    target: Cells
    known: Cells
    is_present: bool


def union(masks: dict[str, Cells], labels: Sequence[str]) -> Cells:
    """Where any of the labels is."""
    return np.max([masks[label] for label in labels if label in masks] or [np.zeros((CELLS, CELLS), np.float32)], axis=0)


def box_map(boxes: Sequence[tuple[float, tuple[float, float, float, float]]]) -> Cells:
    """The largest score of boxes (score, sides) over each cell."""
    cells, unit = np.zeros((CELLS, CELLS), np.float32), SIDE / CELLS
    for score, (left, top, right, bottom) in boxes:
        rows = slice(max(0, int(top / unit)), max(1, int(np.ceil(bottom / unit))))
        columns = slice(max(0, int(left / unit)), max(1, int(np.ceil(right / unit))))
        cells[rows, columns] = np.maximum(cells[rows, columns], score)
    return cells


class PhraseDrawer:
    """Draws phrases of a marked view; `noisy` as the detector errs on gray pictures."""

    def __init__(self, nouns: NounTable, view: MarkedView, rng: np.random.Generator, noisy: bool = True):
        self.nouns, self.view, self.rng, self.noisy = nouns, view, rng, noisy
        self.boxes = [(box.kind, *self._seen(box)) for box in view.boxes if not noisy or rng.random() > MISSED]
        self.people = box_map([(score, sides) for kind, score, sides in self.boxes if kind == "person"])

    def draw(self, count: int = PHRASES) -> list[AskedPhrase]:
        """So many phrases, at times all there, and at least one of four of them not there."""
        options = [*self._grounds(), *self._garments(), *self._things(), *self._named()]
        most = count - 1 if self.rng.random() < 0.75 else count
        phrases: list[AskedPhrase] = []
        if options:
            weights = np.array([weight for weight, _ in options])
            chosen = self.rng.choice(len(options), min(len(options), most), replace=False, p=weights / weights.sum())
            phrases = [options[number][1]() for number in chosen]
        while len(phrases) < count:
            phrases += self._absent()
        return phrases

    def _seen(self, box: MarkedBox) -> tuple[float, tuple[float, float, float, float]]:
        if not self.noisy:
            return box.score, box.sides
        longest = max(box.sides[2] - box.sides[0], box.sides[3] - box.sides[1])
        sides = np.asarray(box.sides) + self.rng.normal(0, SIDE_NOISE, 4) * longest
        return float(np.clip(box.score + self.rng.normal(0, SCORE_NOISE), 0.3, 1)), tuple(sides)

    def _name(self, names: Sequence[str]) -> Noun:
        known = [noun for name in names if (noun := self.nouns.named(name)) is not None]
        return known[self.rng.integers(len(known))]

    def _asked(self, noun: Noun, target: Cells, known: Cells, present: bool, boxes: Cells | None = None, people: Cells | None = None):
        kinds = {KINDS[kind] for kind in noun.kinds}
        seen = box_map([(score, sides) for kind, score, sides in self.boxes if kind in kinds]) if boxes is None else boxes
        return AskedPhrase(noun, seen, self.people if people is None else people, target, known, present)

    def _grounds(self) -> list[tuple[float, Callable[[], AskedPhrase]]]:
        options = []
        for meaning in GROUNDS.values():
            target = union(self.view.grounds, meaning.labels)
            if target.sum() > FEW_OF_GROUND:
                options.append((1.0, lambda meaning=meaning, target=target: self._ground(meaning, target)))
        for word, labels in self._by_caption().items():
            target = union(self.view.grounds, labels)
            if target.sum() > FEW_OF_GROUND:
                options.append((2.0, lambda word=word, target=target: self._asked(self._name([word]), target, 0.7 * self.view.seen, True)))
        return options

    def _by_caption(self) -> dict[str, list[str]]:
        texts = [caption.lower().split() for caption in self.view.captions]
        return {word: labels.split(",") for word, labels in BY_CAPTION.items() if sum(word in t or f"{word}s" in t for t in texts) >= 2}

    def _ground(self, meaning: Meaning, target: Cells) -> AskedPhrase:
        unsure = union(self.view.grounds, meaning.unsure) * (1 - target)
        return self._asked(self._name(meaning.names), target, self.view.seen * (1 - (1 - HARDLY) * unsure), True)

    def _garments(self) -> list[tuple[float, Callable[[], AskedPhrase]]]:
        options = []
        for key, meaning in GARMENTS.items():
            wearers = [number for number, (parts, _) in enumerate(self.view.people) if union(parts, meaning.labels).sum() > FEW]
            if wearers:
                options.append((UNLIKELY.get(key, 1.3), lambda meaning=meaning, wearers=wearers: self._garment(meaning, wearers)))
        return options

    def _garment(self, meaning: Meaning, wearers: list[int]) -> AskedPhrase:
        noun = self._name(meaning.names)
        parts, whole = self.view.people[wearers[self.rng.integers(len(wearers))]]
        if self.noisy and self.rng.random() < ONE_WEARER:  # of this person alone
            target = union(parts, meaning.labels)
            known = self.view.seen * (1 - (1 - HARDLY) * union(parts, meaning.unsure) * (1 - target))
            return self._asked(noun, target, known, True, people=box_map([(0.7, sides_of(whole))]))
        target = np.max([union(parts, meaning.labels) for parts, _ in self.view.people], axis=0)
        unsure = np.max([union(parts, meaning.unsure) for parts, _ in self.view.people], axis=0) * (1 - target)
        unknown = np.maximum(unsure, self.view.undressed * (1 - target))
        return self._asked(noun, target, self.view.seen * (1 - (1 - HARDLY) * unknown), True)

    def _things(self) -> list[tuple[float, Callable[[], AskedPhrase]]]:
        kinds = {box.kind for box in self.view.boxes if box.mask is not None and box.mask.sum() > FEW}
        return [(0.8 if kind == "person" else 1.2, lambda kind=kind: self._thing(kind)) for kind in sorted(kinds)]

    def _thing(self, kind: str) -> AskedPhrase:
        every = [box for box in self.view.boxes if box.kind == kind]
        cut = [box for box in every if box.mask is not None and box.mask.sum() > FEW]
        masks = [box.mask for box in cut if box.mask is not None]
        noun = self._name(THINGS.get(kind, (kind,)))
        if len(every) > 1 and self.noisy and self.rng.random() < ONE_OF_SEVERAL:
            one, mask = cut[number := int(self.rng.integers(len(cut)))], masks[number]
            return self._asked(noun, mask, self.view.seen * (0.5 + 0.5 * one.quality), True, boxes=box_map([self._seen(one)]))
        target, known = np.max(masks, axis=0), self.view.seen.copy()
        for box in every:
            if box not in cut:
                known[box_map([(1.0, box.sides)]) > 0] *= HARDLY
        if kind == "person":
            known *= 1 - 0.9 * self.view.undressed * (1 - target)
        return self._asked(noun, target, known, True)

    def _named(self) -> list[tuple[float, Callable[[], AskedPhrase]]]:
        options = []
        for name, mask in self.view.named:
            noun = self.nouns.meant(name)
            if noun is not None and mask.sum() > FEW:
                options.append((1.6, lambda noun=noun, mask=mask: self._asked(noun, mask, self.view.seen, True)))
        return options

    def _absent(self) -> list[AskedPhrase]:
        """A phrase of which nothing is there, or none where that is not sure."""
        chance, view, nothing = self.rng.random(), self.view, np.zeros((CELLS, CELLS), np.float32)
        meanings = list((GROUNDS if chance < 0.35 else GARMENTS).values())
        meaning, weight = meanings[self.rng.integers(len(meanings))], ABSENT_WEIGHT
        if chance < 0.35:
            if not view.grounds or union(view.grounds, (*meaning.labels, *meaning.unsure)).sum() > 1 or self._by_caption():
                return []
            noun = self._name(meaning.names)
        elif chance < 0.75:
            kind = KINDS[self.rng.integers(len(KINDS))]
            noun = self._name(THINGS.get(kind, (kind,)))
        elif (
            view.people and not view.undressed.any() and not any(union(p, (*meaning.labels, *meaning.unsure)).any() for p, _ in view.people)
        ):
            noun = self._name(meaning.names)
        else:
            noun, weight = self.nouns.nouns[self.rng.integers(len(self.nouns))], UNRELATED_WEIGHT
        return [] if self._may_be_there(noun) else [self._asked(noun, nothing, view.seen * weight, False)]

    def _may_be_there(self, noun: Noun) -> bool:
        """Whether a thing of a noun's kinds or classes is marked."""
        kinds = {box.kind for box in self.view.boxes} | self.view.grounds.keys()
        if self.view.people or self.view.undressed.any():
            kinds.add("person")
        named = [other for name, _ in self.view.named if (other := self.nouns.meant(name)) is not None]
        return any(KINDS[kind] in kinds for kind in noun.kinds) or any(
            set(other.classes) & set(noun.classes) or other == noun for other in named
        )


def sides_of(mask: Cells) -> tuple[float, float, float, float]:
    """The box around a mask on the canvas: left, top, right, bottom."""
    rows, columns = np.nonzero(mask > 0.4)
    if not len(rows):
        return 0.0, 0.0, 0.0, 0.0
    unit = SIDE / CELLS
    return columns.min() * unit, rows.min() * unit, (columns.max() + 1) * unit, (rows.max() + 1) * unit
