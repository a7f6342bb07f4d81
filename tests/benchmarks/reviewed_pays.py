"""Do reviewed samples teach more than unreviewed ones, and those that the suggestions put first more than random ones?

Through the store's own services and jobs:

    python -m tests.benchmarks.reviewed_pays PHOTOS --things CUTOUTS --home DIR [--question review | choice] [--items N] [--seed S]
        [--only CHECKPOINT] [--set NAME=VALUE …]

PHOTOS and CUTOUTS are as in `tests.benchmarks.retraining_pays`: things on photos, neither of which the base's training has seen, released
clean with whole photos in one split. The test split stays so, and is what everything is judged on.

review  so many of the other items are made faulty (`tests.benchmarks.simulated_curating`). Unreviewed: taken over unread, as many drawn at
        random as a simulated curator, who errs as stated, accepts. Reviewed: what that curator accepts.
choice  the train split's descriptions are set aside. Ordered: what `workbench.suggestions` put first is described again, whether or not
        their replay would let them. Random: what chance draws.

Both releases have the same size in each split, and the base is retrained alike on each. Printed are the paired differences on the test
split, with 95 % intervals over photos, of each from the base and between the two. What is in DIR already is not made again; --only takes
one of the checkpoints as far as its numbers, so that a run can be had in parts.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from db.enums import Split
from db.models import ReleaseItem
from tests.benchmarks import simulated_curating
from tests.benchmarks.retraining_pays import SHARES, captions_alone, say
from tests.benchmarks.things_on_photos import things_on_photos
from tests.benchmarks.worked_store import AUTHOR, carried_out, imported, worked_store
from workbench import captions, images, releases, suggestions
from workbench.analysis.image_bootstrap import paired_interval
from workbench.colorizations import checkpoints, evaluations
from workbench.open_store import Store
from workbench.suggestions import next_items

BASE, SOURCE, CLEAN = "mini", "things", "clean"
QUESTIONS = {"review": ("unreviewed", "reviewed"), "choice": ("random", "ordered")}
MEASURES = ("adherence", "delta_e", "bleeding")
Drawn = dict[str, list[int]]
"""By the name of a release the ids of its images."""


@dataclass(frozen=True)
class Pool:
    """What is not tested on: the caption's id by the image's, for each split."""

    train: dict[int, int]
    validation: dict[int, int]

    @property
    def captions(self) -> dict[int, int]:
        """Both splits together."""
        return self.train | self.validation


def main() -> int:
    """Run it and print what it found."""
    options = _options()
    with worked_store(options.home) as store:
        clean = clean_release(store, options)
        pair = {} if options.only == BASE else releases_of(store, clean, options)
        names = (BASE, *pair)
        measured = {name: _numbers(store, clean, name, pair.get(name), options) for name in names if options.only in (None, name)}
    if not options.only:
        first, second = pair
        for one, other in ((BASE, first), (BASE, second), (first, second)):
            compare(one, other, measured[one], measured[other])
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--things", type=Path, required=True, metavar="CUTOUTS", help="a folder with cutouts.jsonl")
    parser.add_argument("--home", type=Path, required=True, help="folder of the store")
    parser.add_argument("--question", choices=tuple(QUESTIONS), default="review")
    parser.add_argument("--items", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--faulty", type=float, default=0.3, help="share of the items that are not tested on")
    parser.add_argument("--sensitivity", type=float, default=0.9, help="share of the faults that the curator finds")
    parser.add_argument("--specificity", type=float, default=0.95, help="share of the faultless that the curator lets pass")
    parser.add_argument("--chosen", type=float, default=0.5, help="share of the train split that comes first, or is drawn at random")
    parser.add_argument("--only", metavar="CHECKPOINT", help="mini, or the name of one of the two releases")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the retraining, as JSON")
    return parser.parse_args()


def clean_release(store: Store, options: argparse.Namespace) -> int:
    """The id of the release of all items without faults, which binds each photo to its split; made where it is not there."""
    with store.reading() as session:
        known = releases.listing(session, name=CLEAN)
    if known:
        return known[0].id
    added = imported(store, things_on_photos(options.photos, options.things, options.items, options.seed), SOURCE)
    say(f"{added} images")
    if options.question == "choice":
        say(json.dumps(carried_out(store, "picture_features")))
    with store.writing() as session:
        return _released(session, store, CLEAN)


def _released(session: Session, store: Store, name: str, query: str = "") -> int:
    rules = {"query": query, "shares": SHARES, "regions": "required"}
    release = releases.create(session, store.media, name=name, author=AUTHOR, rules=rules)
    splits = {str(split): sum(levels.values()) for split, levels in releases.summary(session, release.id).by_split.items()}
    say(f"{name}: {splits}")
    return release.id


def releases_of(store: Store, clean: int, options: argparse.Namespace) -> dict[str, int]:
    """The ids of the question's two releases by name; made where they are not there."""
    names = QUESTIONS[options.question]
    with store.reading() as session:
        known = {row.name: row.id for name in names for row in releases.listing(session, name=name)}
        pool = pool_of(session, clean)
    if not known:
        with store.writing() as session:
            return MADE[options.question](session, store, pool, options)
    return {name: known[name] for name in names}


def pool_of(session: Session, clean: int) -> Pool:
    """The images of a release that are not tested on, with their captions."""
    splits: dict[Split, dict[int, int]] = {Split.TRAIN: {}, Split.VALIDATION: {}}
    for item in releases.items(session, clean):
        if item.split in splits and item.image_id is not None and item.caption_id is not None:
            splits[item.split][item.image_id] = item.caption_id
    return Pool(*splits.values())


def unreviewed_and_reviewed(session: Session, store: Store, pool: Pool, options: argparse.Namespace) -> dict[str, int]:
    """Make faults; release as many at random as a curator accepts, and then what that curator accepts."""
    faults = simulated_curating.make_faulty(session, list(pool.captions.values()), options.faulty, options.seed)
    errs = (options.sensitivity, options.specificity)
    passes = simulated_curating.verdicts(list(pool.captions.values()), faults, *errs, options.seed + 1)
    chance = random.Random(options.seed + 2)
    reviewed, unreviewed = [], []
    for split in (pool.train, pool.validation):
        accepted = [image_id for image_id, caption_id in split.items() if passes[caption_id]]
        reviewed += accepted
        unreviewed += chance.sample(sorted(split), len(accepted))
    made = {"unreviewed": _tagged(session, store, "unreviewed", unreviewed)}
    simulated_curating.give(session, passes)
    made |= {"reviewed": _tagged(session, store, "reviewed", reviewed)}
    for name, taken in (("pool", list(pool.captions)), ("unreviewed", unreviewed), ("reviewed", reviewed)):
        wrong = [fault for image_id in taken if (fault := faults.get(pool.captions[image_id]))]
        kinds = {kind: wrong.count(kind) for kind in simulated_curating.FAULTS}
        say(f"{name}: {len(wrong)} of {len(taken)} faulty ({len(wrong) / len(taken):.1%}) {kinds}")
    return made


def random_and_ordered(session: Session, store: Store, pool: Pool, options: argparse.Namespace) -> dict[str, int]:
    """Set the train split's descriptions aside, and take up again those of the photos that chance draws, or that suggestions put first."""
    number = round(options.chosen * len(pool.train))
    captions.drop(session, pool.train.values(), actor=AUTHOR)
    chance = random.Random(options.seed)
    undescribed = sorted(next_items.KINDS["describe"](session, number, chance), key=lambda one: -one.worth)
    chosen = {
        "random": random.Random(options.seed).sample(sorted(pool.train), number),
        "ordered": [one.image_id for one in undescribed[:number]],
    }
    replayed = suggestions.suggest(session, "describe", number, options.seed).replayed
    made = {}
    for name, image_ids in chosen.items():
        described = [pool.train[image_id] for image_id in image_ids]
        captions.accept(session, described, actor=AUTHOR)
        made[name] = _tagged(session, store, name, [*image_ids, *pool.validation])
        captions.drop(session, described, actor=AUTHOR)
    say(replayed.says if replayed else "nothing was replayed")
    say(f"{number} of {len(pool.train)} chosen; {len(set(chosen['random']) & set(chosen['ordered']))} by both")
    return made


MADE: dict[str, Callable[[Session, Store, Pool, argparse.Namespace], dict[str, int]]] = {
    "review": unreviewed_and_reviewed,
    "choice": random_and_ordered,
}


def _tagged(session: Session, store: Store, name: str, image_ids: Sequence[int]) -> int:
    images.tag(session, image_ids, name, actor=AUTHOR)
    return _released(session, store, name, f"tag:{name}")


def _numbers(
    store: Store, clean: int, name: str, release_id: int | None, options: argparse.Namespace
) -> dict[str, list[tuple[str, float | None]]]:
    """By measure what a checkpoint makes of each item of the test split, beside the item's photo; retrained where it is not there."""
    if release_id is not None:
        parameters = {key: json.loads(value) for key, _, value in (one.partition("=") for one in options.set)}
        say(json.dumps(carried_out(store, "retrain_checkpoint", release_id=release_id, base=BASE, name=name, **parameters)))
    carried_out(store, "evaluate_checkpoint", checkpoint=name, release_id=clean)
    with store.reading() as session:
        row = checkpoints.named(session, name)
        evaluation, _ = evaluations.of_same_settings(session, row, row, clean, Split.TEST)
        items = releases.items(session, clean, split=Split.TEST)
        with_masks = {one["item"]: one for one in evaluations.items_of(store.media, evaluation)}
        alone = _kept(options.home / f"captions-alone-{name}.json", lambda: captions_alone(store, row, items))
    photos = [_photo(item) for item in items]
    told = {}
    for measure in MEASURES:
        told[f"captions alone: {measure}"] = list(zip(photos, (one[measure] for one in alone), strict=True))
        told[f"with masks: {measure}"] = [(photo, with_masks[item.id][measure]) for photo, item in zip(photos, items, strict=True)]
    return told


def _photo(item: ReleaseItem) -> str:
    return item.file_name.rsplit("-", 1)[0]


def _kept(path: Path, make: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    if not path.exists():
        path.write_text(json.dumps(make()))
    return json.loads(path.read_text())


def compare(one: str, other: str, first: dict[str, list[Any]], second: dict[str, list[Any]]) -> None:
    """Print what the second checkpoint does differently from the first, measure by measure, with intervals over photos."""
    for measure in sorted(first):
        photos = [photo for photo, _ in first[measure]]
        values = [[value for _, value in each[measure]] for each in (first, second)]
        found = paired_interval(*values, photos)
        if found is not None and found.low is not None:
            pairs = [pair for pair in zip(*values, strict=True) if None not in pair]
            means = " → ".join(f"{sum(each) / len(pairs):.4f}" for each in zip(*pairs, strict=True))
            spread = f"{found.mean:+.4f} [{found.low:+.4f}, {found.high:+.4f}]"
            say(f"{one} → {other}: {measure:25} {means}   {spread} {found.rows} items of {found.images} photos")


if __name__ == "__main__":
    sys.exit(main())
