"""The colors of a release that nobody asked for, learned by the color prior's heads.

What no phrase asks a color for has the color that the prior expects (`lcad.prior_guidance`), whatever the denoiser would paint: there the
denoiser's training changes nothing that anyone sees. So the heads learn what is seen in a release's photos beside the phrases that name a
color; what these ask for is left out, for a thing that was made purple on request says nothing of what such things are like.

How vivid they are is a release's own as well: photos of rooms are calmer than those of a fair. So what is expected is then made as lively
as a part of the colorfulness that these photos have where nobody asks (`as_lively`), as it was for those that `lcad-mini` learned from.
"""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from lcad.imaging import rgb_to_lab
from lcad.models import ColorPrior
from lcad.prior_guidance import Liveliness
from lcad.terms import terms_in
from lcad.training.loop import LoopConfig, Training
from lcad.training.packed_dataset import Pack, rgb_tensor
from lcad.training.prior import PriorConfig, PriorObjective, colorfulness, keep_features

RATE, WEIGHT_DECAY, EMA = 1e-4, 0.05, 0.95
BATCH = 12  # for each of the heads, which are shown pictures of their own
CLAIMED = 26  # of 255: how much of a cell a phrase must cover to claim it
LEAST_GAIN = 0.002
"""Of the loss on the validation split: what falls by less is left as it was."""
COLORFUL = 0.85  # of the photos' mean colorfulness that is to be expected where nobody asks
FARTHEST = 4 / 3  # the most by which a release makes natural colors livelier, and the inverse of the most by which calmer
MOST_COUNTED = 1000  # pictures in which that is found
CLOSE = 0.002  # what is left of the range when a gain is found
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


@torch.no_grad()
def as_lively(prior: ColorPrior, lively: Liveliness, pack: Pack, part: float = 1.0) -> Liveliness:
    """With the gain, FARTHEST from the old one at most, that brings what is expected of a pack's unasked parts to COLORFUL of theirs.

    part    of the way there that is gone, in (0, 1], by the gains' ratio
    Of a pack of more than MOST_COUNTED pictures so many, evenly spaced, are looked at. Where everything is asked for it stays as it is.
    """
    features, free, expected, theirs = keep_features(prior, pack), unasked_cells(pack), [], []
    if not free.any():
        return lively
    items, device = np.unique(np.linspace(0, len(pack) - 1, MOST_COUNTED).round().astype(int)), next(prior.heads.parameters()).device
    for start in range(0, len(items), BATCH):
        some = items[start : start + BATCH]
        planes = prior.expected(torch.from_numpy(features[some]).float().to(device)).cpu()
        weight = torch.from_numpy(free[some])[:, None]
        height, width = planes.shape[-2:]
        chroma = F.adaptive_avg_pool2d(rgb_to_lab(rgb_tensor(pack.rgb[some]))[:, 1:], (height, width))
        expected.append((planes, weight)), theirs.append(colorfulness(chroma * weight))
    target = COLORFUL * torch.cat(theirs).mean()
    low, high = lively.gain / FARTHEST, lively.gain * FARTHEST
    while high - low > CLOSE:
        tried = replace(lively, gain=(low + high) / 2)
        ours = [colorfulness(torch.stack([tried.of(plane) for plane in planes]) * weight) for planes, weight in expected]
        low, high = (low, tried.gain) if torch.cat(ours).mean() > target else (tried.gain, high)
    found = replace(lively, gain=round(lively.gain * ((low + high) / 2 / lively.gain) ** part, 3))
    logger.info("natural colors: gain %.3f before, %.3f after", lively.gain, found.gain)
    return found
