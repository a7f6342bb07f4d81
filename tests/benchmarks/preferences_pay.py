"""Does a checkpoint learn a known taste from 300 pairs, and lose nothing else? Through the store's own studies and jobs.

    python -m tests.benchmarks.preferences_pay PHOTOS --home DIR [--pairs 300] [--method dpo] [--general CHECK.py FOLDER]

PHOTOS is a collection as `pipelines.pretraining.photo_sources` reads it. Its held-out photos with a sky are imported and colored with two
seeds; simulated raters, marked as such, vote in a study for the one whose sky has less chroma, and are wrong as often as a logistic
choice is. The base is tuned on these votes, and both color photos of the release's test split, on which nothing was trained, with seeds
that were not voted on: printed is how often the tuned one's sky is the calmer one, and what adherence and ΔE00 do elsewhere.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
from skimage.color import deltaE_ciede2000
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import RegionOrigin, Split
from db.models import Checkpoint, Colorization, ReleaseItem, Stimulus, Study
from lcad.imaging import image_to_lab
from pipelines.composing.photo_parts import labeled_photo
from pipelines.inference import loaded_models
from pipelines.inference.colorize import CaptionedPicture, Sampling, colorize
from pipelines.pretraining.photo_sources import read_sources
from tests.benchmarks.retraining_pays import general, say
from tests.benchmarks.worked_store import AUTHOR, carried_out, imported, worked_store
from workbench import regions, releases, studies
from workbench.analysis.image_bootstrap import mean_interval
from workbench.colorizations import checkpoints
from workbench.imaging import masks, png_of
from workbench.importing import Item, ItemCaption, ItemRegion, Notes, Phrase
from workbench.open_store import Store
from workbench.rating import next_trial, ratings

NAME, SOURCE = "calm skies", "skies"
CAPTIONS = ("a blue sky over a landscape", "a photo under a pink sky", "an orange sky", "the sky is purple")
SEEDS, FRESH = (0, 1), (100, 101)
LEAST_SKY = 0.08
SHARPNESS = 0.35
"""Of the raters' choice: by a logistic in the difference of the skies' mean chroma, in Lab units."""
SHARES = {"train": 0.7, "validation": 0.1, "test": 0.2}


def main() -> int:
    """Run it and print what it found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--home", type=Path, required=True, help="folder of the store")
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--base", default="mini")
    parser.add_argument("--method", default="dpo", choices=("dpo", "winners"))
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the retraining, as JSON")
    parser.add_argument("--general", nargs=2, metavar=("CHECK", "FOLDER"), help="a command of real photos, and its folder")
    options = parser.parse_args()
    parameters = {name: json.loads(value) for name, _, value in (one.partition("=") for one in options.set)}
    name = parameters.pop("name", f"mini-{options.method}")
    with worked_store(options.home) as store:
        release_id = prepared(store, options.photos, options.pairs)
        trained = carried_out(
            store, "retrain_checkpoint", release_id=release_id, base=options.base, name=name, stage="preferences", method=options.method,
            **parameters,
        )  # fmt: skip
        say(json.dumps(trained))
        tell(store, options.base, name, release_id)
    if options.general:
        for checkpoint in (options.base, str(options.home / "checkpoints" / name)):
            say(f"{checkpoint}\n{general(*options.general, checkpoint)}")
    return 0


def prepared(store: Store, photos: Path, pairs: int) -> int:
    """The id of a release of photos with a sky whose colorizations were voted on; made where it is not there."""
    with store.reading() as session:
        known = releases.listing(session, name="skies")
    if known:
        return known[0].id
    added = imported(store, skies(photos, pairs), SOURCE)
    carried_out(store, "colorize_images", query=f"source:{SOURCE}", levels=["complete", "partial"], checkpoint="mini", seeds=list(SEEDS))
    say(f"{added} photos; {vote(store)} votes")
    with store.writing() as session:
        return releases.create(session, store.media, name="skies", author=AUTHOR, rules={"shares": SHARES}).id


def skies(root: Path, pairs: int) -> Iterator[Item]:
    """Held-out photos with a sky, evenly over the sources, with as many captions as make so many pairs."""
    sources = read_sources(root)
    skied_photos = []
    for name in sources.held_out:
        skied = [mask for mask in sources.labels[name] if mask.label == "sky"]
        photo = labeled_photo(root / name, skied) if skied else None
        if photo is not None and photo.masks.sum(0).mean() >= LEAST_SKY:
            skied_photos.append((name, photo.rgb, photo.masks.sum(0) > 0.5))
    most = min(len(skied_photos), pairs // len(CAPTIONS))
    for place in np.linspace(0, len(skied_photos) - 1, most).round().astype(int):
        name, rgb, sky = skied_photos[place]
        yield _item(name, rgb, sky)


def _item(name: str, rgb: np.ndarray, sky: np.ndarray) -> Item:
    captions = []
    for text in CAPTIONS:
        start = text.index("sky")
        captions.append(ItemCaption(text, None, (Phrase(start, start + 3, 0),)))
    content = png_of(rgb)
    notes = Notes(captions, [ItemRegion(masks.encode(sky), "sky", RegionOrigin.HUMAN)])
    return Item(Path(name).with_suffix(".png").name, name, lambda: content, notes)


def vote(store: Store) -> int:
    """Let three simulated raters compare the two seeds of every caption; the number of votes."""
    with store.writing() as session:
        study = studies.create(session, name=NAME, question="Which picture do you prefer?", method="pair", votes_per_trial=3, author=AUTHOR)
        made = list(session.scalars(select(Colorization.id).order_by(Colorization.id)))
        studies.add_pairs(session, study, made, between=("seed",), author=AUTHOR)
        studies.open_study(session, study.id, actor=AUTHOR)
        raters = [rater.id for rater, _ in studies.invite(session, study.id, 3, simulated=True, actor=AUTHOR)]
        votes = sum(_votes_of(store, session, study, rater) for rater in raters)
        studies.close(session, study.id, actor=AUTHOR)
    return votes


def _votes_of(store: Store, session: Session, study: Study, rater_id: int) -> int:
    chance, votes = np.random.default_rng(rater_id), 0
    while trial := next_trial(session, study.id, rater_id):
        merit = {one.id: -SHARPNESS * _shown_chroma(store, session, one.id) + chance.gumbel() for one in trial.stimuli}
        ratings.rate(session, trial.trial_id, rater_id, max(merit, key=merit.__getitem__))
        votes += 1
    return votes


def _shown_chroma(store: Store, session: Session, stimulus_id: int) -> float:
    """The mean chroma of the sky of a stimulus."""
    row = session.get_one(Colorization, session.get_one(Stimulus, stimulus_id).colorization_id)
    sky = masks.decode(regions.of_image(session, row.image_id)[0].region.mask)
    with PIL.Image.open(store.media.open(row.media_key)) as picture:
        return chroma_of(np.array(picture.convert("RGB")), sky)


@dataclass(frozen=True)
class Fresh:
    """What a checkpoint made of one photo, caption and seed: the sky's chroma, its adherence, and ΔE00 and chroma beside the sky."""

    image: str
    sky: float
    adherence: float | None
    elsewhere: float
    chroma_elsewhere: float


def tell(store: Store, base: str, name: str, release_id: int) -> None:
    """Color the test split with both, with fresh seeds, and print who wins and what changed beside it."""
    with store.reading() as session:
        items = releases.items(session, release_id, split=Split.TEST)
        rows = [checkpoints.named(session, one) for one in (base, name)]
    before, after = (fresh(store, row, items) for row in rows)
    images = [one.image for one in before]
    wins = [float(b.sky < a.sky) for a, b in zip(before, after, strict=True)]
    differences = {
        "wins": wins,
        "chroma of the sky": [b.sky - a.sky for a, b in zip(before, after, strict=True)],
        "adherence of the sky": [
            None if a.adherence is None or b.adherence is None else b.adherence - a.adherence for a, b in zip(before, after, strict=True)
        ],
        "ΔE00 elsewhere": [b.elsewhere - a.elsewhere for a, b in zip(before, after, strict=True)],
        "chroma elsewhere": [b.chroma_elsewhere - a.chroma_elsewhere for a, b in zip(before, after, strict=True)],
    }
    for title, values in differences.items():
        one = mean_interval(values, images)
        if one is not None:
            say(f"{title:22} {one.mean:+.4f} [{one.low:+.4f}, {one.high:+.4f}] {one.rows} comparisons of {one.images} photos")
    say(f"chroma of the sky: {np.mean([one.sky for one in before]):.1f} → {np.mean([one.sky for one in after]):.1f}")


def fresh(store: Store, checkpoint: Checkpoint, items: Sequence[ReleaseItem]) -> list[Fresh]:
    """The test items with seeds that nobody voted on."""
    made, pictures = [], []
    for item in items:
        with PIL.Image.open(store.media.open(item.color_key)) as picture:
            rgb = np.array(picture.convert("RGB"))
        region = item.regions[0]
        sky, span = masks.decode(region["mask"]), (region["start"], region["end"])
        pictures += [(item, rgb, sky, CaptionedPicture(rgb, item.caption_text, [(span, sky)], seed)) for seed in FRESH]
    results = colorize(loaded_models.colorizer_of(checkpoint), [one[-1] for one in pictures], Sampling())
    for (item, rgb, sky, _), result in zip(pictures, results, strict=True):
        pixels = np.asarray(result.image)
        far = deltaE_ciede2000(image_to_lab(pixels), image_to_lab(rgb))[~sky]
        made.append(Fresh(item.image_sha256, chroma_of(pixels, sky), result.adherence.score, float(far.mean()), chroma_of(pixels, ~sky)))
    return made


def chroma_of(rgb: np.ndarray, mask: np.ndarray) -> float:
    """The mean chroma, in Lab units, of a picture (H, W, 3) in a mask (H, W)."""
    return float(np.hypot(*image_to_lab(rgb)[mask][:, 1:].T).mean())


if __name__ == "__main__":
    sys.exit(main())
