"""Tasks to be: what of the store an annotator is shown, under which key, and what is predicted."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.enums import RatingMethod
from db.models import Colorization, Image, Stimulus, Study, Trial
from workbench import captions, images, regions
from workbench.labelstudio.result_json import labels_of, mask_result, prediction, text_result
from workbench.reviews import worth
from workbench.store import batches
from workbench.studies import scales_of

__all__ = ["GRAY", "Draft", "caption_drafts", "order_of", "region_drafts", "study_drafts", "trial_sizes"]

GRAY = "gray"
"""The name under which a source is shown without its colors."""
EMPTY = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGMoBwAAeQB4UzPh/gAAAABJRU5ErkJggg=="
"""A picture of one pixel in the gray that surrounds the others."""


@dataclass(frozen=True)
class Draft:
    """A task without the addresses of its pictures.

    `key` finds the thing again that it is about: `image:1`, `caption:1` or `trial:1`; `pictures` are media keys by the name in the task's
    data; the one called `gray` is shown in its lightness alone.
    """

    key: str
    pictures: dict[str, str]
    data: dict[str, Any] = field(default_factory=dict)
    predictions: list[dict[str, Any]] = field(default_factory=list)


def caption_drafts(session: Session, query: str) -> Iterator[Draft]:
    """A task for each image that matches a query, with its descriptions as the prediction."""
    for ids in batches(images.ids(session, query)):
        for image in session.scalars(select(Image).where(Image.id.in_(ids)).order_by(Image.id)):
            texts = [view.caption.text for view in captions.of_image(session, image.id)]
            predicted = [prediction([text_result("captions", texts)])] if texts else []
            yield Draft(f"image:{image.id}", {"image": image.upright_key}, predictions=predicted)


def region_drafts(session: Session, query: str) -> Iterator[Draft]:
    """A task for each description that matches a query and mentions something; the masks of its mentions are the prediction."""
    for caption_id in captions.matching(session, query):
        mentions = regions.for_caption(session, caption_id)
        if not mentions:
            continue
        caption = captions.get(session, caption_id)
        labels = labels_of(mention.phrase for mention in mentions)
        results = [
            mask_result(f"region-{region.id}-{label}", region.mask, label)
            for mention, label in zip(mentions, labels, strict=True)
            for region in mention.regions
        ]
        yield Draft(
            f"caption:{caption_id}",
            {"image": images.get(session, caption.image_id).upright_key},
            {"caption": caption.text, "phrases": [{"value": label} for label in labels]},
            [prediction(results)] if results else [],
        )


def trial_sizes(session: Session, study: Study) -> tuple[int, int]:
    """The smallest and the largest number of pictures in a trial of the study."""
    counted = select(func.count()).join(Trial, Trial.id == Stimulus.trial_id).where(Trial.study_id == study.id).group_by(Trial.id)
    counts = session.scalars(counted.select_from(Stimulus)).all()
    return min(counts, default=0), max(counts, default=0)


def order_of(study: Study, trial: Trial, stimuli: list[Stimulus]) -> list[Stimulus]:
    """The stimuli of a trial from left to right: drawn by the study's seed, the same each time, so that sides betray no system."""
    shown = sorted(stimuli, key=lambda stimulus: stimulus.position)
    random.Random(f"{study.seed} {trial.id}").shuffle(shown)
    return shown


def study_drafts(session: Session, study: Study, *, predicted: bool) -> Iterator[Draft]:
    """A task for each trial of a study; with `predicted` the measured adherence says what it expects, which raters then see.

    Label Studio wants every name of the form in every task: where a trial has fewer pictures or no source, an empty one stands.
    """
    _, most = trial_sizes(session, study)
    trials = session.scalars(select(Trial).where(Trial.study_id == study.id).order_by(Trial.position)).all()
    for some in batches(trials):
        shown: dict[int, list[Stimulus]] = {}
        for stimulus in session.scalars(select(Stimulus).where(Stimulus.trial_id.in_([trial.id for trial in some]))):
            shown.setdefault(stimulus.trial_id, []).append(stimulus)
        for trial in some:
            stimuli = order_of(study, trial, shown[trial.id])
            pictures = {f"picture_{place}": stimulus.media_key for place, stimulus in enumerate(stimuli, 1)}
            if trial.image_id is not None:
                pictures[GRAY] = images.get(session, trial.image_id).upright_key
            names = [GRAY, *(f"picture_{place}" for place in range(1, most + 1))]
            data: dict[str, Any] = {"caption": trial.caption_text or "", **{name: EMPTY for name in names if name not in pictures}}
            if study.method is RatingMethod.RANKING:
                data["places"] = [{"id": str(place), "title": f"Picture {place}"} for place in range(1, len(stimuli) + 1)]
            yield Draft(f"trial:{trial.id}", pictures, data, _expected(session, study, stimuli) if predicted else [])


def _expected(session: Session, study: Study, stimuli: list[Stimulus]) -> list[dict[str, Any]]:
    """What adherence expects of a trial; nothing where one of its pictures has none in masks of a person or in independent ones."""
    known = [None if row.colorization_id is None else worth(session.get_one(Colorization, row.colorization_id)) for row in stimuli]
    values = [value for value in known if value is not None]
    if len(values) < len(known):
        return []
    order = sorted(range(len(values)), key=lambda place: -values[place])
    if study.method is RatingMethod.RANKING:
        value = {"ranker": {"ranking": [str(place + 1) for place in order]}}
        results = [{"id": "ranking", "type": "ranker", "from_name": "ranking", "to_name": "places", "value": value}]
    elif study.method is RatingMethod.CATEGORY:
        results = [
            _rating(place, scale_place, 1 + round(value * (scale.points - 1)))
            for place, value in enumerate(values, 1)
            for scale_place, scale in enumerate(scales_of(study))
        ]
    elif study.method is RatingMethod.PAIR:
        value = {"selected": "left" if order[0] == 0 else "right"}
        results = [{"id": "winner", "type": "pairwise", "from_name": "winner", "to_name": "picture_1", "value": value}]
    else:
        value = {"choices": [str(order[0] + 1)]}
        results = [{"id": "winner", "type": "choices", "from_name": "winner", "to_name": "caption", "value": value}]
    return [prediction(results, score=max(values))]


def _rating(place: int, scale: int, value: int) -> dict[str, Any]:
    name = f"scale_{scale}_{place}"
    return {"id": name, "type": "rating", "from_name": name, "to_name": f"picture_{place}", "value": {"rating": value}}
