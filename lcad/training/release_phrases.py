"""Where a release's phrases are, learned by the grounder that finds the phrases of captions without masks.

The grounder is asked what it is asked when pictures are colored (`PhraseFinder.ask`), and learns the masks that the release has of it. What
it knew is kept by other nouns: on the same pictures its answers about them, and its judgements of these answers, stay near those that it
gave before; and it goes no further from what it was than most of the gain on the validation split takes. A noun of another picture that no
caption of this one names, of which the detector draws no box and which the grounder itself does not see there, is not there: captions leave
out much of what photos show. It learns to say so; its faint mask stays, for where a thing that is not found is likeliest is asked as well
(`lcad.grounding.likely_places`). Beside the release's pictures it learns from as many on which things of others are pasted
(`lcad.training.pasting`).
"""

import copy
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import nn

from lcad.dataset import Description, Example, Examples, ReleaseDataset
from lcad.grounding.nouns import Noun
from lcad.grounding.phrase_finder import LookedAt, PhraseFinder, Question
from lcad.imaging import lightness_of_image
from lcad.models.phrase_grounder import CELLS, SIDE, PhraseGrounder, PhraseHints
from lcad.training.augmentation import SIDES
from lcad.training.blending import shortest_share
from lcad.training.kept_answers import KeptAnswers, changes, hints_of, kept_answers, together
from lcad.training.loop import LoopConfig, Training
from lcad.training.pasting import pasted
from lcad.training.phrase_grounding import PhraseBatch, blurred, grounding_loss

RATE, WEIGHT_DECAY, EMA = 5e-4, 0.02, 0.97
PICTURES, MOST_PICTURES = 8, 2000  # of a batch; and in memory, of a split, 0.3 MB each
MOST_PASTED = 400  # pictures with a thing of another one on them
ABSENT = 2  # nouns asked of each picture that are not there
DOUBTED = 0.25  # the chance of being there, as it was judged before, from which on that nobody names it says nothing
KEEP = 2.0  # what staying as before counts beside what is learned
LEAST_GAIN = 0.01  # of the loss on the validation split: what falls by less is left as it was
MOST_FORGOTTEN = 0.04  # by which the masks of other nouns may change (`lcad.training.kept_answers.changes`)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class AskedPicture:
    """A picture as the classifier saw it, what is asked of it, and the answers of the release.

    target (Q, 1, n, n) in [0, 1], is_present (Q,): of the phrases asked
    others: what is to stay as it is
    """

    features: tuple[torch.Tensor, torch.Tensor, torch.Tensor]
    hints: PhraseHints
    target: torch.Tensor
    is_present: torch.Tensor
    others: KeptAnswers


class ReleasePhrases:
    """The objective: pictures drawn at random, those of the validation split held out."""

    def __init__(self, grounder: PhraseGrounder, train: Sequence[AskedPicture], held_out: Sequence[AskedPicture]):
        self.train, self.held_out = train, held_out
        self.modules = nn.ModuleDict({"grounder": grounder})

    def loss(self, modules: nn.ModuleDict, generator: torch.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        """The loss of drawn pictures, the words of their phrases blurred."""
        drawn = [self.train[i] for i in torch.randint(len(self.train), (PICTURES,), generator=generator).tolist()]
        batch = batch_of(drawn)
        grounder = cast(PhraseGrounder, modules["grounder"])
        seen = grounder.see(batch.features)
        logits, judged = grounder(seen, blurred(batch.hints, generator))
        learned, parts = grounding_loss(logits.float(), judged.float(), batch)
        kept = changes(grounder, seen, [one.others for one in drawn])
        return learned + KEEP * kept[1:].sum(), parts | {"changed": kept[0].item(), "judged": kept[1].item(), "faint": kept[2].item()}

    @torch.no_grad()
    def validation_loss(self, modules: nn.ModuleDict) -> float:
        """The mean loss of the pictures held out."""
        grounder, losses = cast(PhraseGrounder, modules["grounder"]), []
        for start in range(0, len(self.held_out), PICTURES):
            some = self.held_out[start : start + PICTURES]
            batch = batch_of(some)
            logits, judged = grounder(grounder.see(batch.features), batch.hints)
            losses += [grounding_loss(logits.float(), judged.float(), batch)[0].item()] * len(some)
        return float(np.mean(losses))

    @torch.no_grad()
    def changed(self) -> float:
        """How far the masks of other nouns are from what they were, on the pictures held out."""
        grounder = cast(PhraseGrounder, self.modules["grounder"])
        some = self.held_out[: 4 * PICTURES]
        return changes(grounder, grounder.see(batch_of(some).features), [one.others for one in some])[0].item()


def batch_of(pictures: Sequence[AskedPicture]) -> PhraseBatch:
    """Pictures as one batch; of them all is known."""
    eighth, sixteenth, coarsest = (
        torch.cat([level.float() for level in levels]) for levels in zip(*(one.features for one in pictures), strict=True)
    )
    target, is_present = (torch.cat([getattr(one, name) for one in pictures]) for name in ("target", "is_present"))
    hints = together([one.hints for one in pictures])
    return PhraseBatch((eighth, sixteenth, coarsest), hints, target, torch.ones_like(target), is_present)


def asked_pictures(finder: PhraseFinder, release: Examples, seed: int, pasted_number: int = 0) -> tuple[list[AskedPicture], frozenset[str]]:
    """The pictures of a split of which phrases have masks, each also mirrored, and the names of the nouns that its phrases mean.

    Of a split of more than MOST_PICTURES / 2 so many are drawn. As many as `pasted_number` more have a thing of another one on them.
    """
    rng, taught = np.random.default_rng(seed), set()
    drawn = sorted(rng.permutation(len(release))[: MOST_PICTURES // 2].tolist())
    examples = [release[i] for i in drawn]
    named = [_named(finder, example) for example in examples]
    every = frozenset(noun.name for nouns in named for noun in nouns)
    pictures = []
    for example, nouns in zip(examples, named, strict=True):
        taught |= {noun.name for noun in nouns}
        present = frozenset(noun.name for noun in nouns)
        for mirrored in (False, True):
            shown = _mirrored(example) if mirrored else example
            pictures += _looked_at_and_asked(finder, shown, every, present, rng)
    for example, nouns in _with_pasted(finder, examples, named, pasted_number, rng):
        pictures += _looked_at_and_asked(finder, example, every, nouns, rng)
    return pictures, frozenset(taught)


def _looked_at_and_asked(
    finder: PhraseFinder, example: Example, named: frozenset[str], present: frozenset[str], rng: np.random.Generator
) -> list[AskedPicture]:
    """A picture under each of its captions; it is looked at once, and not where no phrase has a mask."""
    if not any(one.phrases for one in example.descriptions):
        return []
    return asked_about(finder, look_at(finder, example), example, named, present, rng)


def look_at(finder: PhraseFinder, example: Example) -> LookedAt:
    """What the finder sees of a picture in gray."""
    return finder.look(lightness_of_image(example.rgb))


def asked_about(
    finder: PhraseFinder, picture: LookedAt, example: Example, named: frozenset[str], present: frozenset[str], rng: np.random.Generator
) -> list[AskedPicture]:
    """What is asked of a picture under each of its captions, those left out whose nouns are not known.

    named, present: the nouns of all captions of the release, and of this picture's
    """
    asked = []
    for description in _with_phrases(example):
        question = finder.ask(picture, description.text, [(one.start, one.end) for one in description.phrases])
        if question is not None:
            masks = example.masks[[description.phrases[number].mask for number in question.known]]
            asked.append(_asked(finder, question, masks, named, present, rng))
    return asked


def _with_pasted(
    finder: PhraseFinder, examples: Sequence[Example], named: Sequence[set[Noun]], number: int, rng: np.random.Generator
) -> Iterator[tuple[Example, frozenset[str]]]:
    """So many pictures with a thing on them of a kind that is not there yet, or fewer; and the names of their nouns."""
    for _ in range(number if len(examples) > 1 else 0):
        under, over = (int(place) for place in rng.choice(len(examples), 2, replace=False))
        present = {noun.name for noun in named[under]}

        def is_new(words: str, present: set[str] = present) -> bool:
            noun = finder.nouns.meant(words)
            return noun is not None and noun.name not in present

        example = pasted(rng, examples[under], examples[over], is_new)
        if example is not None:
            yield example, frozenset(present | {noun.name for noun in _named(finder, example)})


def _named(finder: PhraseFinder, example: Example) -> set[Noun]:
    words = [one.text[phrase.start : phrase.end] for one in example.descriptions for phrase in one.phrases]
    return {noun for phrase in words if (noun := finder.nouns.meant(phrase)) is not None}


def _mirrored(example: Example) -> Example:
    """Left and right exchanged; captions that say a side are left out, for they would lie."""
    told = tuple(one for one in example.descriptions if not SIDES.search(one.text))
    return Example(example.rgb[:, ::-1].copy(), example.masks[:, :, ::-1].copy(), told)


def _with_phrases(example: Example) -> list[Description]:
    """The captions with grounded phrases, one for each set of them: other colors ask the same of a gray picture."""
    by_nouns = {}
    for one in example.descriptions:
        if one.phrases:
            by_nouns.setdefault(frozenset(phrase.mask for phrase in one.phrases), one)
    return list(by_nouns.values())


def _asked(
    finder: PhraseFinder, question: Question, masks: np.ndarray, named: frozenset[str], present: frozenset[str], rng: np.random.Generator
) -> AskedPicture:
    """A question with its answers; `named`: the nouns of all captions of the release, `present`: of this picture's."""
    side = SIDE // CELLS
    cells = torch.from_numpy(masks.reshape(len(masks), CELLS, side, CELLS, side).mean((2, 4), dtype=np.float32))[:, None]
    absent, faint = _absent(finder, question, sorted(named - present), rng)
    hints = _same_picture([question.hints, *([hints_of(finder, question, absent)] if absent else [])])
    target, is_present = torch.cat([cells, faint]), torch.cat([torch.ones(len(cells)), torch.zeros(len(absent))])
    features = cast(tuple[torch.Tensor, torch.Tensor, torch.Tensor], tuple(level.half() for level in question.features))
    return AskedPicture(features, hints, target, is_present, kept_answers(finder, question, present, rng))


def _absent(finder: PhraseFinder, question: Question, others: Sequence[str], rng: np.random.Generator) -> tuple[list[Noun], torch.Tensor]:
    """Nouns of other pictures that are not there, and their masks (Q, 1, n, n) as they are.

    Captions do not name all that a picture shows, so what may be there is left out.
    """
    drawn = {box.kind for box in question.boxes}
    tried = [
        noun for name in rng.permutation(others)[: 3 * ABSENT] if (noun := finder.nouns.named(str(name))) and not drawn & {*noun.kinds}
    ]
    if not tried:
        return [], torch.zeros(0, 1, CELLS, CELLS)
    logits, judged = finder.answers(question, hints_of(finder, question, tried), tried)
    unseen = (judged[:, 0].sigmoid() < DOUBTED).nonzero()[:ABSENT, 0].tolist()
    return [tried[number] for number in unseen], logits[unseen].sigmoid()


def _same_picture(every: Sequence[PhraseHints]) -> PhraseHints:
    joined = together(every)
    return PhraseHints(torch.zeros_like(joined.row), joined.words, joined.boxes, joined.people, joined.classes)


def learn_phrases(
    finder: PhraseFinder, release: Path, folder: Path, steps: int, seed: int = 0
) -> tuple[PhraseGrounder, frozenset[str]] | None:
    """A grounder that finds a release's phrases better, and the nouns that it was taught; resumable, with states and a log in `folder`.

    What does not lower the loss on the validation split, or changes the answers about other nouns too far, is taken back. None when SIGTERM
    stopped it, and ValueError where no phrase of the train or the validation split has a mask.
    """
    learned_from = ReleaseDataset(release, "train", SIDE)
    train, taught = asked_pictures(finder, learned_from, seed, min(len(learned_from), MOST_PASTED))
    held_out, _ = asked_pictures(finder, ReleaseDataset(release, "validation", SIDE), seed)
    for split, pictures in (("train", train), ("validation", held_out)):
        if not pictures:
            raise ValueError(f"no phrase of the {split} split has a mask whose noun is known: ground phrases, or leave the grounder out")
    grounder = copy.deepcopy(finder.grounder).train().requires_grad_(True)
    start = [value.detach().clone() for value in grounder.parameters()]
    objective = ReleasePhrases(grounder, train, held_out)
    loop = LoopConfig(
        steps, RATE, warmup=max(1, steps // 10), cooldown=steps // 2, weight_decay=WEIGHT_DECAY, ema_decay=EMA, seed=seed,
        log_every=max(1, steps // 50), validate_every=max(1, steps // 10), save_seconds=60.0,
    )  # fmt: skip
    training = Training(objective, loop, folder)
    if not training.run():
        return None
    training.take_best()
    known = training.known_losses
    share, best, base = shortest_share(training, start, lambda: objective.validation_loss(objective.modules), known=known)
    with training.averaged():
        changed, learned = objective.changed(), copy.deepcopy(grounder).requires_grad_(False).eval()
    better = best < base * (1 - LEAST_GAIN) and changed <= MOST_FORGOTTEN
    logger.info(
        "phrases: validation loss %.4f before, %.4f at %.1f of the way, others %.4f%s",
        base,
        best,
        share,
        changed,
        "" if better else "; left as they were",
    )
    return (learned, taught) if better else (finder.grounder, frozenset())
