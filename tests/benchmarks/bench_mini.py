"""How long the embedded checkpoint takes: one picture of 128 px with its default steps, and a batch of eight.

    python -m tests.benchmarks.bench_mini [--checkpoint mini] [--runs 5] [--threads 2] [--json]

Medians of whole calls, in seconds on the clock and of the processor (which say more on a machine that has other work), after one call
to warm up. On two cores one picture should take less than 2 s, a batch less than 6 s.
"""

import argparse
import json
import statistics
import sys
import time

import numpy as np
import torch

from lcad import LCADPipeline, Region, load_pipeline
from pipelines.demo import demo_scenes

MOST_SECONDS = {1: 2.0, 8: 6.0}  # by the number of pictures


def calls(pipeline: LCADPipeline, count: int) -> tuple[list[np.ndarray], list[str], list[list[Region]]]:
    """The arguments of a call with so many of the demo's scenes, at the checkpoint's size, with their masks."""
    scenes = demo_scenes(pipeline.settings.native_size)[:count]
    masks = [{region.name: region.mask for region in scene.regions} for scene in scenes]
    captions = [scene.captions[0] for scene in scenes]
    regions = [[Region((p.start, p.end), known[p.region]) for p in caption.phrases] for caption, known in zip(captions, masks, strict=True)]
    return [scene.rgb for scene in scenes], [caption.text for caption in captions], regions


def seconds_of(pipeline: LCADPipeline, arguments: tuple) -> tuple[float, float]:
    """Seconds on the clock and of the processor of one call."""
    started = time.perf_counter(), time.process_time()
    pipeline(*arguments)
    return time.perf_counter() - started[0], time.process_time() - started[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", default="mini")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    pipeline = load_pipeline(options.checkpoint)
    facts: dict[str, object] = {"steps": pipeline.settings.steps, "threads": options.threads}
    for count, most in MOST_SECONDS.items():
        arguments = calls(pipeline, count)
        seconds_of(pipeline, arguments)
        clock, processor = zip(*(seconds_of(pipeline, arguments) for _ in range(options.runs)), strict=True)
        facts[f"seconds_of_{count}"], facts[f"processor_seconds_of_{count}"] = (
            round(statistics.median(times), 3) for times in (clock, processor)
        )
        taken = f"{facts[f'seconds_of_{count}']:.2f} s on the clock, {facts[f'processor_seconds_of_{count}']:.2f} s of the processor"
        sys.stdout.write(f"{count} picture{'s' if count > 1 else ''}: {taken} (at most {most:g} s)\n")
    if options.json:
        sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main()
