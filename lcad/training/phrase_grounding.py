"""Teaching the grounder what phrases mean: masks, whether anything of the name is there, and whether its own mask is right.

A phrase whose thing is there is judged by the binary cross-entropy of its pixels and by the Dice loss (Milletari et al. 2016), which
counts a small thing as much as a large one; one whose thing is not there by the cross-entropy alone. Pixels of which the teachers
know nothing have no weight. The judge learns from the masks as they are while they are learned, without changing them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import nn
from torch.nn import functional as F

from lcad.models.phrase_grounder import PhraseGrounder, PhraseHints

JUDGED, FEW_CELLS, SMOOTH = 0.15, 100.0, 2.0
RIGHT_IOU = 0.5
WORD_NOISE, NO_CLASSES = 0.15, 0.15  # deviation added to the words' vectors; share of phrases whose classes are kept from the grounder


@dataclass(frozen=True)
class PhraseBatch:
    """Pictures as the classifier saw them, what is asked of them, and the answers.

    features       at 1/8, 1/16 and 1/32 of B pictures
    target, known  (Q, 1, n, n) in [0, 1]: the part of each cell that belongs to the phrase, and how much it is known
    is_present     (Q,): 1 where a thing of the name is in the picture
    """

    features: tuple[torch.Tensor, torch.Tensor, torch.Tensor]
    hints: PhraseHints
    target: torch.Tensor
    known: torch.Tensor
    is_present: torch.Tensor


def overlap(logits: torch.Tensor, target: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """The IoU (Q,) of masks above a half with targets, over what is known."""
    mask = (logits > 0).float()
    return (mask * target * known).sum((1, 2, 3)) / ((torch.maximum(mask, target) * known).sum((1, 2, 3)) + 1e-3)


def grounding_loss(logits: torch.Tensor, judged: torch.Tensor, batch: PhraseBatch) -> tuple[torch.Tensor, dict[str, float]]:
    """The loss of masks' logits (Q, 1, n, n) and of the judge's (Q, 2), and its parts."""
    target, known, is_present = batch.target, batch.known, batch.is_present
    cells, present = known.sum((1, 2, 3)), is_present > 0.5
    cross = (F.binary_cross_entropy_with_logits(logits, target, reduction="none") * known).sum((1, 2, 3)) / cells.clamp(min=FEW_CELLS)
    mask = logits.sigmoid()
    shared, both = (mask * target * known).sum((1, 2, 3)), ((mask + target) * known).sum((1, 2, 3))
    dice = 1 - (2 * shared + SMOOTH) / (both + SMOOTH)
    iou = overlap(logits, target, known).detach()
    right = ((iou >= RIGHT_IOU) & present).float()
    weight = 0.3 + 0.7 * (cells / target[0].numel() > 0.2).float()  # of pictures that are hardly known the judge learns little
    judging = torch.stack(
        [F.binary_cross_entropy_with_logits(judged[:, k], truth, weight=weight) for k, truth in enumerate((is_present, right))]
    ).sum()
    loss = (cross * (1 + is_present) + dice * is_present).mean() + JUDGED * judging
    count = is_present.sum().clamp(min=1)
    parts = {
        "cross": cross.mean(),
        "dice": (dice * is_present).sum() / count,
        "iou": (iou * is_present).sum() / count,
        "right": right.sum() / count,
    }
    return loss, {name: value.item() for name, value in (parts | {"judging": judging}).items()}


def blurred(hints: PhraseHints, generator: torch.Generator) -> PhraseHints:
    """What is asked, with noise in the words and some classes left out: so the grounder leans on neither alone."""
    noise = WORD_NOISE * torch.randn(hints.words.shape, generator=generator)
    kept = (torch.rand(len(hints.row), 1, 1, 1, generator=generator) >= NO_CLASSES).float()
    return PhraseHints(hints.row, hints.words + noise, hints.boxes, hints.people, hints.classes * kept)


class GroundingObjective:
    """The loss of batches that `draw` draws (a generator in, a batch out), and of fixed ones that are held out."""

    def __init__(self, grounder: PhraseGrounder, draw: Callable[[torch.Generator], PhraseBatch], held_out: Sequence[PhraseBatch]):
        self.draw, self.held_out = draw, held_out
        self.modules = nn.ModuleDict({"grounder": grounder})

    def loss(self, modules: nn.ModuleDict, generator: torch.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        """The loss of a drawn batch, its phrases blurred."""
        batch = self.draw(generator)
        grounder = cast(PhraseGrounder, modules["grounder"])
        logits, judged = grounder(grounder.see(batch.features), blurred(batch.hints, generator))
        return grounding_loss(logits.float(), judged.float(), batch)

    def validation_loss(self, modules: nn.ModuleDict) -> float:
        """The mean loss of the batches held out."""
        grounder, losses = cast(PhraseGrounder, modules["grounder"]), []
        for batch in self.held_out:
            logits, judged = grounder(grounder.see(batch.features), batch.hints)
            losses.append(grounding_loss(logits.float(), judged.float(), batch)[0].item())
        return sum(losses) / len(losses)


def fit_deviations(grounder: PhraseGrounder, features: Sequence[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]) -> None:
    """Take the means and deviations of the classifier's features from those of some pictures."""
    for number, levels in enumerate(zip(*features, strict=True)):
        every = torch.cat(levels)
        getattr(grounder, f"mean{number}").copy_(every.mean((0, 2, 3)))
        getattr(grounder, f"deviation{number}").copy_(every.std((0, 2, 3)) + 1e-3)


def fit_calibration(facts: torch.Tensor, right: torch.Tensor, penalty: float = 1e-2) -> list[float]:
    """The weights w of a chance 1 / (1 + e^(−w·f)) that masks are right, of facts (N, F) and whether they were (N,): ridge, by LBFGS."""
    weights = torch.zeros(facts.shape[1], dtype=torch.float64, requires_grad=True)
    facts, right = facts.double(), right.double()
    solver = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        solver.zero_grad()
        value = F.binary_cross_entropy_with_logits(facts @ weights, right) + penalty * weights[1:].square().sum()
        value.backward()
        return value

    solver.step(loss)
    return [round(weight, 5) for weight in weights.tolist()]
