"""The procedures that `bench_sampler` compares, at the size of Stable Diffusion 1.5, and their measurement in this process.

    python -m tests.benchmarks.sampler_procedures seconds|"peak memory of PROCEDURE" [--precision auto]

Prints JSON. Threads are those of the environment's OMP_NUM_THREADS.
"""

import argparse
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
import torch
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from lcad import LCADPipeline, Region
from lcad.checkpoints import folder_of
from lcad.imaging import hint_from_lightness, lightness_of_image
from lcad.models import LuminanceAutoencoder, build_unet
from lcad.precision import fast_dtype
from lcad.presets import Preset
from lcad.prompts import phrase_tokens, read_prompt
from lcad.sampler import default_scheduler
from pipelines.demo import demo_photos
from tests.benchmarks.official_procedure import STEPS, OfficialProcedure
from tests.benchmarks.turns import Pause, in_turns

KINDS = ("plain", "with masks")
OFFICIAL, OURS, FAST = (tuple(f"{whose} {kind}" for kind in KINDS) for whose in ("official", "ours", "fast"))
OFFICIAL_STEPS = 4  # that are measured
PEAK = "peak memory of "
SIDE = 256
CAPTION = "an orange spacesuit, a black and white helmet and a red, white and blue flag"
PHRASES = {"suit": "an orange spacesuit", "helmet": "a black and white helmet", "flag": "a red, white and blue flag"}
TEXT_ENCODER = CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12)


def assemble() -> LCADPipeline:
    """The published sizes with random weights; the tokenizer is the embedded checkpoint's."""
    tokenizer = CLIPTokenizer.from_pretrained(folder_of("mini") / "tokenizer")
    autoencoder = LuminanceAutoencoder()
    unet = build_unet(autoencoder.luminance_channels)
    return LCADPipeline.assemble(autoencoder, unet, CLIPTextModel(TEXT_ENCODER), tokenizer, default_scheduler())


def picture() -> tuple[np.ndarray, list[Region]]:
    """A photo of 256² (H, W, 3) uint8 and three regions of it."""
    photo = demo_photos().named("astronaut")
    masks = {region.name: region.mask for region in photo.regions}
    small = {name: cv2.resize(np.float32(masks[name]), (SIDE, SIDE), interpolation=cv2.INTER_AREA) for name in PHRASES}
    rgb = cv2.resize(photo.rgb, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return rgb, [Region(phrase, small[name] >= 0.5) for name, phrase in PHRASES.items()]


def official(pipeline: LCADPipeline, with_masks: bool) -> OfficialProcedure:
    """The official procedure on the pipeline's modules."""
    rgb, regions = picture()
    prompts = [read_prompt(pipeline.tokenizer, text, pipeline.text_encoder.config.max_position_embeddings) for text in (CAPTION, "")]
    with torch.no_grad():
        text, empty = pipeline.embed(prompts).split(1)
    hint = hint_from_lightness(torch.from_numpy(lightness_of_image(rgb))[None, None])
    masks = spans = None
    if with_masks:
        masks = torch.stack([torch.from_numpy(np.float32(region.mask)) for region in regions])
        tokens = phrase_tokens(prompts[0], [region.phrase for region in regions])
        spans = [(int(row.nonzero()[0]), int(row.nonzero()[-1]) + 1) for row in tokens]
    return OfficialProcedure(pipeline.autoencoder, pipeline.unet, hint, text, empty, masks, spans or ())


def run_official(pipeline: LCADPipeline, with_masks: bool, steps: int, every: int, pause: Pause) -> dict[str, list[float]]:
    """Seconds on the clock and of the processor: of each of `steps` steps, one in `every` turns, and at the end of the decoding."""
    procedure, clock, processor = official(pipeline, with_masks), [], []
    for turn in range(steps * every + 1):
        pause()
        if turn % every:
            continue
        started = time.perf_counter(), time.process_time()
        procedure.step(turn // every) if turn < steps * every else procedure.decode()
        clock.append(time.perf_counter() - started[0])
        processor.append(time.process_time() - started[1])
    return {"clock": clock, "processor": processor}


def run_ours(pipeline: LCADPipeline, with_masks: bool, steps: int | None, preset: Preset | None, pause: Pause) -> int:
    """Color the picture, pausing after each step; returns the number of steps. The caption is its own, so that none is cached."""
    rgb, regions = picture()
    taken = []

    def progress(done: int, _total: int) -> None:
        taken.append(done)
        pause()

    caption = f"{CAPTION} in a {'studio' if with_masks else 'room'}{' at night' if preset else ''}"
    pipeline([rgb], [caption], [regions if with_masks else ()], steps=steps, preset=preset, progress=progress)
    return len(taken)


def procedures(
    pipeline: LCADPipeline, quick: LCADPipeline, official_steps: int, every: int, our_steps: int | None
) -> dict[str, Callable[[Pause], object]]:
    """The six procedures, for `in_turns`: the official one on a pipeline in float32, ours, and ours under the preset "fast", on `quick`."""
    theirs = {f"official {kind}": partial(run_official, pipeline, kind == "with masks", official_steps, every) for kind in KINDS}
    ours = {
        f"{whose} {kind}": partial(run_ours, quick, kind == "with masks", our_steps, preset)
        for whose, preset in (("ours", None), ("fast", "fast"))
        for kind in KINDS
    }
    return theirs | ours


def quickened(pipeline: LCADPipeline, precision: str) -> LCADPipeline:
    """The pipeline as commands and workers use it on this machine; for the precision "float32" in that type."""
    dtype = fast_dtype() if precision == "auto" else getattr(torch, precision)
    return pipeline.to(dtype=dtype, channels_last=dtype is not torch.float32)


def peak_memory(name: str, precision: str) -> float:
    """Build the models and take two steps of one procedure: the peak of this process's resident memory in GiB."""
    pipeline = assemble() if name in OFFICIAL else quickened(assemble(), precision)
    procedures(pipeline, pipeline, official_steps=2, every=1, our_steps=2)[name](lambda: None)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def measure(precision: str) -> dict[str, object]:
    """Seconds of all six, in turns, and what follows from them."""
    pipeline, quick = assemble(), quickened(assemble(), precision)
    for warm in procedures(pipeline, quick, 1, 1, 1).values():
        warm(lambda: None)
    pipeline._embeddings.clear(), quick._embeddings.clear()
    every = max(1, pipeline.settings.steps // OFFICIAL_STEPS)
    measured = in_turns(procedures(pipeline, quick, OFFICIAL_STEPS, every, None))
    seconds: dict[str, dict[str, float]] = {}
    for kind in ("clock", "processor"):
        ours = {name: sum(getattr(t, "seconds" if kind == "clock" else "processor_seconds")) for name, t in measured.items()}
        for name in OFFICIAL:
            *steps, decode = measured[name].result[kind]
            ours[name] = STEPS * statistics.median(steps) + decode
        seconds[kind] = {name: round(ours[name], 2) for name in (*OFFICIAL, *OURS, *FAST)}
    per_step = {name: round(statistics.median(measured[name].result["clock"][:-1]), 2) for name in OFFICIAL}
    kind = str(quick.unet.dtype).removeprefix("torch.")
    facts = {"precision": kind, "steps": measured["ours plain"].result, "fast_steps": measured["fast plain"].result}
    return {**facts, "official_step_seconds": per_step, "seconds": seconds}


def main() -> None:
    """Measure in this process, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    quantities = ("seconds", *(PEAK + name for name in (*OFFICIAL, *OURS, *FAST)))
    told = "the seconds of all six in turns, or the peak memory of one, of two steps: " + ", ".join(quantities)
    parser.add_argument("what", metavar="WHAT", choices=quantities, help=told)
    parser.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="auto", help="of ours")
    options = parser.parse_args()
    torch.manual_seed(0)
    measured = measure(options.precision) if options.what == "seconds" else peak_memory(options.what.removeprefix(PEAK), options.precision)
    sys.stdout.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main()
