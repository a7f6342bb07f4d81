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


def _go(training: Training, start: Sequence[torch.Tensor], trained: Sequence[torch.Tensor], share: float) -> None:
    training.average.shadow_params = [torch.lerp(a.to(b), b, share) for a, b in zip(start, trained, strict=True)]
