"""Does retraining pay? On real photos that the base's training held out, through the store's own services and jobs.

    python -m tests.benchmarks.retraining_pays PHOTOS --home DIR [--items 400] [--things CUTOUTS] [--general CHECK.py FOLDER]

PHOTOS is a collection as `pipelines.pretraining.photo_sources` reads it. Photos of people whose clothes people outlined come in several
versions with colors drawn by name (`tests.benchmarks.recolored_photos`), so that masks and colors are exact; with --things CUTOUTS it is
photos with things on them, neither of which training has seen (`tests.benchmarks.things_on_photos`). They are imported, released with
whole photos in one split, and the base is retrained on the train split. Printed are the paired differences on the test split, with their
95 % intervals over photos: with the release's masks, and from captions alone, judged in those masks; and what the retraining took. What is
in DIR already is not made again. --general runs another measurement for the base and for the new checkpoint and prints what it says.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import PIL.Image

from db.enums import Split
from db.models import Checkpoint, ReleaseItem
from lcad.metrics import adherence, bleeding, color_difference
from pipelines.inference import loaded_models
from pipelines.inference.colorize import CaptionedPicture, Sampling, colorize
from tests.benchmarks.recolored_photos import held_out_people, versions
from tests.benchmarks.things_on_photos import things_on_photos
from tests.benchmarks.worked_store import AUTHOR, carried_out, imported, worked_store
from workbench import releases
from workbench.analysis.image_bootstrap import paired_interval
from workbench.colorizations import checkpoints, evaluations
from workbench.imaging import masks
from workbench.importing import Item
from workbench.open_store import Store

SOURCE, RELEASE = "recolored", "people"
SHARES = {"train": 0.68, "validation": 0.1, "test": 0.22}
MEASURES = ("adherence", "right", "delta_e", "psnr", "colorfulness_gap", "bleeding")


def main() -> int:
    """Run it and print what it found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--home", type=Path, required=True, help="folder of the store")
    parser.add_argument("--items", type=int, default=400)
    parser.add_argument("--things", type=Path, metavar="CUTOUTS", help="a folder with cutouts.jsonl: things on photos instead of people")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--base", default="mini")
    parser.add_argument("--name", default="mini-people", help="of the new checkpoint")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the retraining, as JSON")
    parser.add_argument("--general", nargs=2, metavar=("CHECK", "FOLDER"), help="a command of real photos, and its folder")
    options = parser.parse_args()
    parameters = {name: json.loads(value) for name, _, value in (one.partition("=") for one in options.set)}
    with worked_store(options.home) as store:
        release_id = released(store, material(options))
        trained = carried_out(store, "retrain_checkpoint", release_id=release_id, base=options.base, name=options.name, **parameters)
        say(json.dumps(trained))
        for name in (options.base, options.name):
            carried_out(store, "evaluate_checkpoint", checkpoint=name, release_id=release_id)
        tell(store, options.base, options.name, release_id)
        tell_captions_alone(store, options.base, options.name, release_id)
    if options.general:
        for checkpoint in (options.base, str(options.home / "checkpoints" / options.name)):
            say(f"{checkpoint}\n{general(*options.general, checkpoint)}")
    return 0


def material(options: argparse.Namespace) -> Iterator[Item]:
    """What is imported: versions of photos of people, or things on photos."""
    if options.things:
        return things_on_photos(options.photos, options.things, options.items, options.seed)
    return (one.item for one in versions(held_out_people(options.photos), options.items, options.seed))


def released(store: Store, items: Iterator[Item]) -> int:
    """The id of the release of items, made where it is not there."""
    with store.reading() as session:
        known = releases.listing(session, name=RELEASE)
    if known:
        return known[0].id
    added = imported(store, items, SOURCE)
    with store.writing() as session:
        release = releases.create(session, store.media, name=RELEASE, author=AUTHOR, rules={"shares": SHARES, "regions": "required"})
        splits = {str(split): sum(levels.values()) for split, levels in releases.summary(session, release.id).by_split.items()}
        say(f"{added} images; items {splits}")
        return release.id


def tell(store: Store, base: str, name: str, release_id: int) -> None:
    """Print the two checkpoints' means on the test split and their paired differences, with intervals over photos."""
    with store.reading() as session:
        pair = [checkpoints.named(session, one) for one in (base, name)]
        evaluated = evaluations.of_same_settings(session, *pair, release_id, Split.TEST)
        before, after = ({row["item"]: row for row in evaluations.items_of(store.media, one)} for one in evaluated)
        files = {item.id: item.file_name for item in releases.items(session, release_id, split=Split.TEST)}
    items = sorted(before)
    photos = [files[item].rsplit("-", 1)[0] for item in items]
    for measure in MEASURES:
        one = paired_interval([before[item][measure] for item in items], [after[item][measure] for item in items], photos)
        if one is not None:
            means = " → ".join(str(evaluation.metrics.get(measure)) for evaluation in evaluated)
            say(f"{measure:18} {means}   {one.mean:+.4f} [{one.low:+.4f}, {one.high:+.4f}] {one.rows} items of {one.images} photos")


def tell_captions_alone(store: Store, base: str, name: str, release_id: int) -> None:
    """Print what both make of the test split's captions without masks: adherence in the release's masks, and ΔE00."""
    with store.reading() as session:
        items = [item for item in releases.items(session, release_id, split=Split.TEST) if item.regions]
        both = [checkpoints.named(session, one) for one in (base, name)]
    photos = [item.file_name.rsplit("-", 1)[0] for item in items]
    before, after = (captions_alone(store, row, items) for row in both)
    for measure in ("adherence", "delta_e", "bleeding"):
        values = [[one[measure] for one in each] for each in (before, after)]
        one = paired_interval(*values, photos)
        if one is not None:
            means = " → ".join(f"{np.mean([value for value in each if value is not None]):.4f}" for each in values)
            say(f"captions alone: {measure:10} {means}   {one.mean:+.4f} [{one.low:+.4f}, {one.high:+.4f}] {one.rows} items")


def captions_alone(store: Store, checkpoint: Checkpoint, items: Sequence[ReleaseItem]) -> list[dict[str, float | None]]:
    """For each item adherence and bleeding, judged in the release's masks, and ΔE00, colored under its caption without any mask."""
    pictures: list[CaptionedPicture] = []
    for number, item in enumerate(items):
        with PIL.Image.open(store.media.open(item.color_key)) as picture:
            pictures.append(CaptionedPicture(np.array(picture.convert("RGB")), item.caption_text, [], number))
    results = colorize(loaded_models.colorizer_of(checkpoint), pictures, Sampling())
    return [_judged(item, one.rgb, np.asarray(result.image)) for item, one, result in zip(items, pictures, results, strict=True)]


def _judged(item: ReleaseItem, rgb: np.ndarray, image: np.ndarray) -> dict[str, float | None]:
    phrases = [item.caption_text[region["start"] : region["end"]] for region in item.regions]
    meant = [masks.decode(region["mask"]) for region in item.regions]
    return {
        "adherence": adherence(image, phrases, meant).score,
        "delta_e": color_difference(image, rgb),
        "bleeding": bleeding(image, meant),
    }


def general(check: str, folder: str, checkpoint: str) -> str:
    """What another measurement says of a checkpoint."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, check, folder, "--", "--checkpoint", checkpoint]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | {"PATH": path}).stdout


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
