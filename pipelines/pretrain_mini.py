"""Train `lcad-mini` from nothing: compose a pack of scenes and photos, then the autoencoder, then the denoiser.

    python -m pipelines.pretrain_mini SOURCES --out DIR

SOURCES holds `cutouts.jsonl` and `photos.jsonl` with their pictures. Everything is kept in DIR and every stage goes on where it
stopped, so the same command resumes; a larger number of steps or scenes trains further.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from lcad.dataset import Description, Example, Grounded
from lcad.training import mini
from lcad.training.loop import LoopConfig, Training
from lcad.training.luminance import LuminanceConfig, LuminanceObjective
from lcad.training.pack import Pack, rgb_tensor, write_pack
from pipelines.composing.photos import describe_photo
from pipelines.composing.scenes import Backdrop, Cutout, Scene, compose_scene
from pipelines.composing.sources import parted, read_backdrops, read_cutouts

SIZE = 128
PHOTO_SHARE = 0.22
COUNTS, COUNT_SHARES = (1, 2, 3, 4), (0.25, 0.3, 0.33, 0.12)
COLORED_LEVELS = ("complete", "complete", "complete", "partial")
NATURAL_SHARE = 0.2  # scenes whose objects keep their own colors: what is not mentioned should look like itself
NATURAL_LEVELS = ("complete", "partial", "scarce")


def example_of(scene: Scene) -> Example:
    """A scene as a training example."""
    return Example(
        scene.rgb,
        scene.masks,
        tuple(Description(c.text, c.level, tuple(Grounded(p.start, p.end, p.subject) for p in c.phrases)) for c in scene.captions),
    )


def draw_example(rng: np.random.Generator, cutouts: Sequence[Cutout], photos: Sequence[Backdrop]) -> Example:
    """A composed scene, or a whole photo, in the mix of the recipe."""
    if rng.random() < PHOTO_SHARE:
        return example_of(describe_photo(rng, photos[int(rng.integers(len(photos)))], SIZE))
    count = int(rng.choice(COUNTS, p=COUNT_SHARES))
    natural = rng.random() < NATURAL_SHARE
    levels, recolored = (NATURAL_LEVELS, 0.0) if natural else (COLORED_LEVELS, 0.95)
    return example_of(compose_scene(rng, cutouts, photos, count, SIZE, levels, recolored))


def draw_examples(seed: int, cutouts: Sequence[Cutout], photos: Sequence[Backdrop]) -> Iterator[Example]:
    """Examples without end; number n depends on the seed and n alone."""
    n = 0
    while True:
        yield draw_example(np.random.default_rng([seed, n]), cutouts, photos)
        n += 1


def open_packs(sources: Path, out: Path, scenes: int, validation: int) -> tuple[Pack, Pack]:
    """The training pack, and the validation pack of held-out cut-outs and photos; composed when they are not there."""
    folders = out / f"train-{scenes}", out / f"validation-{validation}"
    if not all((folder / "captions.jsonl").is_file() for folder in folders):
        (cutouts, other_cutouts), (photos, other_photos) = parted(read_cutouts(sources)), parted(read_backdrops(sources))
        write_pack(folders[0], draw_examples(0, cutouts, photos), scenes, SIZE)
        write_pack(folders[1], draw_examples(1, other_cutouts, other_photos), validation, SIZE)
    return Pack(folders[0]), Pack(folders[1])


def train_autoencoder(out: Path, packs: tuple[Pack, Pack], steps: int):
    """The trained autoencoder with its scaling factor set so that latents of the training pack have a deviation of one."""
    done = out / "autoencoder" / "trained"
    if done.is_dir():
        return mini.LuminanceAutoencoder.from_pretrained(done)
    torch.manual_seed(0)
    autoencoder = mini.autoencoder().to(memory_format=torch.channels_last)
    loop = LoopConfig(steps, learning_rate=2e-3, warmup=60, cooldown=int(0.6 * steps), ema_decay=0.99, validate_every=100)
    training = Training(LuminanceObjective(autoencoder, *packs, LuminanceConfig(whole=True)), loop, out / "autoencoder")
    if not training.run():
        raise SystemExit(143)
    with training.average.applied(), torch.no_grad():
        rgb = rgb_tensor(packs[0].rgb[:256]) * 2 - 1
        deviation = autoencoder.encode(rgb).latent_dist.mode().std().item()
        autoencoder.register_to_config(scaling_factor=1 / deviation)
        autoencoder.save_pretrained(done)
    return autoencoder


def main() -> None:
    """Run or resume the recipe."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scenes", type=int, default=16000)
    parser.add_argument("--validation", type=int, default=192)
    parser.add_argument("--autoencoder-steps", type=int, default=1200)
    args = parser.parse_args()
    packs = open_packs(args.sources, args.out, args.scenes, args.validation)
    train_autoencoder(args.out, packs, args.autoencoder_steps)


if __name__ == "__main__":
    main()
