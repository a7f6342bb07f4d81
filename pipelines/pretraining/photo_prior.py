"""Teach the heads of a checkpoint's color prior what colors to expect, on a collection of real photos.

    python -m pipelines.pretraining.photo_prior PHOTOS --out DIR [--start mini] [--steps 1500] [--views 2]

PHOTOS is a collection as `pipelines.pretraining.photo_sources` describes it. Squares of its photos and what the classifier sees in them
are kept in DIR, and the same command goes on where it stopped. At the end DIR/autoencoder has the start's autoencoder with the new heads,
their gain found on every second photo held out; how near and how colorful they are is printed for the others.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
import torch
from torch.nn import functional as F

from lcad.checkpoints import read_components
from lcad.imaging import image_to_lab, lab_to_image
from lcad.metrics import color_difference, colorfulness
from lcad.models import ColorPrior
from lcad.training.loop import LoopConfig, Training
from lcad.training.prior import PriorConfig, PriorObjective, calibrate, keep_features
from pipelines.composing.photo_parts import square_planes
from pipelines.pretraining.mini import SIZE
from pipelines.pretraining.photo_sources import read_names

RATE, WEIGHT_DECAY = 6e-4, 0.05
COLORFUL = 0.85  # of the photos' mean colorfulness that is to be expected


@dataclass(frozen=True)
class Squares:
    """Squares of photos, rgb (N, S, S, 3) uint8, in a folder that keeps what is seen in them."""

    folder: Path
    rgb: np.ndarray

    def __len__(self) -> int:
        return len(self.rgb)


def read_squares(photos: Path, names: Sequence[str], folder: Path, each: int, whole: bool = False) -> Squares:
    """So many squares of each photo; made where they are not there. Those held out are seen whole."""
    path, rng = folder / "rgb.npy", np.random.default_rng(len(names))

    def drawn() -> Iterator[np.ndarray]:
        for name in [*names] * each:
            with PIL.Image.open(photos / name) as picture:
                (square,) = square_planes(rng, [np.asarray(picture.convert("RGB"))], SIZE, whole)
            yield square

    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "part.npy", np.stack(list(drawn())))
        (folder / "part.npy").rename(path)
    return Squares(folder, np.load(path, mmap_mode="r"))


@torch.no_grad()
def nearness(prior: ColorPrior, squares: Squares) -> tuple[float, float, float]:
    """The mean ΔE00 of what is expected of squares and of gray, and the part of their mean colorfulness that is expected."""
    features, ours, gray, colors, theirs = keep_features(prior, squares), [], [], [], []
    for item, photo in enumerate(squares.rgb):
        expected = prior.expected(torch.from_numpy(np.array(features[item : item + 1])).float())
        plane = F.interpolate(expected, photo.shape[:2], mode="bilinear")[0].movedim(0, -1).numpy()
        lightness = image_to_lab(np.array(photo))[..., :1]
        image = lab_to_image(np.dstack([lightness, plane]))
        ours.append(color_difference(image, np.array(photo)))
        gray.append(color_difference(lab_to_image(np.dstack([lightness, 0 * plane])), np.array(photo)))
        colors.append(colorfulness(image)), theirs.append(colorfulness(np.array(photo)))
    return float(np.mean(ours)), float(np.mean(gray)), float(np.mean(colors) / np.mean(theirs))


def _tell(moment: str, prior: ColorPrior, halves: Sequence[Squares]) -> None:
    """Find the gain on one half of the photos held out, and print how near and how colorful the other half is."""
    gain = calibrate(prior.eval(), halves[0], COLORFUL)
    ours, gray, colors = nearness(prior, halves[1])
    sys.stdout.write(f"{moment}: ΔE00 {ours:.2f} (gray {gray:.2f}), colorfulness {colors:.2f}, gain {gain:.2f}\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> None:
    """Train the heads and write the autoencoder that has them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", default="mini")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--views", type=int, default=2)
    options = parser.parse_args(arguments)
    try:
        training, held_out = read_names(options.photos)
    except ValueError as error:
        sys.exit(str(error))
    autoencoder = read_components(options.start).autoencoder
    prior = autoencoder.color_prior
    train = read_squares(options.photos, training, options.out / f"squares-{options.views}", options.views)
    halves = [read_squares(options.photos, held_out[n::2], options.out / f"held-out-{n}", 1, whole=True) for n in range(2)]
    _tell("before", prior, halves)
    config = LoopConfig(options.steps, RATE, 50, options.steps // 2, WEIGHT_DECAY, ema_decay=0.99, validate_every=100)
    run = Training(PriorObjective(prior, train, halves[1], PriorConfig()), config, options.out / "training")
    if not run.run():
        return
    with run.averaged():
        averaged = {name: tensor.clone() for name, tensor in prior.heads.state_dict().items()}
    prior.heads.load_state_dict(averaged)
    _tell("after", prior, halves)
    autoencoder.half().save_pretrained(options.out / "autoencoder")


if __name__ == "__main__":
    main()
