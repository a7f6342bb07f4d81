"""The colors of a release that nobody asked for, learned by the color prior's heads.

What no phrase asks a color for has the color that the prior expects (`lcad.prior_guidance`), whatever the denoiser would paint: there the
denoiser's training changes nothing that anyone sees. So the heads learn what is seen in a release's photos beside the phrases that name a
color; what these ask for is left out, for a thing that was made purple on request says nothing of what such things are like.
"""

import logging
from pathlib import Path

import numpy as np

from lcad.models import ColorPrior
from lcad.terms import terms_in
from lcad.training.loop import LoopConfig, Training
from lcad.training.packed_dataset import Pack
from lcad.training.prior import PriorConfig, PriorObjective

RATE, WEIGHT_DECAY, EMA = 1e-4, 0.05, 0.95
BATCH = 12  # for each of the heads, which are shown pictures of their own
CLAIMED = 26  # of 255: how much of a cell a phrase must cover to claim it
LEAST_GAIN = 0.002
"""Of the loss on the validation split: what falls by less is left as it was."""
logger = logging.getLogger(__name__)


def learn_natural_colors(prior: ColorPrior, train: Pack, validation: Pack, folder: Path, steps: int, seed: int = 0) -> bool:
    """Let a prior's heads learn the colors of packs that no phrase asks for; resumable, with states and a log in `folder`.

    What does not lower the loss on the validation pack is taken back. False when SIGTERM stopped it.
    """
    loop = LoopConfig(
        steps, RATE, warmup=max(1, steps // 10), cooldown=steps // 2, weight_decay=WEIGHT_DECAY, ema_decay=EMA, seed=seed,
        log_every=max(1, steps // 50), validate_every=max(1, steps // 10), save_seconds=60.0,
    )  # fmt: skip
    before = {name: value.clone() for name, value in prior.heads.state_dict().items()}
    objective = PriorObjective(prior, train, validation, PriorConfig(BATCH), (unasked_cells(train), unasked_cells(validation)))
    base = objective.validation_loss(objective.modules)
    training = Training(objective, loop, folder)
    if not training.run():
        return False
    training.take_best()
    with training.averaged():
        kept = {name: value.clone() for name, value in prior.heads.state_dict().items()}
    best = training.best.badness if training.best else base
    better = best < base * (1 - LEAST_GAIN)
    prior.heads.load_state_dict(kept if better else before)
    prior.requires_grad_(False)
    prior.eval()
    logger.info("natural colors: validation loss %.4f before, %.4f after%s", base, best, "" if better else "; left as they were")
    return True


def unasked_cells(pack: Pack) -> np.ndarray:
    """Where no phrase of any of a photo's captions asks for a color, (N, S/4, S/4) float32, 0 or 1."""
    free = np.ones((len(pack), *pack.coverage.shape[2:]), np.float32)
    for item, descriptions in enumerate(pack.descriptions):
        asking = {phrase.mask for one in descriptions for phrase in one.phrases if terms_in(one.text[phrase.start : phrase.end])}
        for mask in asking:
            free[item][np.array(pack.coverage[item, mask]) > CLAIMED] = 0
    return free
