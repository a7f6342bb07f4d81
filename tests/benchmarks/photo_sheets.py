"""Sheets of photos drawn by a seed: at three levels of description, and under two captions that contradict the photo and each other.

    python -m tests.benchmarks.photo_sheets FOLDER --out DIR [--photos 24] [--seed 0] [--checkpoint mini] [--from N]

FOLDER has photos/ and set.jsonl, a line a photo: {"file", "template": "a {0} dog on {1} grass", "scarce", "true", "things":
[{"true_color"}]}. The partial caption names the true color of the first thing alone. Captions are all that the colorizer gets: its masks
are its own. --from leaves out the set's first N. A sheet has eight photos, with what each was asked below it; they are not for shipping.
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import PIL.Image

from lcad import LCADPipeline, load_pipeline
from pipelines.inference.colorize import Sampling
from pipelines.inference.manifest_files import colorize_rows, read_manifest
from tests.benchmarks.contact_sheet import QUALITY, Tile, gray, sheet

COLORS = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink")
ROWS = 8  # of a sheet


def captions_of(photo: dict, rng: np.random.Generator) -> list[str]:
    """The scarce, the partial and the true caption, and two with other colors than the true ones and than each other's."""
    true = [thing["true_color"] for thing in photo["things"]]
    drawn = []
    for color in true:
        others = [name for name in COLORS if name != color and all(name not in pair for pair in drawn)]
        drawn.append([str(name) for name in rng.choice(others, 2, replace=False)])
    partial = _without_article(photo["template"].format(true[0], *[""] * (len(true) - 1)))
    return [photo["scarce"], partial, photo["true"], *(photo["template"].format(*(pair[n] for pair in drawn)) for n in range(2))]


def _without_article(caption: str) -> str:
    """A caption some of whose colors were left out, with single spaces and the articles that fit."""
    caption = re.sub(r"\s+", " ", caption).replace(" ,", ",").strip()
    return re.sub(r"\ba (?=[aeio])", "an ", re.sub(r"\ban (?=[^aeiou])", "a ", caption))


def colored(pipeline: LCADPipeline, folder: Path, photos: Sequence[dict], captions: Sequence[Sequence[str]]) -> list[list[np.ndarray]]:
    """The results (H, W, 3) uint8 of the gray photos, under the captions of each."""
    with tempfile.TemporaryDirectory() as scratch:
        work, rows = Path(scratch), []
        for number, (photo, those) in enumerate(zip(photos, captions, strict=True)):
            PIL.Image.fromarray(gray(picture(folder, photo))).save(work / f"{number}.png")
            rows += [{"image": f"{number}.png", "caption": caption, "seed": number} for caption in those]
        (work / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        lines = colorize_rows(
            pipeline, read_manifest(work / "rows.jsonl"), work / "out", checkpoint="sheets", digest="", sampling=Sampling(batch_size=5)
        )
        results = [_read(work / "out" / f"{number:03}.png") for number, _ in enumerate(lines)]
    each = len(captions[0])
    return [results[at : at + each] for at in range(0, len(results), each)]


def picture(folder: Path, photo: dict) -> np.ndarray:
    """A photo of the set, (H, W, 3) uint8."""
    return _read(folder / "photos" / photo["file"])


def _read(path: Path) -> np.ndarray:
    with PIL.Image.open(path) as opened:
        return np.asarray(opened.convert("RGB"))


def main() -> None:
    """Draw, color and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--photos", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--checkpoint", default="mini")
    options = parser.parse_args()
    rows = [json.loads(line) for line in (options.folder / "set.jsonl").read_text(encoding="utf-8").splitlines()][options.first :]
    rng, pipeline = np.random.default_rng(options.seed), load_pipeline(options.checkpoint)
    photos = [rows[number] for number in rng.permutation(len(rows))[: options.photos]]
    options.out.mkdir(parents=True, exist_ok=True)
    for at in range(0, len(photos), ROWS):
        some = photos[at : at + ROWS]
        captions = [captions_of(photo, rng) for photo in some]
        tiles = [
            [Tile(picture(options.folder, photo), photo["file"]), *(Tile(rgb, text) for rgb, text in zip(results, those, strict=True))]
            for photo, those, results in zip(some, captions, colored(pipeline, options.folder, some, captions), strict=True)
        ]
        path = options.out / f"photos-{at // ROWS + 1}.webp"
        sheet(tiles).save(path, quality=QUALITY)
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
