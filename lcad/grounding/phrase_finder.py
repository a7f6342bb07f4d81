"""Finding phrases on gray pictures: masks, each with the chance that it is right, or that nothing of the name is there.

    finder = load_finder()
    found = finder.find(lightness, "a man on the left in a red shirt", [(0, 5), (21, 32)])

The classifier of the color prior sees the picture; a detector draws boxes of things (`lcad.grounding.detector`); the grounder
(`lcad.models.phrase_grounder`) cuts masks by what the phrase names, and along edges they are brought to the picture's size. Of several
things of a name the caption's side chooses, and phrases of the same name take them from left to right; a place that several phrases claim
is given to one of them (`lcad.grounding.contested_places`). Garments are looked for on the person who wears them; where people differ in
nothing else, whoever most surely wears such a thing is meant.

A grounder that a training made answers about the nouns that it taught, and the one from before (`Earlier`) about all others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from lcad.grounding.box_choice import choose_boxes
from lcad.grounding.contested_places import without_others_places
from lcad.grounding.detector import Box, ThingDetector
from lcad.grounding.guided_filter import follow_edges
from lcad.grounding.letterbox import Letterbox
from lcad.grounding.likely_places import likeliest
from lcad.grounding.nouns import Noun, NounTable, singulars
from lcad.grounding.phrase_context import Phrase, read_phrases
from lcad.imaging import gray_image
from lcad.models.color_prior import BACKBONE
from lcad.models.phrase_grounder import PhraseGrounder, PhraseHints, SeenPicture
from lcad.prompts import Span

PERSON = 0  # of the detector's kinds
ODDS_UNIT = 8.0  # logits of the classifier above their mean that count as one
UNTAUGHT = 0.75  # of the chance of a noun that no picture taught: chances were fitted on those that pictures did
MOST_PEOPLE = 3  # among whom wearers are sought
PART = 0.75  # of a larger mask's area that a part of it may have
INSIDE = 0.7  # of a smaller mask that lies in a larger one: it is a part of it, or lies before it

Query = tuple[Phrase, Sequence[Box], Sequence[Box]]
"""A phrase, the boxes of things of its name, and the people on whom it is looked for."""


@dataclass(frozen=True, eq=False)
class LookedAt:
    """A gray picture as it was looked at, before anything is asked about it; its parts are those of a question (`Question`)."""

    view: Letterbox
    features: tuple[torch.Tensor, torch.Tensor, torch.Tensor]
    seen: SeenPicture
    seen_before: SeenPicture | None
    boxes: Sequence[Box]
    odds: torch.Tensor


@dataclass(frozen=True, eq=False)
class Question:
    """What the grounder is shown of a picture and asked about it.

    known     the numbers of the phrases whose nouns are known: the queries', the hints'
    features  of the classifier, (1, C, h, w) at 1/8, 1/16 and 1/32 of the canvas
    seen      what the grounder makes of them; seen_before: what the one from before makes of them, where there is one
    boxes     all that the detector drew; odds (1000, h, w): how far the logits of the classifier's classes are above their mean
    """

    known: Sequence[int]
    queries: Sequence[Query]
    view: Letterbox
    features: tuple[torch.Tensor, torch.Tensor, torch.Tensor]
    seen: SeenPicture
    seen_before: SeenPicture | None
    hints: PhraseHints
    boxes: Sequence[Box]
    odds: torch.Tensor


@dataclass(frozen=True, eq=False)
class Earlier:
    """A grounder as it was before trainings, and the names of the nouns that they taught, of which it is no longer asked."""

    grounder: PhraseGrounder
    taught_since: frozenset[str]

    @cached_property
    def _forms(self) -> frozenset[str]:
        return frozenset(form for name in self.taught_since for form in singulars(name))

    def answers(self, noun: Noun | None) -> bool:
        """Whether it is asked about a noun: no training taught it, be it of one or of several."""
        return noun is None or self._forms.isdisjoint(singulars(noun.name))


@dataclass(frozen=True, eq=False)
class FoundPhrase:
    """Where a phrase is: mask (H, W) float32 in [0, 1], and the chance that its part from 0.5 up has an IoU of 0.5 with the truth.

    hint     (H, W) float32 in [0, 1], its peak at 1: where it is likeliest, be it as unlikely as it may; None where that is nowhere
    several  whether the phrase names more than one thing
    """

    mask: np.ndarray
    confidence: float
    hint: np.ndarray | None = None
    several: bool = False


class FrozenClassifier(nn.Module):
    """The color prior's classifier, with its last layers: features at 1/8, 1/16 and 1/32, and the odds of its classes at each place."""

    network: Any

    def __init__(self):
        super().__init__()
        import timm

        self.network = timm.create_model(BACKBONE, pretrained=False)
        self.requires_grad_(False).eval()

    def forward(self, lightness: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Features of L (B, 1, H, W) in [0, 100]."""
        net, levels = self.network, []
        x = net.bn1(net.conv_stem((lightness / 50 - 1).expand(-1, 3, -1, -1)))
        for number, block in enumerate(net.blocks):
            x = block(x)
            if number in (2, 4, 6):
                levels.append(x)
        eighth, sixteenth, coarsest = levels
        return eighth, sixteenth, coarsest

    def classes(self, coarsest: torch.Tensor) -> torch.Tensor:
        """The logits (B, 1000, h, w) of its classes at each place of its features at 1/32."""
        hidden = self.network.bn2(self.network.conv_head(coarsest))
        return F.conv2d(hidden, self.network.classifier.weight[:, :, None, None], self.network.classifier.bias)


class PhraseFinder:
    """The parts put together.

    calibration  the weights of the chance that a mask is right, see `confidence_of`
    taught       the names of the nouns that pictures taught; of others, without a box, the chance is less; none: all were
    earlier      who answers about nouns that later trainings did not teach; None: the grounder about all
    """

    def __init__(
        self,
        classifier: FrozenClassifier,
        grounder: PhraseGrounder,
        vectors: torch.Tensor,
        nouns: NounTable,
        detector: ThingDetector,
        calibration: Sequence[float],
        taught: Sequence[str] = (),
        earlier: Earlier | None = None,
    ):
        self.classifier, self.grounder, self.vectors = classifier.eval(), grounder.eval(), vectors
        self.nouns, self.detector, self.calibration = nouns, detector, tuple(calibration)
        self.taught, self.earlier = frozenset(taught), earlier

    @torch.no_grad()
    def find(self, lightness: np.ndarray, caption: str, spans: Sequence[Span]) -> list[FoundPhrase | None]:
        """Where the phrases at spans of a caption are, on a picture of L (H, W) in [0, 100]; None for one whose noun is not known."""
        places: list[FoundPhrase | None] = [None] * len(spans)
        question = self.ask(lightness, caption, spans)
        if question is None:
            return places
        view, queries = question.view, question.queries
        masks, confidences = self._masks(question)
        masks, phrases = [view.crop(mask) for mask in masks], [phrase for phrase, _, _ in queries]
        hints = [likeliest(mask, view, phrase, wearers) for mask, (phrase, _, wearers) in zip(masks, queries, strict=True)]
        masks = apart(without_others_places(masks, hints, confidences, [phrase.span for phrase in phrases]), phrases, confidences)
        for number, phrase, mask, confidence, hint in zip(question.known, phrases, masks, confidences, hints, strict=True):
            likely = None if hint is None else follow_edges(hint, lightness)
            places[number] = FoundPhrase(follow_edges(mask, lightness), confidence, likely, phrase.several)
        return places

    @torch.no_grad()
    def look(self, lightness: np.ndarray) -> LookedAt:
        """A picture of L (H, W) in [0, 100] as it is looked at, once for all that is asked about it."""
        view, boxes = Letterbox.of(lightness.shape), self.detector.boxes(gray_image(lightness))
        features = self.classifier(torch.from_numpy(view.place(lightness))[None, None])
        before = self.earlier.grounder.see(features) if self.earlier is not None else None
        return LookedAt(view, features, self.grounder.see(features), before, boxes, self._odds(features[-1]))

    @torch.no_grad()
    def ask(self, picture: np.ndarray | LookedAt, caption: str, spans: Sequence[Span]) -> Question | None:
        """What the grounder is shown and asked of phrases at spans of a caption; None where no noun is known.

        The picture is its L (H, W), or what was seen when it was looked at.
        """
        phrases = read_phrases(caption, spans, self.nouns, PERSON)
        known = [number for number, phrase in enumerate(phrases) if phrase.noun is not None]
        if not known:
            return None
        at = picture if isinstance(picture, LookedAt) else self.look(picture)
        chosen = choose_boxes(phrases, at.boxes)
        people = self._wearers(phrases, chosen, at)
        queries: list[Query] = [(phrases[number], chosen[number], people[number]) for number in known]
        hints = self.hints(queries, at.odds, at.view)
        return Question(known, queries, at.view, at.features, at.seen, at.seen_before, hints, at.boxes, at.odds)

    @torch.no_grad()
    def answers(self, picture: LookedAt | Question, hints: PhraseHints, nouns: Sequence[Noun | None]) -> tuple[torch.Tensor, torch.Tensor]:
        """What is answered about nouns on a picture, as by `PhraseGrounder`: logits of masks (Q, 1, n, n), and judgements (Q, 2)."""
        logits, judged = self.grounder(picture.seen, hints)
        if self.earlier is not None and picture.seen_before is not None:
            others = [row for row, noun in enumerate(nouns) if self.earlier.answers(noun)]
            if others:
                logits[others], judged[others] = self.earlier.grounder(picture.seen_before, hints.some(others))
        return logits, judged

    def _odds(self, coarsest: torch.Tensor) -> torch.Tensor:
        """How far the logits (1000, h, w) of the classes of a picture are above their mean."""
        logits = self.classifier.classes(coarsest)[0]
        return (logits - logits.mean(0)) / ODDS_UNIT

    def hints(self, queries: Sequence[Query], odds: torch.Tensor, view: Letterbox) -> PhraseHints:
        """What the grounder is told of (phrase, its boxes, its people) on one picture."""
        classes = torch.zeros(len(queries), 2, *odds.shape[-2:])
        for row, (phrase, _, _) in enumerate(queries):
            if phrase.noun is not None and phrase.noun.classes:
                classes[row, 0], classes[row, 1] = odds[list(phrase.noun.classes)].amax(0).clamp(-0.5, 2), 1
        hints = [
            torch.from_numpy(np.stack([view.box_map(group) for group in groups]))[:, None]
            for groups in list(zip(*queries, strict=True))[1:]
        ]
        words = self.vectors[[phrase.noun.number for phrase, _, _ in queries if phrase.noun is not None]]
        return PhraseHints(torch.zeros(len(queries), dtype=torch.long), words, *hints, classes)

    def _masks(self, question: "Question") -> tuple[list[np.ndarray], list[float]]:
        """Masks (h, w) on the canvas at 1/8, kept to the boxes of phrases that have their own, and the chances that they are right."""
        logits, judged = self.answers(question, question.hints, [phrase.noun for phrase, _, _ in question.queries])
        masks, chances = [], []
        for (phrase, boxes, _), mask, judgement in zip(question.queries, logits[:, 0].sigmoid().numpy(), judged, strict=True):
            masks.append(mask * question.view.near(boxes, mask.shape) if boxes else mask)
            chance = confidence_of(masks[-1], judgement.tolist(), max((box.score for box in boxes), default=0.0), self.calibration)
            known = phrase.noun is None or boxes or not self.taught or phrase.noun.name in self.taught
            chances.append(chance if known else UNTAUGHT * chance)
        return masks, chances

    def _wearers(self, phrases: Sequence[Phrase], chosen: Sequence[list[Box]], at: LookedAt) -> list[list[Box]]:
        """The people on whom each phrase is looked for: its wearer where that is one of several, or else all."""
        everybody = [box for box in at.boxes if box.kind == PERSON]
        owners = {phrase.owner for phrase in phrases if phrase.owner is not None}
        known = {owner: chosen[owner] for owner in owners if len(chosen[owner]) == 1}
        free = [box for box in everybody if all(box not in taken for taken in known.values())]
        free = sorted(free, key=lambda box: -box.area)[:MOST_PEOPLE]
        open_owners = sorted(owners - known.keys())
        pairs = [(o, box, p) for o in open_owners for box in free for p in phrases if p.owner == o and p.noun is not None]
        if pairs and len(everybody) > 1 and len(open_owners) <= len(free):
            hints = self.hints([(phrase, [], [box]) for _, box, phrase in pairs], at.odds, at.view)
            _, judged = self.answers(at, hints, [phrase.noun for _, _, phrase in pairs])
            known |= _best_match(open_owners, free, pairs, F.logsigmoid(judged[:, 1]).tolist())
        return [known.get(phrase.owner, everybody) if phrase.owner is not None else everybody for phrase in phrases]


def _best_match(owners: list[int], free: list[Box], pairs, logits: list[float]) -> dict[int, list[Box]]:
    """The person of each owner, no two the same, so that all garments are most surely found on their wearers."""
    sure: dict[tuple[int, int], float] = {}
    for (owner, box, _), logit in zip(pairs, logits, strict=True):
        sure[owner, id(box)] = sure.get((owner, id(box)), 0.0) + logit

    def together(people: Sequence[Box]) -> float:
        return sum(sure.get((owner, id(box)), 0.0) for owner, box in zip(owners, people, strict=True))

    best = max(permutations(free, len(owners)), key=together)
    return {owner: [box] for owner, box in zip(owners, best, strict=True)}


def facts_of(mask: np.ndarray, judged: Sequence[float], box_score: float) -> list[float]:
    """What the chance that a mask is right depends on: the judge's two logits, how sure the mask is, its area, its box's score."""
    inside = mask > 0.5
    sure = float((mask * mask).sum()) / (float(mask.sum()) + 1e-3)
    return [1.0, *judged, sure, float(np.sqrt(inside.mean())), box_score, float(inside.any())]


def confidence_of(mask: np.ndarray, judged: Sequence[float], box_score: float, calibration: Sequence[float]) -> float:
    """The chance that a mask is right, logistic in its `facts_of`; none where nothing is inside of it."""
    facts = facts_of(mask, judged, box_score)
    return float(1 / (1 + np.exp(-np.dot(facts, calibration)))) if facts[-1] else 0.0


def apart(masks: Sequence[np.ndarray], phrases: Sequence[Phrase], confidences: Sequence[float]) -> list[np.ndarray]:
    """Masks of which a smaller one is taken out of a larger one that holds it: a shirt out of a person, a dog out of a lawn.

    Two that are hardly of different size are two names of one thing, as the sand of a beach.
    """
    areas, taken = [float((mask > 0.5).sum()) for mask in masks], [mask.copy() for mask in masks]
    for large in range(len(masks)):
        for small in range(len(masks)):
            if phrases[large].noun == phrases[small].noun or not 0 < areas[small] < PART * areas[large] or confidences[small] < 0.3:
                continue
            if ((masks[small] > 0.5) & (masks[large] > 0.5)).sum() >= INSIDE * areas[small]:
                taken[large] *= 1 - masks[small]
    return taken
