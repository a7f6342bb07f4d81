"""A set for `real_photos.py` of held-out photos that are as colorful as those of another set.

    python -m tests.benchmarks.matched_photos PHOTOS OUT --like ../shared/real/open --from SET … [--photos 100] [--seed 1]

How far below gray a colorization can be depends on how much color there is: where gray is at a ΔE00 of 8, nothing is 3 below it for long.
So photos are drawn from sets that `tests.benchmarks.labeled_photos` wrote, the first that has one giving its caption, and from
outlined_photos.jsonl, whose photos of PHOTOS a person described and outlined, until each range of EDGES of the mean ΔE00 of gray has the
share that it has in the set LIKE. Nothing is colored for it. Raises SystemExit where a range has too few.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import PIL.Image

from pipelines.pretraining.photo_sources import read_names
from tests.benchmarks.labeled_photos import colors_lost

EDGES = (0.0, 9.0, 11.0, 13.0, 15.0, 101.0)  # of the mean ΔE00 from its own gray
OUTLINED = Path(__file__).with_name("outlined_photos.jsonl")


def main() -> int:
    """Write the photos and the set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--like", type=Path, required=True, metavar="SET")
    parser.add_argument("--from", type=Path, nargs="+", required=True, metavar="SET", dest="sets")
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.out.is_dir() and any(options.out.iterdir()) and not (options.out / "set.jsonl").is_file():
        parser.error(f"{options.out} holds something else: name a folder that is new, or that this command has written")
    rows = pool(options.collection, options.sets)
    lost = {name: colors_lost(photo) for name, (_, photo) in rows.items()}
    wanted = counts_like([colors_lost(photo) for _, photo in read_rows(options.like)], options.photos)
    order, chosen = np.random.default_rng(options.seed).permutation(sorted(rows)).tolist(), []
    for low, high, count in zip(EDGES, EDGES[1:], wanted, strict=False):
        there = [name for name in order if low <= lost[name] < high]
        if len(there) < count:
            sys.exit(f"{count} photos with a ΔE00 of gray of {low:g} to {high:g} are needed, {len(there)} are there")
        chosen += there[:count]
    shutil.rmtree(options.out, ignore_errors=True)
    (options.out / "photos").mkdir(parents=True)
    for name in chosen:
        with PIL.Image.open(rows[name][1]) as image:
            image.convert("RGB").save(options.out / "photos" / name)
    (options.out / "set.jsonl").write_text("".join(json.dumps(rows[name][0]) + "\n" for name in chosen), encoding="utf-8")
    parts = sum(len(rows[name][0]["things"]) for name in chosen)
    sys.stdout.write(f"{len(chosen)} photos ({wanted}), {parts} parts, ΔE00 of gray {np.mean([lost[name] for name in chosen]):.2f}\n")
    return 0


def pool(collection: Path, sets: Sequence[Path]) -> dict[str, tuple[dict, Path]]:
    """By file name the rows that can be drawn, with their photos; only photos that training held out."""
    _, held_out = read_names(collection)
    photo_of = {f"{Path(name).stem}.png": collection / name for name in held_out}
    rows = {row["file"]: (row, photo) for one in reversed(sets) for row, photo in read_rows(one)}
    outlined = [json.loads(line) for line in OUTLINED.read_text(encoding="utf-8").splitlines()]
    return {row["file"]: (row, photo_of[row["file"]]) for row in outlined} | {name: one for name, one in rows.items() if name in photo_of}


def read_rows(folder: Path) -> list[tuple[dict, Path]]:
    """The rows of a set, each with its photo."""
    rows = map(json.loads, (folder / "set.jsonl").read_text(encoding="utf-8").splitlines())
    return [(row, folder / "photos" / row["file"]) for row in rows]


def counts_like(lost: Sequence[float], count: int) -> list[int]:
    """How many of so many photos each range gets, for the shares of a set's mean ΔE00 from gray; the largest remainders round up."""
    shares = count * np.histogram(lost, EDGES)[0] / len(lost)
    counts = np.floor(shares).astype(int)
    for place in np.argsort(counts - shares, kind="stable")[: count - counts.sum()]:
        counts[place] += 1
    return counts.tolist()


if __name__ == "__main__":
    raise SystemExit(main())
