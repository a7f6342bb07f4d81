"""Train `lcad-mini` from nothing: a pack of scenes and photos, then the autoencoder, the color prior and the denoiser.

    python -m pipelines.pretraining.mini SOURCES --out DIR

SOURCES holds `cutouts.jsonl` and `photos.jsonl` with their pictures. Everything is kept in DIR and every stage goes on where it
stopped, so the same command resumes; a larger number of steps or scenes trains further.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import CLIPTokenizer

from lcad.checkpoints import read_components
from lcad.crop_refinement import CropRefinement
from lcad.dataset import Example
from lcad.guidance import CaptionGuidance
from lcad.models import ColorPrior, LuminanceAutoencoder, widen
from lcad.pipeline import LCADPipeline
from lcad.settings import PipelineSettings
from lcad.training import mini_config
from lcad.training.auxiliary_heads import SightConfig, SightObjective
from lcad.training.denoiser import DenoiserConfig, DenoiserObjective
from lcad.training.loop import LoopConfig, Objective, Training
from lcad.training.luminance import LuminanceConfig, LuminanceObjective
from lcad.training.packed_dataset import Pack, encode, rgb_tensor, write_pack
from pipelines.composing.captions import LEVELS, NUMBERS, STAND_INS
from pipelines.composing.recoloring import COLORS
from pipelines.composing.scenes import Backdrop, Cutout, Scene, compose_scene
from pipelines.pretraining.captioned_photos import describe_photo
from pipelines.pretraining.color_prior import keep_prior, train_prior, with_prior
from pipelines.pretraining.random_shapes import draw_shape
from pipelines.pretraining.recolored_pack import RecolorablePack, described, write_recolorable
from pipelines.pretraining.source_files import parted, read_backdrops, read_cutouts

SIZE = 128
PHOTO_SHARE = 0.3
COUNTS, COUNT_SHARES = (1, 2, 3, 4), (0.25, 0.3, 0.33, 0.12)
MASKED_SHARE = 0.4  # of training examples whose masks bias the attention; with 0.15 masks steered less surely
STAGES = ("sight", "decoder", "prior", "denoiser")
AUTOENCODER_STAGES = ("autoencoder", "sight", "decoder")
COLORED, COLORED_HELD_OUT = 2000, 96  # scenes with colors drawn once, for the decoder
SHAPE_SHARE, SHAPES_SEED = 0.5, 9  # invented shapes, as a share of the cut-outs
SETTINGS = PipelineSettings(native_size=SIZE, steps=8, caption=CaptionGuidance(4.0), crop_refinement=CropRefinement())
STOPPED = 143  # exit status after SIGTERM, 128 + 15: the same command resumes


def draw_scene(rng: np.random.Generator, cutouts: Sequence[Cutout], photos: Sequence[Backdrop]) -> Scene:
    """A composed scene of objects in their own colors, or a whole photo, in the mix of the recipe."""
    if rng.random() < PHOTO_SHARE:
        return describe_photo(rng, photos[int(rng.integers(len(photos)))], SIZE)
    return compose_scene(rng, cutouts, photos, int(rng.choice(COUNTS, p=COUNT_SHARES)), SIZE, LEVELS, recolored=0.0)


def draw_example(rng: np.random.Generator, cutouts: Sequence[Cutout], photos: Sequence[Backdrop]) -> Example:
    """An example for validation: as `draw_scene`, but with colors drawn once and for all."""
    if rng.random() < PHOTO_SHARE:
        scene = describe_photo(rng, photos[int(rng.integers(len(photos)))], SIZE)
    else:
        scene = compose_scene(rng, cutouts, photos, int(rng.choice(COUNTS, p=COUNT_SHARES)), SIZE, LEVELS)
    return Example(scene.rgb, scene.masks, tuple(described(caption) for caption in scene.captions))


def open_packs(sources: Path, out: Path, scenes: int, validation: int) -> tuple[RecolorablePack, Pack]:
    """The training pack, and the validation pack of held-out cut-outs and photos; composed when they are not there."""
    folders = out / f"train-{scenes}", out / f"validation-{validation}"
    if not all((folder / "captions.jsonl").is_file() for folder in folders):
        (cutouts, other_cutouts), (photos, other_photos) = parted(read_cutouts(sources)), parted(read_backdrops(sources))
        shapes = [draw_shape(np.random.default_rng([SHAPES_SEED, n]), photos) for n in range(round(SHAPE_SHARE * len(cutouts)))]
        drawn = (draw_scene(np.random.default_rng([0, n]), [*cutouts, *shapes], photos) for n in range(scenes))
        write_recolorable(folders[0], drawn, scenes, SIZE)
        others = (draw_example(np.random.default_rng([1, n]), other_cutouts, other_photos) for n in range(validation))
        write_pack(folders[1], others, validation, SIZE)
    return RecolorablePack(folders[0]), Pack(folders[1])


def colored_packs(sources: Path, out: Path) -> tuple[Pack, Pack]:
    """Packs of colored scenes and photos for the decoder: of the training sources, and of those held out."""
    folders, parts = (out / f"colored-{COLORED}", out / "colored-held-out"), ((2, COLORED), (3, COLORED_HELD_OUT))
    both = zip(parted(read_cutouts(sources)), parted(read_backdrops(sources)), strict=True)
    for folder, (seed, count), (cutouts, photos) in zip(folders, parts, both, strict=True):
        if not (folder / "captions.jsonl").is_file():
            write_pack(folder, (draw_example(np.random.default_rng([seed, n]), cutouts, photos) for n in range(count)), count, SIZE)
    return Pack(folders[0]), Pack(folders[1])


def _finished(objective: Objective, loop: LoopConfig, folder: Path) -> Training:
    """Run or resume a stage to its end; leaves the program when SIGTERM stopped it."""
    training = Training(objective, loop, folder)
    if not training.run():
        raise SystemExit(STOPPED)
    return training


def train_autoencoder(out: Path, packs: tuple[Pack, Pack], steps: int) -> LuminanceAutoencoder:
    """The trained autoencoder with its scaling factor set so that latents of the training pack have a deviation of one."""
    done = out / "autoencoder" / "trained"
    if done.is_dir():
        return LuminanceAutoencoder.from_pretrained(done)
    torch.manual_seed(0)
    autoencoder = mini_config.autoencoder().to(memory_format=torch.channels_last)
    loop = LoopConfig(steps, learning_rate=2e-3, warmup=60, cooldown=int(0.6 * steps), ema_decay=0.99, validate_every=100)
    objective = LuminanceObjective(autoencoder, *packs, LuminanceConfig(trained="everything"))
    with _finished(objective, loop, out / "autoencoder").averaged(), torch.no_grad():
        deviation = autoencoder.encode(rgb_tensor(packs[0].rgb[:256]) * 2 - 1).latent_dist.mode().std().item()
        autoencoder.register_to_config(scaling_factor=1 / deviation)
        autoencoder.save_pretrained(done)
    return autoencoder


def keep_autoencoder(out: Path, start: str) -> None:
    """Put a checkpoint's autoencoder, and its prior, where their stages would leave theirs: what goes on training is its denoiser."""
    autoencoder = read_components(start).autoencoder
    for folder in (out / stage / "trained" for stage in AUTOENCODER_STAGES):
        if not folder.is_dir():
            autoencoder.save_pretrained(folder)
    if autoencoder.color_prior is not None:
        keep_prior(out, autoencoder.color_prior)


def train_luminance_autoencoder(out: Path, autoencoder: LuminanceAutoencoder, packs: tuple[Pack, Pack], steps: int) -> LuminanceAutoencoder:
    """The autoencoder with a luminance encoder that tells detail, borders and figure; its decoder is still the old one."""
    done = out / "sight" / "trained"
    if done.is_dir():
        return LuminanceAutoencoder.from_pretrained(done)
    torch.manual_seed(1)
    autoencoder.to(memory_format=torch.channels_last)
    loop = LoopConfig(steps, learning_rate=1.5e-3, warmup=40, cooldown=int(0.5 * steps), ema_decay=0.98, validate_every=100)
    with _finished(SightObjective(autoencoder, *packs, SightConfig()), loop, out / "sight").averaged():
        autoencoder.save_pretrained(done)
    return autoencoder


def train_decoder(out: Path, autoencoder: LuminanceAutoencoder, packs: tuple[Pack, Pack], steps: int) -> LuminanceAutoencoder:
    """The autoencoder with a decoder, and the luminance features that only it uses, made for the latents' anchors."""
    done = out / "decoder" / "trained"
    if done.is_dir():
        return LuminanceAutoencoder.from_pretrained(done)
    torch.manual_seed(2)
    autoencoder.to(memory_format=torch.channels_last)
    loop = LoopConfig(steps, learning_rate=1e-3, warmup=40, cooldown=int(0.5 * steps), ema_decay=0.98, validate_every=100)
    with _finished(LuminanceObjective(autoencoder, *packs, LuminanceConfig(trained="decoder")), loop, out / "decoder").averaged():
        autoencoder.save_pretrained(done)
    return autoencoder


def open_tokenizer(out: Path, pack: Pack) -> CLIPTokenizer:
    """The tokenizer, trained on the pack's captions and the words that captions may hold when it is not there."""
    folder = out / "tokenizer"
    if not folder.is_dir():
        words = [*STAND_INS, *COLORS, *NUMBERS.values()]
        mini_config.train_tokenizer([*(d.text for described in pack.descriptions for d in described), *words]).save_pretrained(folder)
    return CLIPTokenizer.from_pretrained(folder)


def denoiser_parts(out: Path, pack: Pack, luminance_channels: int, start: str | None) -> tuple:
    """Denoiser, text encoder and tokenizer: new ones, or those of a checkpoint to go on from, widened for what it did not have."""
    if start is not None:
        parts = read_components(start)
        lacking = luminance_channels + mini_config.LATENT_CHANNELS - parts.unet.config.in_channels
        unet = widen(parts.unet, lacking) if lacking else parts.unet
        return unet.to(memory_format=torch.channels_last), parts.text_encoder, parts.tokenizer
    torch.manual_seed(0)
    tokenizer = open_tokenizer(out, pack)
    return mini_config.denoiser(luminance_channels).to(memory_format=torch.channels_last), mini_config.text_encoder(tokenizer), tokenizer


def train_denoiser(
    out: Path, autoencoder: LuminanceAutoencoder, prior: ColorPrior, packs: tuple[Pack, Pack], loop: LoopConfig,
    batches: DenoiserConfig, export_every: int, start: str | None,
) -> None:  # fmt: skip
    """Train denoiser and text encoder; every `export_every` steps the averaged weights go to `out/checkpoint` as float16."""
    autoencoder = with_prior(autoencoder, prior).eval()
    unet, text_encoder, tokenizer = denoiser_parts(out, packs[0], autoencoder.luminance_channels, start)
    train, validation, scheduler = encode(packs[0], autoencoder), encode(packs[1], autoencoder), mini_config.scheduler()
    training = Training(DenoiserObjective(unet, text_encoder, tokenizer, scheduler, train, validation, batches), loop, out / "denoiser")
    reached = True
    while reached:
        decoder = out / "decoder" / "trained"  # may be trained at any time, for the latents and features stay
        whole = with_prior(LuminanceAutoencoder.from_pretrained(decoder) if decoder.is_dir() else autoencoder, prior)
        with training.averaged():
            pipeline = LCADPipeline.assemble(whole, unet, text_encoder, tokenizer, scheduler, SETTINGS)
            pipeline.save_pretrained(out / "checkpoint", torch.float16)
        if training.step >= loop.steps:
            return
        reached = training.run((training.step // export_every + 1) * export_every)
    raise SystemExit(STOPPED)


def main() -> None:
    """Run or resume the recipe."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", help="a checkpoint whose denoiser goes on training, instead of random weights")
    parser.add_argument("--stage", choices=STAGES, help="run this stage alone; all of them in order by default")
    parser.add_argument("--scenes", type=int, default=16000)
    parser.add_argument("--validation", type=int, default=192)
    parser.add_argument("--autoencoder-steps", type=int, default=400)
    parser.add_argument("--sight-steps", type=int, default=600)
    parser.add_argument("--decoder-steps", type=int, default=800)
    parser.add_argument("--prior-steps", type=int, default=700)
    parser.add_argument("--denoiser-steps", type=int, default=20000)
    parser.add_argument("--cooldown", type=int, default=0, help="denoiser steps at the end over which the learning rate falls")
    parser.add_argument("--learning-rate", type=float, default=6e-4, help="of the denoiser")
    parser.add_argument("--batch-size", type=int, default=32, help="of the denoiser")
    parser.add_argument("--export-every", type=int, default=200)
    run(parser.parse_args())


def run(args: argparse.Namespace) -> None:
    """Run the stages that the arguments name."""
    stages = [args.stage] if args.stage else list(STAGES)
    packs = open_packs(args.sources, args.out, args.scenes, args.validation)
    if args.start is not None:
        keep_autoencoder(args.out, args.start)
    autoencoder = train_autoencoder(args.out, packs, args.autoencoder_steps)
    autoencoder = train_luminance_autoencoder(args.out, autoencoder, packs, args.sight_steps)
    if "decoder" in stages and not (args.out / "decoder" / "trained").is_dir():
        train_decoder(args.out, autoencoder, colored_packs(args.sources, args.out), args.decoder_steps)
    if not {"prior", "denoiser"} & set(stages):
        return
    prior = train_prior(args.sources, args.out, args.prior_steps, SIZE)
    if prior is None:
        raise SystemExit(STOPPED)
    if "denoiser" in stages:
        loop = LoopConfig(args.denoiser_steps, args.learning_rate, cooldown=args.cooldown)
        train_denoiser(
            args.out,
            autoencoder,
            prior,
            packs,
            loop,
            DenoiserConfig(args.batch_size, masked_share=MASKED_SHARE),
            args.export_every,
            args.start,
        )


if __name__ == "__main__":
    main()
