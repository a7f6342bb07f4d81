"""How far to go from the base: weights between those of the base and those that were trained.

Fine-tuned on few pictures, a model comes nearer to them and forgets some of what it knew. On the way from the base's weights to the trained
ones much of the gain comes early and much of the loss late (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). What is
forgotten shows on pictures of other kinds, which a release does not have: its validation split says that all of the way is best. So of that
way only the part is gone that a given part of the gain takes.
"""

from collections.abc import Callable, Mapping, Sequence

import torch

from lcad.training.loop import Training

SHARES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Of the way from the base, among which the shortest is looked for."""
MOST_OF_GAIN, HALF_OF_GAIN, ALL_OF_GAIN = 0.9, 0.5, 1.0


def shortest_share(
    training: Training, start: Sequence[torch.Tensor], loss: Callable[[], float], part: float = MOST_OF_GAIN,
    known: Mapping[float, float] | None = None,
) -> tuple[float, float, float]:  # fmt: skip
    """Make the average of a training the first point of the way from `start` to it that has a part of what is gained on it at most.

    loss    measures the weights as they are
    part    of the gain, in (0, 1]; all of it is where the loss is least
    known   losses by share that were measured before
    Gives the share of the way, the loss there, and the loss at the start.
    """
    trained = [value.clone() for value in training.average.shadow_params]
    losses: dict[float, float] = {}
    for share in (0.0, *SHARES):
        if known and share in known:
            losses[share] = known[share]
            continue
        _go(training, start, trained, share)
        with training.averaged(), torch.no_grad():
            losses[share] = loss()
    before = losses.pop(0.0)
    enough = before - part * (before - min(losses.values()))
    best = next((share for share, value in losses.items() if value <= enough), 1.0)
    _go(training, start, trained, best)
    return best, losses[best], before


def _go(training: Training, start: Sequence[torch.Tensor], trained: Sequence[torch.Tensor], share: float) -> None:
    training.average.shadow_params = [torch.lerp(a.to(b), b, share) for a, b in zip(start, trained, strict=True)]
