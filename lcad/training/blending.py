"""How far to go from the base: weights between those of the base and those that were trained.

Fine-tuned on few pictures, a denoiser comes nearer to their colors and forgets some of what made it follow captions. On the way from the
base's weights to the trained ones much of the gain comes early and much of the loss late (Wortsman et al. 2022, "Robust fine-tuning of
zero-shot models"). So the judge, which chooses among weights, chooses among shares of the way as well.
"""

from collections.abc import Callable, Sequence

import torch

from lcad.training.loop import Training

SHARES = (0.6, 0.3)
"""Of the way from the base, tried beside all of it."""
PARTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Of the way, among which the shortest is looked for that has MOST_OF_GAIN of what all of it gains."""
MOST_OF_GAIN = 0.9


def choose_share(
    training: Training, start: Sequence[torch.Tensor], judge: Callable[[], dict[str, float]], measures: dict[str, float]
) -> tuple[float, dict[str, float]]:
    """Make the average of a training that point of the way from `start` to it at which the judge's `score` is best.

    measures  what the judge says of the trained weights
    Gives the share of the way, and what the judge says there.
    """
    trained = [value.clone() for value in training.average.shadow_params]
    best = (1.0, dict(measures))
    for share in SHARES:
        _go(training, start, trained, share)
        with training.averaged(), torch.no_grad():
            measured = judge()
        if measured["score"] > best[1]["score"]:
            best = (share, dict(measures) | measured)
    _go(training, start, trained, best[0])
    return best


def shortest_share(training: Training, start: Sequence[torch.Tensor], loss: Callable[[], float], before: float) -> tuple[float, float]:
    """Make the average of a training the first point of the way from `start` to it that has most of what the whole way gains.

    loss    measures the weights as they are; before: what it gave at the start
    Gives the share of the way, and the loss there. Of what was known and is not measured, less is forgotten on a shorter way.
    """
    trained = [value.clone() for value in training.average.shadow_params]
    losses: dict[float, float] = {}
    for share in (*PARTS, 1.0):
        _go(training, start, trained, share)
        with training.averaged(), torch.no_grad():
            losses[share] = loss()
    enough = before - MOST_OF_GAIN * (before - min(losses.values()))
    best = next((share for share, value in losses.items() if value <= enough), 1.0)
    _go(training, start, trained, best)
    return best, losses[best]


def _go(training: Training, start: Sequence[torch.Tensor], trained: Sequence[torch.Tensor], share: float) -> None:
    training.average.shadow_params = [torch.lerp(a.to(b), b, share) for a, b in zip(start, trained, strict=True)]
