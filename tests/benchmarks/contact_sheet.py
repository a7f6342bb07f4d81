"""Contact sheets for the documentation: one gray photo under five captions, photos at three levels, scenes with and without masks.

    python -m tests.benchmarks.contact_sheet [--checkpoint mini] [--out docs/sheets]

Only the demo's own photos and scenes are shown, and of them none without a license. Writes `captions.webp`, `levels.webp`, `masks.webp`.
"""

import argparse
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from lcad import LCADPipeline, Region, load_pipeline
from lcad.imaging import image_to_lab, lab_to_image
from pipelines.demo import demo_photos, demo_scenes
from tests.benchmarks.scenes import Shown, demo_pictures

TILE, GAP, LINE, TEXT = 192, 8, 15, 12  # px
LINES = 3  # of text below a tile
WRAP = 29  # characters
QUALITY = 88
INK, PAPER = (40, 40, 40), (255, 255, 255)
LEVELS = ("scarce", "partial", "complete")
PHOTOS = ("coffee", "astronaut", "chelsea", "china", "flower", "rocket")  # of which the license is known
SCENES = ("blue-cup", "three-solids", "mug-and-pears", "flower-vase", "balloons", "green-suit")
CUP = (
    "a red cup on a red saucer",
    "a blue cup on a yellow saucer",
    "a green cup on a pink saucer",
    "a purple cup on an orange saucer",
    "a yellow cup on a blue saucer",
)


@dataclass(frozen=True, eq=False)
class Tile:
    """A picture (H, W, 3) uint8 and what stands below it."""

    rgb: np.ndarray
    text: str


def gray(rgb: np.ndarray) -> np.ndarray:
    """The lightness of a picture, as a picture."""
    lab = image_to_lab(rgb)
    lab[..., 1:] = 0
    return lab_to_image(lab)


def sheet(rows: Sequence[Sequence[Tile]]) -> PIL.Image.Image:
    """Rows of tiles with their texts below."""
    height, columns = TILE + LINES * LINE + GAP, max(map(len, rows))
    canvas = PIL.Image.new("RGB", (columns * (TILE + GAP) + GAP, len(rows) * height + GAP), PAPER)
    pen, font = PIL.ImageDraw.Draw(canvas), PIL.ImageFont.load_default(TEXT)
    for y, row in enumerate(rows):
        for x, tile in enumerate(row):
            left, top = GAP + x * (TILE + GAP), GAP + y * height
            canvas.paste(_fitted(tile.rgb), (left, top))
            for n, line in enumerate(textwrap.wrap(tile.text, WRAP)[:LINES]):
                pen.text((left, top + TILE + 2 + n * LINE), line, INK, font)
    return canvas


def _fitted(rgb: np.ndarray) -> PIL.Image.Image:
    """The middle square of a picture, of the size of a tile."""
    side = min(rgb.shape[:2])
    top, left = ((extent - side) // 2 for extent in rgb.shape[:2])
    return PIL.Image.fromarray(rgb[top : top + side, left : left + side]).resize((TILE, TILE), PIL.Image.Resampling.LANCZOS)


def color(pipeline: LCADPipeline, shown: Sequence[Shown], masks: bool) -> list[np.ndarray]:
    """Results (H, W, 3) uint8 with seed 0; without masks the denoiser finds the phrases itself, as the commands have it."""
    regions = [one.regions if masks else [Region(region.phrase) for region in one.regions] for one in shown]
    return [np.asarray(result) for result in pipeline([one.rgb for one in shown], [one.caption for one in shown], regions).images]


def captions_sheet(pipeline: LCADPipeline) -> PIL.Image.Image:
    """One gray photo, and the same under five captions, its two things masked."""
    photo = demo_photos().named("coffee")
    masks = {region.name: region.mask for region in photo.regions}
    shown = []
    for caption in CUP:
        cup, saucer = caption.split(" on ")
        shown.append(Shown("coffee", photo.rgb, caption, "complete", (Region(cup, masks["cup"]), Region(saucer, masks["saucer"]))))
    results = color(pipeline, shown, masks=True)
    return sheet([[Tile(gray(photo.rgb), "lightness alone"), *(Tile(rgb, one.caption) for rgb, one in zip(results, shown, strict=True))]])


def levels_sheet(pipeline: LCADPipeline) -> PIL.Image.Image:
    """Six photos: lightness, three levels of description, the original."""
    rows = []
    for name in PHOTOS:
        shown = demo_pictures([demo_photos().named(name)], longest=2 * TILE, levels=LEVELS)
        results = [Tile(rgb, f"{one.level}: {one.caption}") for rgb, one in zip(color(pipeline, shown, masks=True), shown, strict=True)]
        rows.append([Tile(gray(shown[0].rgb), "lightness"), *results, Tile(shown[0].rgb, "original")])
    return sheet(rows)


def masks_sheet(pipeline: LCADPipeline) -> PIL.Image.Image:
    """Six scenes of several things: lightness, from the caption alone, with masks, the original."""
    scenes = demo_scenes(2 * pipeline.settings.native_size)
    shown = demo_pictures([scenes.named(name) for name in SCENES], longest=2 * pipeline.settings.native_size)
    alone, masked = (color(pipeline, shown, masks) for masks in (False, True))
    return sheet(
        [
            [
                Tile(gray(one.rgb), "lightness"),
                Tile(rgb, f"caption alone: {one.caption}"),
                Tile(other, "with masks"),
                Tile(one.rgb, "original"),
            ]
            for one, rgb, other in zip(shown, alone, masked, strict=True)
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", default="mini")
    parser.add_argument("--out", type=Path, default=Path("docs/sheets"))
    options = parser.parse_args()
    pipeline = load_pipeline(options.checkpoint)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, made in (("captions", captions_sheet), ("levels", levels_sheet), ("masks", masks_sheet)):
        path = options.out / f"{name}.webp"
        made(pipeline).save(path, quality=QUALITY)
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
