"""Teach a checkpoint's denoiser and text encoder real photos: parts recolored in place, beside composed scenes.

    python -m pipelines.pretraining.photos PHOTOS --out DIR [--composed SOURCES] [--start mini]
    python -m pipelines.pretraining.photos PHOTOS --out DIR --carry FILE.zip

PHOTOS is a collection as `pipelines.pretraining.photo_sources` describes it, or the file that --carry makes of one for a machine that
takes little. SOURCES holds cut-outs and photos as `pipelines.pretraining.mini` takes them. Everything is kept in DIR, and the same command
goes on where it stopped; on another machine, from the parts of a state that --parts writes to DIR/parts. At the end DIR/checkpoint has the
start's weights moved by --share of the way to the trained ones: weights between two solutions of one start are better than either
(Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator

from lcad.checkpoints import Components, read_components, read_settings
from lcad.models import LuminanceAutoencoder
from lcad.pipeline import LCADPipeline
from lcad.settings import PipelineSettings
from lcad.training.denoiser import DenoiserConfig, DenoiserObjective
from lcad.training.loop import LoopConfig, Training
from lcad.training.mixed_packs import FixedDraws, MixedPacks
from lcad.training.packed_dataset import Pack, encode
from pipelines.composing.photo_parts import labeled_photos
from pipelines.pretraining.mini import SIZE, STOPPED, draw_scene
from pipelines.pretraining.photo_pack import PhotoPack, View, view_of, write_photo_pack
from pipelines.pretraining.photo_sources import PhotoSources, read_sources
from pipelines.pretraining.portable import MIB, join_parts, pack_photos, unpacked, write_parts
from pipelines.pretraining.recolored_pack import RecolorablePack, write_recolorable
from pipelines.pretraining.source_files import parted, read_backdrops, read_cutouts

COMPOSED_SHARE = 0.35
COMPOSED_SEED, VIEW_SEED, HELD_OUT_SEED = 71, 11, 12
HELD_OUT_DRAWS = 192


def views_of(sources: PhotoSources, names: list[str], each: int, seed: int) -> Iterator[View]:
    """So many views of each photo."""
    rng = np.random.default_rng(seed)
    for photo in labeled_photos(sources.root, sources.labels, names):
        for view in (view_of(rng, photo, SIZE) for _ in range(each)):
            if view is not None:
                yield view


def photo_packs(photos: Path, things: Path | None, out: Path, views: int) -> tuple[PhotoPack, PhotoPack]:
    """The packs of training photos and of photos held out; made where they are not there."""
    folders = out / f"photos-{views}", out / "photos-held-out"
    if not all((folder / "captions.jsonl").is_file() for folder in folders):
        sources = read_sources(photos, things)
        for folder, names, each, seed in (
            (folders[0], sources.training, views, VIEW_SEED),
            (folders[1], sources.held_out, 1, HELD_OUT_SEED),
        ):
            photo_views = list(views_of(sources, names, each, seed))
            order = np.random.default_rng(seed).permutation(len(photo_views))
            write_photo_pack(folder, (photo_views[i] for i in order), len(photo_views), SIZE)
    return PhotoPack(folders[0]), PhotoPack(folders[1])


def composed_pack(sources: Path, out: Path, scenes: int) -> RecolorablePack:
    """A pack of composed scenes; made where it is not there."""
    folder = out / f"composed-{scenes}"
    if not (folder / "sketches.jsonl").is_file():
        (cutouts, _), (photos, _) = parted(read_cutouts(sources)), parted(read_backdrops(sources))
        drawn = (draw_scene(np.random.default_rng([COMPOSED_SEED, n]), cutouts, photos) for n in range(scenes))
        return write_recolorable(folder, drawn, scenes, SIZE)
    return RecolorablePack(folder)


def encoded(packs: list[Pack], autoencoder: LuminanceAutoencoder, accelerator: Accelerator) -> list[Pack]:
    """The packs with what the denoiser sees of their lightness, computed in the training's precision."""
    autoencoder = autoencoder.eval().to(accelerator.device, memory_format=torch.channels_last)
    with accelerator.autocast():
        done = [encode(pack, autoencoder) for pack in packs]
    autoencoder.to("cpu")
    return done


def moved(start: torch.nn.Module, trained: torch.nn.Module, share: float) -> None:
    """Move the trained weights back, so that they are `share` of the way from the start's, in place."""
    with torch.no_grad():
        for before, after in zip(start.state_dict().values(), trained.state_dict().values(), strict=True):
            if after.is_floating_point():
                after.copy_(before + share * (after - before))


def export(parts: Components, training: Training, start: str, share: float, folder: Path) -> None:
    """Write the averaged weights, moved back to the start by 1 − share, as a checkpoint in float16."""
    before = read_components(start)
    with training.averaged():
        for name in ("unet", "text_encoder"):
            moved(getattr(before, name), getattr(parts, name).cpu(), share)
        settings = PipelineSettings.from_json(read_settings(start))
        LCADPipeline.assemble(
            before.autoencoder, parts.unet, parts.text_encoder, parts.tokenizer, parts.scheduler, settings
        ).save_pretrained(folder, torch.float16)


def main() -> None:
    """Run or resume the recipe."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--composed", type=Path, help="cut-outs and photos for composed scenes")
    parser.add_argument("--things", type=Path, help="masks of things, where they do not lie with the photos")
    parser.add_argument("--start", default="mini", help="the checkpoint whose denoiser goes on training")
    parser.add_argument("--views", type=int, default=3, help="squares of each training photo")
    parser.add_argument("--scenes", type=int, default=5000, help="composed scenes")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--cooldown", type=int, default=1000, help="steps at the end over which the learning rate falls")
    parser.add_argument("--learning-rate", type=float, default=2.5e-4)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--share", type=float, default=0.6, help="of the way from the start's weights to the trained ones")
    parser.add_argument("--carry", type=Path, help="only write the photos, small, and their labels to this zip file")
    parser.add_argument("--carry-side", type=int, default=192, help="longer side of those photos")
    parser.add_argument("--parts", action="store_true", help="write the state to DIR/parts at the end, in files of 16 MiB")
    run(parser.parse_args())


def run(args: argparse.Namespace) -> None:
    """Do what the arguments ask for."""
    args.out.mkdir(parents=True, exist_ok=True)
    if args.carry is not None:
        sys.stdout.write(f"{args.carry}: {pack_photos(args.photos, args.carry, args.carry_side) / MIB:.1f} MiB\n")
        return
    photos = unpacked(args.photos, args.out / "collection")
    kept = sorted((args.out / "parts").glob("state-*.[0-9][0-9][0-9]"))
    folder = args.out / "denoiser"
    if kept and not any(folder.glob("state-*")):
        join_parts(kept, folder)
    accelerator = Accelerator(mixed_precision="bf16")
    parts = read_components(args.start)
    train, held_out = photo_packs(photos, args.things, args.out, args.views)
    packs: list[Pack] = [train, held_out, *([composed_pack(args.composed, args.out, args.scenes)] if args.composed else [])]
    train, held_out, *composed = encoded(packs, parts.autoencoder, accelerator)
    shares = [1 - COMPOSED_SHARE, COMPOSED_SHARE] if composed else [1.0]
    objective = DenoiserObjective(
        parts.unet.to(memory_format=torch.channels_last), parts.text_encoder, parts.tokenizer, parts.scheduler,
        MixedPacks([train, *composed], shares), FixedDraws([held_out], HELD_OUT_DRAWS),
        DenoiserConfig(args.batch_size, disturbed=True, validation_draws=HELD_OUT_DRAWS),
    )  # fmt: skip
    loop = LoopConfig(args.steps, args.learning_rate, warmup=50, cooldown=args.cooldown, ema_decay=0.997, validate_every=250)
    training = Training(objective, loop, folder, accelerator)
    reached = training.run()
    if args.parts:
        write_parts(max(folder.glob("state-*")), args.out / "parts")
    if not reached:
        raise SystemExit(STOPPED)
    export(parts, training, args.start, args.share, args.out / "checkpoint")


if __name__ == "__main__":
    main()
