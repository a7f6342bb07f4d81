"""How near to the color asked for a thing comes: a hundred names and hex codes, in captions and pinned.

    python -m tests.benchmarks.color_names [SOURCES] [--photos FOLDER] [--colors 100] [--seed 0] [--procedure NAME] [--json]

The colors are drawn by the seed: four of five among all names of CSS Color 4 and of the xkcd survey, the fifth as hex codes. Each is asked
for one thing: of a composed scene of held-out cut-outs (one, two and three of them in turn, the others in plain colors), or with --photos
of a photo of a folder as `set.jsonl` lists it. Printed are medians of the distance in ab of Lab between the thing's median color and

    raw        the color as the table has it
    reachable  that color with as much of its chroma as sRGB has room for at the thing's own lightness, which is not to be changed

and `others`, the share of the other things that have their plain color. "Read" leaves out names that no caption can say ("adobe", "cloudy"
are read as things). The thing is measured in its true mask, its own pixels alone, less an edge of one pixel.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import PIL.Image

import pipelines.inference.colorize as coloring
from lcad import LCADPipeline, load_pipeline
from lcad.chroma import Constraints, Pin, spread, target_of
from lcad.chroma.constraints import look_up
from lcad.imaging import image_to_lab, lightness_of_image
from lcad.metrics import region_pixels
from lcad.metrics.adherence import RIGHT, term_score
from lcad.terms import exact_color_of
from lcad.terms.distributions import named_colors
from pipelines.composing.recoloring import CHROMATIC
from pipelines.composing.scenes import compose_scene
from pipelines.inference.colorize import CaptionedPicture, Sampling, colorize
from pipelines.pretraining.source_files import parted, read_backdrops, read_cutouts
from tests.benchmarks.scenes import COUNTS

BATCH = 8
ROUGH = 0.7  # of a mask's pixels are farther out than a stroke goes


@dataclass(frozen=True, eq=False)
class Case:
    """A thing for which a color is asked: its picture, caption and phrase with a place for the color, its mask, the other things."""

    rgb: np.ndarray
    template: str
    phrase: str
    color: str
    mask: np.ndarray
    others: list[tuple[str, str, np.ndarray]] = field(default_factory=list)

    def caption(self, color: str = "") -> str:
        """The caption with the thing's color, or without any for it."""
        return filled(self.template, color)

    def masked(self, color: str = "") -> list[tuple[str, np.ndarray]]:
        """The true masks by their phrases in the caption."""
        return [(filled(self.phrase, color), self.mask), *((phrase, mask) for phrase, _, mask in self.others)]

    @property
    def thing(self) -> str:
        """The thing in words."""
        return re.sub(r"^an? ", "", filled(self.phrase, ""))


def filled(template: str, color: str) -> str:
    """A template with a color in its place, and the article that goes with it."""
    article = "an {0}" if color[:1] in tuple("aeiou") else "a {0}"
    return " ".join(re.sub(r"\ban? \{0\}", article if color else "a", template).format(color).split())


def colors_of(rng: np.random.Generator, count: int) -> list[str]:
    """Names and hex codes, drawn."""
    names = rng.choice(sorted(named_colors()), count - count // 5, replace=False).tolist()
    codes = ["#" + "".join(f"{value:02x}" for value in rng.integers(0, 256, 3)) for _ in range(count // 5)]
    return [*names, *codes]


def scene_cases(sources: Path, colors: list[str], seed: int, size: int) -> Iterator[Case]:
    """A case for each color, of composed scenes whose things have their captions in a row."""
    _, cutouts = parted(read_cutouts(sources))
    _, backdrops = parted(read_backdrops(sources))
    for number, color in enumerate(colors):
        rng = np.random.default_rng([seed, number])
        while True:
            scene = compose_scene(rng, cutouts, backdrops, COUNTS[number % len(COUNTS)], size, ("complete",))
            seen = [i for i, thing in enumerate(scene.objects) if not thing.background and thing.count == 1 and scene.masks[i].any()]
            if seen and len({scene.objects[i].label for i in seen}) == len(seen):
                break
        plain = rng.choice([name for name in CHROMATIC if name != "brown"], len(seen))
        names = [scene.objects[i].label for i in seen]
        others = [(f"a {hue} {name}", str(hue), scene.masks[i]) for hue, name, i in list(zip(plain, names, seen, strict=True))[1:]]
        template = ", ".join([f"a {{0}} {names[0]}", *(phrase for phrase, _, _ in others)])
        yield Case(scene.rgb, template, f"a {{0}} {names[0]}", color, scene.masks[seen[0]], others)


def photo_cases(folder: Path, colors: list[str], seed: int) -> Iterator[Case]:
    """A case for each color, of photos in turn; their other things get plain colors."""
    rows = [json.loads(line) for line in (folder / "set.jsonl").read_text(encoding="utf-8").splitlines()]
    for number, color in enumerate(colors):
        row, rng = rows[number % len(rows)], np.random.default_rng([seed, number])
        rgb = np.asarray(PIL.Image.open(folder / "photos" / row["file"]).convert("RGB"))
        masks = [decoded(thing["counts"], rgb.shape[:2]) for thing in row["things"]]
        chosen = number // len(rows) % len(masks)
        hues = [str(rng.choice([name for name in CHROMATIC if name != "brown"])) for _ in masks]
        things = [thing["phrase_template"] for thing in row["things"]]
        template = row["template"].format(*("{0}" if i == chosen else hue for i, hue in enumerate(hues)))
        others = [(things[i].format(*hues), hues[i], masks[i]) for i in range(len(masks)) if i != chosen]
        own = things[chosen].replace(f"{{{chosen}}}", "{0}")
        yield Case(rgb, template, own, color, masks[chosen], others)


def decoded(counts: list[int], shape: tuple[int, int]) -> np.ndarray:
    """The mask (H, W) bool of run lengths down the columns."""
    flat = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    return flat.reshape(shape[1], shape[0]).T


def rough(mask: np.ndarray) -> np.ndarray:
    """The inner part of a mask, as a person's stroke."""
    import cv2

    depth = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3)
    return depth >= np.quantile(depth[mask], ROUGH)


def asked_of(case: Case, procedure: str) -> CaptionedPicture:
    """What a procedure asks for a case."""
    if procedure.startswith("captioned") or procedure == "as a term":
        masked = case.masked(case.color) if procedure.endswith("masks") else []
        return CaptionedPicture(case.rgb, case.caption(case.color), masked)
    if procedure == "pinned, stroke":
        meant = spread(lightness_of_image(case.rgb), rough(case.mask))
        return CaptionedPicture(case.rgb, case.caption(), constraints=Constraints([Pin(meant, case.color)]))
    masked = case.masked() if procedure.endswith("masks") else []
    return CaptionedPicture(case.rgb, case.caption(), masked, things=[(case.thing, case.color)])


PROCEDURES = ("as a term", "captioned", "captioned, masks", "pinned", "pinned, masks", "pinned, stroke")


def results(pipeline: LCADPipeline, cases: list[Case], procedure: str) -> list[np.ndarray]:
    """The Lab (H, W, 3) of the results; "as a term" is what a caption does without exact colors."""
    known = coloring.regions_of
    if procedure == "as a term":
        from dataclasses import replace

        coloring.regions_of = lambda *options: [
            replace(one, regions=[replace(region, exact=None) for region in one.regions]) for one in known(*options)
        ]
    try:
        made = colorize(pipeline, [asked_of(case, procedure) for case in cases], Sampling(batch_size=BATCH))
    finally:
        coloring.regions_of = known
    return [image_to_lab(np.asarray(one.image)) for one in made]


def off(case: Case, lab: np.ndarray, color: str | None = None) -> tuple[float, float]:
    """The distances, raw and reachable, of the thing's median color; of another color's where one is given, of gray for ""."""
    pixels = region_pixels(case.mask, np.any([mask for *_, mask in case.others] or [np.zeros_like(case.mask)], axis=0))
    red, green, blue = rgb_of(case.color)
    raw = image_to_lab(np.array([[[red, green, blue]]], np.uint8))[0, 0, 1:]
    lightness = lab[pixels][:, 0]
    reachable = np.median(look_up(target_of((red, green, blue)).members[0], lightness), axis=0)
    got = np.median(lab[pixels][:, 1:], axis=0)
    if color is not None:
        got = np.median(look_up(target_of(rgb_of(color)).members[0], lightness), axis=0) if color else np.zeros(2)
    return float(np.hypot(*(got - raw))), float(np.hypot(*(got - reachable)))


def rgb_of(color: str) -> tuple[int, int, int]:
    """The sRGB of a drawn color."""
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5)) if color.startswith("#") else named_colors()[color]


def others_right(case: Case, lab: np.ndarray) -> list[bool]:
    """Whether each other thing has its plain color."""
    measured = []
    for number, (_, hue, mask) in enumerate(case.others):
        rest = [case.mask, *(other for i, (*_, other) in enumerate(case.others) if i != number)]
        score = term_score(hue, lab, region_pixels(mask, np.any(rest, axis=0)))
        measured += [] if np.isnan(score) else [score >= RIGHT]
    return measured


def measure(pipeline: LCADPipeline, cases: list[Case], procedures: Sequence[str]) -> dict[str, dict[str, float]]:
    """The table of a set of cases, by procedure; the baselines first."""
    read = [exact_color_of(f"{case.color} {case.thing}") is not None for case in cases]
    labs = [image_to_lab(case.rgb) for case in cases]
    shifted = [cases[(number + 1) % len(cases)].color for number in range(len(cases))]
    reachable_raw = [off(case, lab, case.color)[0] for case, lab in zip(cases, labs, strict=True)]
    table = {
        "gray": _row([off(case, lab, "") for case, lab in zip(cases, labs, strict=True)], read),
        "another color of the draw": _row([off(c, lab, color) for c, lab, color in zip(cases, labs, shifted, strict=True)], read),
        "the best there can be": {"raw": round(float(np.median(reachable_raw)), 1), "reachable": 0.0},
    }
    for procedure in procedures:
        measured = results(pipeline, cases, procedure)
        right = [one for case, lab in zip(cases, measured, strict=True) for one in others_right(case, lab)]
        row = _row([off(case, lab) for case, lab in zip(cases, measured, strict=True)], read)
        table[procedure] = row | {"others": round(float(np.mean(right)), 3) if right else float("nan")}
        sys.stderr.write(f"{procedure} {table[procedure]}\n")
    return table


def _row(pairs: list[tuple[float, float]], read: list[bool]) -> dict[str, float]:
    raw, reachable = np.array(pairs).T
    names = {"raw": raw, "reachable": reachable, "read, raw": raw[read], "read, reachable": reachable[read]}
    return {name: round(float(np.median(values)), 1) for name, values in names.items()} | {
        "within 10": round(float(np.mean(reachable <= 10)), 2)
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path, nargs="?", help="folder with cutouts.jsonl and photos.jsonl, for scenes")
    parser.add_argument("--photos", type=Path, help="folder with photos/ and set.jsonl")
    parser.add_argument("--colors", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpoint", default="mini")
    parser.add_argument("--procedure", action="append", choices=PROCEDURES, help="all where none is named")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    if not (options.sources or options.photos):
        parser.error("name a folder of sources, or one of photos")
    pipeline, colors = load_pipeline(options.checkpoint), colors_of(np.random.default_rng(options.seed), options.colors)
    sets: dict[str, list[Case]] = {}
    if options.sources:
        sets["scenes"] = list(scene_cases(options.sources, colors, options.seed, pipeline.settings.native_size))
    if options.photos:
        sets["photos"] = list(photo_cases(options.photos, colors, options.seed))
    measured = {name: measure(pipeline, cases, options.procedure or PROCEDURES) for name, cases in sets.items()}
    for name, table in measured.items():
        sys.stdout.write(f"{name}: {len(sets[name])} things, {len(colors)} colors\n")
        for procedure, row in table.items():
            sys.stdout.write(f"  {procedure:26}" + "".join(f"{key} {value:<7g}" for key, value in row.items()) + "\n")
    if options.json:
        sys.stdout.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main()
