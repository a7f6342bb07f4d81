"""What a grounder that learns is not to forget: its answers about nouns that a picture's captions do not name.

Dozens of pictures teach little else than themselves, and what they do not show is unlearned (catastrophic forgetting). So on the same
pictures other nouns are asked for, and the answers are to stay what they were before (Li and Hoiem 2016, "Learning without forgetting").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch

from lcad.grounding.nouns import Noun
from lcad.grounding.phrase_context import Phrase
from lcad.grounding.phrase_finder import PERSON, PhraseFinder, Question
from lcad.models.phrase_grounder import PhraseGrounder, PhraseHints, SeenPicture
from lcad.training.phrase_grounding import SMOOTH

T = TypeVar("T")
TRIED, ANYTHING = 44, 4  # nouns that are asked of each picture beforehand: of those that pictures taught, and of all
SURE, OTHERS = 4, 2  # of them, those that are most surely there, and drawn from the rest
TINY = 1e-6  # beneath a root, whose slope at nothing is endless
JUDGED_UNIT = 4.0  # logits of the judge that count as one


@dataclass(frozen=True, eq=False)
class KeptAnswers:
    """What is asked of a picture beside what it is to teach; masks (K, 1, n, n), chances, and judgements (K, 2), logits, as they were."""

    hints: PhraseHints
    masks: torch.Tensor
    judged: torch.Tensor


def kept_answers(finder: PhraseFinder, question: Question, named: frozenset[str], rng: np.random.Generator) -> KeptAnswers:
    """Answers about nouns, most of them of those that pictures taught the finder; none of the `named` ones, which the picture teaches.

    Most are about what the finder thinks is there: that something is not seen is quickly said of everything.
    """
    taught = [noun for name in sorted(finder.taught - named) if (noun := finder.nouns.named(name)) is not None]
    anything = [noun for noun in finder.nouns.nouns if noun.name not in named] or finder.nouns.nouns
    tried = [*_drawn(rng, taught, TRIED), *_drawn(rng, anything, ANYTHING)]
    hints = hints_of(finder, question, tried)
    masks, judged = finder.answers(question, hints, tried)
    surest = judged[:, 0].argsort(descending=True).tolist()
    picked = [*surest[:SURE], *_drawn(rng, surest[SURE:], OTHERS)]
    return KeptAnswers(hints.some(picked), masks[picked].sigmoid(), judged[picked])


def _drawn(rng: np.random.Generator, every: Sequence[T], most: int) -> list[T]:
    return [every[int(number)] for number in rng.permutation(len(every))[:most]]


def changes(grounder: PhraseGrounder, seen: SeenPicture, kept: Sequence[KeptAnswers]) -> torch.Tensor:
    """How far (3,) masks, judgements and faint masks on pictures are from what they were.

    Of masks it is the square of the difference as a part of the squares of both, in [0, 1]: all of it where they share nothing. Of
    judgements, on whose logits the chances of masks rest, it is the mean square of the difference, four as one. With faint masks it is the
    square of the roots' difference as a part of both (Hellinger's distance): where a thing is likeliest that is not found is said by a mask
    of a few hundredths (`lcad.grounding.likely_places`), whose squares are next to nothing.
    """
    logits, judged = grounder(seen, together([one.hints for one in kept]))
    now, before = logits.float().sigmoid(), torch.cat([one.masks for one in kept])
    apart, both = ((now - before) ** 2).sum((1, 2, 3)), (now**2 + before**2).sum((1, 2, 3))
    otherwise = (judged.float() - torch.cat([one.judged for one in kept])) / JUDGED_UNIT
    roots = ((now + TINY).sqrt() - (before + TINY).sqrt()).square().sum((1, 2, 3)) / ((now + before).sum((1, 2, 3)) + SMOOTH)
    return torch.stack([(apart / (both + SMOOTH)).mean(), (otherwise**2).mean(), roots.mean()])


def hints_of(finder: PhraseFinder, question: Question, nouns: Sequence[Noun]) -> PhraseHints:
    """What is asked of nouns alone: their boxes, and everybody."""
    everybody = [box for box in question.boxes if box.kind == PERSON]
    queries = [(Phrase((0, 0), noun, None, None), [box for box in question.boxes if box.kind in noun.kinds], everybody) for noun in nouns]
    return finder.hints(queries, question.odds, question.view) if queries else question.hints


def together(every: Sequence[PhraseHints]) -> PhraseHints:
    """What is asked of several pictures, each one's as that of its place among them."""
    rows = torch.cat([torch.full((len(one.row),), number) for number, one in enumerate(every)])
    rest = [torch.cat([getattr(one, name) for one in every]) for name in ("words", "boxes", "people", "classes")]
    return PhraseHints(rows, *rest)
