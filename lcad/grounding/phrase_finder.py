"""Finding phrases on gray pictures: masks, each with the chance that it is right, or that nothing of the name is there.

    finder = load_finder()
    found = finder.find(lightness, "a man on the left in a red shirt", [(0, 5), (21, 32)])

The classifier of the color prior sees the picture; a detector draws boxes of things (`lcad.grounding.detector`); the grounder
(`lcad.models.phrase_grounder`) cuts masks by what the phrase names, and along edges they are brought to the picture's size. Of several
things of a name the caption's side chooses, and phrases of the same name take them from left to right. Garments are looked for on
the person who wears them; where people differ in nothing else, whoever most surely wears such a thing is meant.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

from lcad.checkpoints import EMBEDDED
from lcad.grounding.detector import Box, ThingDetector
from lcad.grounding.guided_filter import follow_edges
from lcad.grounding.letterbox import Letterbox
from lcad.grounding.likely_places import likeliest
from lcad.grounding.nouns import NounTable
from lcad.grounding.phrase_context import Phrase, Side, read_phrases
from lcad.imaging import gray_image
from lcad.models.color_prior import BACKBONE
from lcad.models.phrase_grounder import PhraseGrounder, PhraseHints, SeenPicture
from lcad.prompts import Span

CONFIG, WEIGHTS, DETECTOR = "config.json", "model.safetensors", "nanodet_m.onnx"
PERSON = 0  # of the detector's kinds
ODDS_UNIT = 8.0  # logits of the classifier above their mean that count as one
UNTAUGHT = 0.75  # of the chance of a noun that no picture taught: chances were fitted on those that pictures did
MOST_PEOPLE = 3  # among whom wearers are sought
PART = 0.75  # of a larger mask's area that a part of it may have
INSIDE = 0.7  # of a smaller mask that lies in a larger one: it is a part of it, or lies before it


@dataclass(frozen=True, eq=False)
class FoundPhrase:
    """Where a phrase is: mask (H, W) float32 in [0, 1], and the chance that its part from 0.5 up has an IoU of 0.5 with the truth.

    hint   (H, W) float32 in [0, 1], its peak at 1: where it is likeliest, be it as unlikely as it may; None where nothing speaks for any
    place
    """

    mask: np.ndarray
    confidence: float
    hint: np.ndarray | None = None


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
    ):
        self.classifier, self.grounder, self.vectors = classifier.eval(), grounder.eval(), vectors
        self.nouns, self.detector, self.calibration = nouns, detector, tuple(calibration)
        self.taught = frozenset(taught)

    @torch.no_grad()
    def find(self, lightness: np.ndarray, caption: str, spans: Sequence[Span]) -> list[FoundPhrase | None]:
        """Where the phrases at spans of a caption are, on a picture of L (H, W) in [0, 100]; None for one whose noun is not known."""
        phrases = read_phrases(caption, spans, self.nouns, PERSON)
        known = [number for number, phrase in enumerate(phrases) if phrase.noun is not None]
        if not known:
            return [None] * len(spans)
        view, boxes = Letterbox.of(lightness.shape), self.detector.boxes(gray_image(lightness))
        seen, odds = self._see(view.place(lightness))
        chosen = choose_boxes(phrases, boxes)
        people = self._wearers(phrases, boxes, chosen, seen, odds, view)
        queries = [(phrases[number], chosen[number], people[number]) for number in known]
        masks, confidences = self._masks(queries, seen, odds, view)
        hints = [likeliest(view.crop(mask), view, phrase, wearers) for mask, (phrase, _, wearers) in zip(masks, queries, strict=True)]
        masks = apart([view.crop(mask) for mask in masks], [phrases[number] for number in known], confidences)
        places: list[FoundPhrase | None] = [None] * len(spans)
        for number, mask, confidence, hint in zip(known, masks, confidences, hints, strict=True):
            places[number] = FoundPhrase(follow_edges(mask, lightness), confidence, None if hint is None else follow_edges(hint, lightness))
        return places

    def _see(self, canvas: np.ndarray) -> tuple[SeenPicture, torch.Tensor]:
        """What is seen in a picture on its canvas, and how far its classes' logits (1000, h, w) are above their mean."""
        whole = torch.from_numpy(canvas)[None, None]
        features = self.classifier(whole)
        logits = self.classifier.classes(features[-1])[0]
        return self.grounder.see(features), (logits - logits.mean(0)) / ODDS_UNIT

    def _ask(self, queries, seen: SeenPicture, odds: torch.Tensor, view: "Letterbox") -> tuple[torch.Tensor, torch.Tensor]:
        """Probabilities (Q, h, w) on the canvas at 1/8 and the judge's logits (Q, 2), of (phrase, its boxes, its people)."""
        classes = torch.zeros(len(queries), 2, *odds.shape[-2:])
        for row, (phrase, _, _) in enumerate(queries):
            if phrase.noun.classes:
                classes[row, 0], classes[row, 1] = odds[list(phrase.noun.classes)].amax(0).clamp(-0.5, 2), 1
        hints = [
            torch.from_numpy(np.stack([view.box_map(group) for group in groups]))[:, None]
            for groups in list(zip(*queries, strict=True))[1:]
        ]
        words = self.vectors[[phrase.noun.number for phrase, _, _ in queries]]
        logits, judged = self.grounder(seen, PhraseHints(torch.zeros(len(queries), dtype=torch.long), words, *hints, classes))
        return logits[:, 0].sigmoid(), judged

    def _masks(self, queries, seen: SeenPicture, odds: torch.Tensor, view: "Letterbox") -> tuple[list[np.ndarray], list[float]]:
        """Masks (h, w) on the canvas at 1/8, kept to the boxes of phrases that have their own, and the chances that they are right."""
        probabilities, judged = self._ask(queries, seen, odds, view)
        masks, chances = [], []
        for (phrase, boxes, _), mask, judgement in zip(queries, probabilities.numpy(), judged, strict=True):
            masks.append(mask * view.near(boxes, mask.shape) if boxes else mask)
            chance = confidence_of(masks[-1], judgement.tolist(), max((box.score for box in boxes), default=0.0), self.calibration)
            known = phrase.noun is None or boxes or not self.taught or phrase.noun.name in self.taught
            chances.append(chance if known else UNTAUGHT * chance)
        return masks, chances

    def _wearers(self, phrases: Sequence[Phrase], boxes: Sequence[Box], chosen, seen, odds, view: "Letterbox") -> list[list[Box]]:
        """The people on whom each phrase is looked for: its wearer where that is one of several, or else all."""
        everybody = [box for box in boxes if box.kind == PERSON]
        owners = {phrase.owner for phrase in phrases if phrase.owner is not None}
        known = {owner: chosen[owner] for owner in owners if len(chosen[owner]) == 1}
        free = [box for box in everybody if all(box not in taken for taken in known.values())]
        free = sorted(free, key=lambda box: -box.area)[:MOST_PEOPLE]
        open_owners = sorted(owners - known.keys())
        pairs = [(o, box, p) for o in open_owners for box in free for p in phrases if p.owner == o and p.noun is not None]
        if pairs and len(everybody) > 1 and len(open_owners) <= len(free):
            _, judged = self._ask([(phrase, [], [box]) for _, box, phrase in pairs], seen, odds, view)
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


def choose_boxes(phrases: Sequence[Phrase], boxes: Sequence[Box]) -> list[list[Box]]:
    """The boxes of each phrase: those of its name, or the one that its side or its turn among phrases of the same name chooses."""
    matching = [[box for box in boxes if phrase.noun is not None and box.kind in phrase.noun.kinds] for phrase in phrases]
    chosen = [
        [by_side(own_boxes, phrase.side)] if phrase.side and own_boxes else own_boxes
        for phrase, own_boxes in zip(phrases, matching, strict=True)
    ]
    by_name: dict[str, list[int]] = {}
    for number, phrase in enumerate(phrases):
        if phrase.noun is not None and not phrase.side and len(matching[number]) > 1:
            by_name.setdefault(phrase.noun.name, []).append(number)
    for numbers in by_name.values():
        if len(numbers) > 1:
            taken = [box for number in range(len(phrases)) if number not in numbers for box in chosen[number] if len(chosen[number]) == 1]
            free = [box for box in matching[numbers[0]] if box not in taken]
            turns = sorted(free, key=lambda box: -box.score * box.area**0.5)[: len(numbers)]
            if not any(phrases[number].another for number in numbers):  # what is "another" comes after what stands out more
                turns = sorted(turns, key=lambda box: box.center)
            for number, box in zip(sorted(numbers, key=lambda n: phrases[n].span), turns, strict=False):
                chosen[number] = [box]
    return chosen


def by_side(boxes: Sequence[Box], side: Side) -> Box:
    """The box on a side: the leftmost, the lowest for the front, and so on; only those at least a third as large as the largest count."""
    largest = max(box.area for box in boxes)
    large = [box for box in boxes if box.area >= largest / 3] if side != "back" else list(boxes)
    middle = float(np.mean([box.center[0] for box in large]))
    orders = {
        "left": lambda box: box.center[0],
        "right": lambda box: -box.center[0],
        "middle": lambda box: abs(box.center[0] - middle),
        "front": lambda box: -box.bottom,
        "back": lambda box: box.bottom,
    }
    return min(large, key=orders[side])


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


def read_finder(folder: str | Path, classifier: dict[str, torch.Tensor]) -> PhraseFinder:
    """The finder of a grounder's folder; `classifier` has the first layers of the classifier, by `timm`'s names.

    Raises FileNotFoundError for a file that is missing, ValueError for weights that do not fit.
    """
    folder = Path(folder)
    missing = [name for name in (CONFIG, WEIGHTS, DETECTOR) if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(f"the grounder in {folder} is incomplete, it lacks {', '.join(missing)}: install the package again")
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    weights = load_file(folder / WEIGHTS)
    parts = {
        part: {n.removeprefix(part): w for n, w in weights.items() if n.startswith(part)} for part in ("grounder.", "classifier.", "nouns.")
    }
    grounder, network = PhraseGrounder(**config["grounder"]), FrozenClassifier()
    try:
        grounder.load_state_dict({name: tensor.float() for name, tensor in parts["grounder."].items()})
        network.network.load_state_dict(
            {name: w.float() if w.is_floating_point() else w for name, w in (classifier | parts["classifier."]).items()}
        )
    except RuntimeError as error:
        raise ValueError(f"the weights of the grounder in {folder} do not fit: {error}") from error
    vectors = parts["nouns."]["vectors"].float() * parts["nouns."]["scale"].float()
    return PhraseFinder(
        network, grounder, vectors, NounTable.read(folder), ThingDetector(folder / DETECTOR), config["calibration"], config["taught"]
    )


@lru_cache(maxsize=1)
def load_finder(name: str = "mini") -> PhraseFinder:
    """The finder that an embedded checkpoint carries, read once; its classifier is the checkpoint's color prior's."""
    prefix = "color_prior.backbone."
    weights = load_file(next((EMBEDDED / name / "autoencoder").glob("*.safetensors")))
    return read_finder(EMBEDDED / name / "grounder", {n.removeprefix(prefix): w for n, w in weights.items() if n.startswith(prefix)})
