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
from transformers import CLIPTokenizer

from lcad.autoencoder import LuminanceAutoencoder
from lcad.dataset import Description, Example, Grounded
from lcad.guidance import CaptionGuidance
from lcad.pipeline import LCADPipeline
from lcad.settings import PipelineSettings
from lcad.training import mini
from lcad.training.denoiser import DenoiserConfig, DenoiserObjective
from lcad.training.loop import LoopConfig, Training
from lcad.training.luminance import LuminanceConfig, LuminanceObjective
from lcad.training.pack import Pack, encode, rgb_tensor, write_pack
from pipelines.composing.captions import NUMBERS, STAND_INS
from pipelines.composing.colors import COLORS
from pipelines.composing.photos import describe_photo
from pipelines.composing.scenes import Backdrop, Cutout, Scene, compose_scene
from pipelines.composing.sources import parted, read_backdrops, read_cutouts

SIZE = 128
PHOTO_SHARE = 0.22
COUNTS, COUNT_SHARES = (1, 2, 3, 4), (0.25, 0.3, 0.33, 0.12)
COLORED_LEVELS = ("complete", "complete", "complete", "partial")
NATURAL_SHARE = 0.2  # scenes whose objects keep their own colors: what is not mentioned should look like itself
NATURAL_LEVELS = ("complete", "partial", "scarce")
SETTINGS = PipelineSettings(native_size=SIZE, steps=12, caption=CaptionGuidance(5.0))
ENCODED_AT_FIRST, ENCODED_PER_STEP = 4000, 5  # scenes: encoding all of them would keep the denoiser waiting
STOPPED = 143  # exit status after SIGTERM, 128 + 15: the same command resumes


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


def train_autoencoder(out: Path, packs: tuple[Pack, Pack], steps: int) -> LuminanceAutoencoder:
    """The trained autoencoder with its scaling factor set so that latents of the training pack have a deviation of one."""
    done = out / "autoencoder" / "trained"
    if done.is_dir():
        return LuminanceAutoencoder.from_pretrained(done)
    torch.manual_seed(0)
    autoencoder = mini.autoencoder().to(memory_format=torch.channels_last)
    loop = LoopConfig(steps, learning_rate=2e-3, warmup=60, cooldown=int(0.6 * steps), ema_decay=0.99, validate_every=100)
    training = Training(LuminanceObjective(autoencoder, *packs, LuminanceConfig(trained="everything")), loop, out / "autoencoder")
    if not training.run():
        raise SystemExit(STOPPED)
    with training.average.applied(), torch.no_grad():
        deviation = autoencoder.encode(rgb_tensor(packs[0].rgb[:256]) * 2 - 1).latent_dist.mode().std().item()
        autoencoder.register_to_config(scaling_factor=1 / deviation)
        autoencoder.save_pretrained(done)
    return autoencoder.eval().requires_grad_(False)


def open_tokenizer(out: Path, pack: Pack) -> CLIPTokenizer:
    """The tokenizer, trained on the pack's captions and the words that captions may hold when it is not there."""
    folder = out / "tokenizer"
    if not folder.is_dir():
        words = [*STAND_INS, *COLORS, *NUMBERS.values()]
        mini.train_tokenizer([*(d.text for described in pack.descriptions for d in described), *words]).save_pretrained(folder)
    return CLIPTokenizer.from_pretrained(folder)


def train_denoiser(
    out: Path, autoencoder: LuminanceAutoencoder, packs: tuple[Pack, Pack], loop: LoopConfig, batches: DenoiserConfig, export_every: int
) -> None:
    """Train denoiser and text encoder; every `export_every` steps the averaged weights go to `out/checkpoint` as float16."""
    tokenizer = open_tokenizer(out, packs[0])
    train, validation = encode(packs[0], autoencoder, ENCODED_AT_FIRST), encode(packs[1], autoencoder)
    torch.manual_seed(0)
    unet = mini.denoiser(autoencoder.luminance_channels).to(memory_format=torch.channels_last)
    text_encoder, scheduler = mini.text_encoder(tokenizer), mini.scheduler()
    objective = DenoiserObjective(unet, text_encoder, tokenizer, scheduler, train, validation, batches)
    training = Training(objective, loop, out / "denoiser")
    pipeline = LCADPipeline.assemble(autoencoder, unet, text_encoder, tokenizer, scheduler, SETTINGS)
    reached = True
    while reached:
        with training.average.applied():
            pipeline.save_pretrained(out / "checkpoint", torch.float16)
        if training.step >= loop.steps:
            return
        objective.train = encode(objective.train, autoencoder, ENCODED_AT_FIRST + ENCODED_PER_STEP * training.step)
        reached = training.run((training.step // export_every + 1) * export_every)
    raise SystemExit(STOPPED)


def main() -> None:
    """Run or resume the recipe."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scenes", type=int, default=14000)
    parser.add_argument("--validation", type=int, default=192)
    parser.add_argument("--autoencoder-steps", type=int, default=1300)
    parser.add_argument("--denoiser-steps", type=int, default=20000)
    parser.add_argument("--cooldown", type=int, default=0, help="denoiser steps at the end over which the learning rate falls")
    parser.add_argument("--learning-rate", type=float, default=6e-4, help="of the denoiser")
    parser.add_argument("--batch-size", type=int, default=32, help="of the denoiser")
    parser.add_argument("--export-every", type=int, default=200)
    args = parser.parse_args()
    packs = open_packs(args.sources, args.out, args.scenes, args.validation)
    autoencoder = train_autoencoder(args.out, packs, args.autoencoder_steps)
    loop = LoopConfig(args.denoiser_steps, args.learning_rate, cooldown=args.cooldown)
    batches = DenoiserConfig(args.batch_size)
    train_denoiser(args.out, autoencoder, packs, loop, batches, args.export_every)


if __name__ == "__main__":
    main()
