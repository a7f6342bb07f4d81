"""The job that measures a checkpoint on a split of a release: by caption level, and by the number of instances in the caption."""

import base64
import hashlib
import io
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import Split
from db.models import Evaluation, ReleaseItem
from lcad.metrics import ABSENT, Adherence, compare, summarize
from lcad.metrics.learned_networks import Networks, frechet_distance
from pipelines.inference import loaded_models
from pipelines.inference.colorize import CaptionedPicture, ColorizedPicture, Sampling, colorize
from pipelines.worker.job import JobContext, Plan, StepResult, batches_of
from workbench import images, releases
from workbench.colorizations import checkpoints, evaluation_sheets, evaluations
from workbench.errors import InvalidInputError, WorkbenchError
from workbench.imaging import masks
from workbench.reviews import AUTOMATIC_ORIGINS

BATCH = 8
SEED = 0
PICTURE = "picture"


@lru_cache(maxsize=1)
def networks(folder: Path) -> Networks:
    """The networks of learned metrics whose weights lie in a folder (see `lcad.metrics.learned_networks`), read once."""
    return Networks.read(folder)


def settings_of(parameters: dict[str, Any]) -> dict[str, Any]:
    """What the numbers depend on beside checkpoint and split; None stands for the checkpoint's own.

    `unmasked` says what becomes of phrases without a mask: they are looked for. Evaluations without it left such captions to themselves.
    What is steered by captions alone says so, and what is steered by masks says nothing of it, as before there was a choice.
    """
    chosen = {"steps": parameters["steps"], "guidance": parameters["guidance"]}
    alone = {evaluations.CAPTIONS_ALONE: True} if parameters.get("captions_alone") else {}
    return {**chosen, "instances": True, "unmasked": "looked for", "seed": SEED, **alone}


def settings_hash(settings: dict[str, Any]) -> str:
    """The name of these settings: the SHA-256 of their JSON with sorted keys."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def plan(context: JobContext) -> Plan:
    """The items of the split; none where this very evaluation is there."""
    parameters = context.parameters
    if parameters["split"] not in [split.value for split in Split]:
        raise InvalidInputError(f"There is no split {parameters['split']!r}; there are {', '.join(Split)}.")
    with context.store.writing() as session:
        checkpoint = checkpoints.named(session, parameters["checkpoint"])
    with context.store.reading() as session:
        ids = [item.id for item in releases.items(session, parameters["release_id"], split=Split(parameters["split"]))]
        existing = _there(session, checkpoint.id, parameters)
    if not ids:
        raise InvalidInputError(f"The split {parameters['split']} of release {parameters['release_id']} has no items.")
    if existing:
        return Plan([], len(ids), skipped=len(ids))
    return Plan([{"checkpoint_id": checkpoint.id, "items": batch} for batch in batches_of(ids, BATCH)], len(ids))


def _there(session: Session, checkpoint_id: int, parameters: dict[str, Any]) -> Evaluation | None:
    return session.scalar(
        select(Evaluation).where(
            Evaluation.checkpoint_id == checkpoint_id,
            Evaluation.release_id == parameters["release_id"],
            Evaluation.split == Split(parameters["split"]),
            Evaluation.settings_hash == settings_hash(settings_of(parameters)),
        )
    )


def step(context: JobContext, batch: dict[str, Any]) -> StepResult:
    """Color a batch of items from their lightness and compare each with its target; the release's masks judge, and steer if they may."""
    with context.store.reading() as session:
        items = [session.get_one(ReleaseItem, item_id) for item_id in batch["items"]]
        checkpoint = checkpoints.get(session, batch["checkpoint_id"])
        sources = {image.id: image.source for image in images.by_id(session, [item.image_id for item in items if item.image_id]).values()}
    tally, readable = StepResult(), []
    for item in items:
        try:
            source, target = (_pixels(context, key) for key in (item.source_key, item.color_key))
        except (WorkbenchError, OSError) as error:
            context.failed(item.file_name, str(error))
            tally += StepResult(failed=1)
            continue
        masked = [((region["start"], region["end"]), masks.decode(region["mask"])) for region in item.regions]
        readable.append((item, target, CaptionedPicture(source, item.caption_text, masked, SEED)))
    if not readable:
        return tally
    results = colorize(
        loaded_models.colorizer_of(checkpoint),
        [picture for *_, picture in readable],
        _sampling(context.parameters),
        progress=context.keep_going,
    )
    learned = networks(context.store.settings.home / "weights")
    findings = [
        _measured(item, sources.get(item.image_id, "no longer there"), result, target, learned)
        | {PICTURE: evaluation_sheets.keep_picture(context.store.media, result.image)}
        for (item, target, _), result in zip(readable, results, strict=True)
    ]
    return tally + StepResult(done=len(findings), findings=findings)


def _sampling(parameters: dict[str, Any]) -> Sampling:
    alone = bool(parameters.get("captions_alone"))  # a run that an earlier version asked for does not say
    return Sampling(parameters["steps"], parameters["guidance"], batch_size=BATCH, captions_alone=alone)


def _pixels(context: JobContext, key: str) -> np.ndarray:
    with PIL.Image.open(io.BytesIO(context.store.media.read(key))) as picture:
        return np.array(picture.convert("RGB"))


def _measured(item: ReleaseItem, source: str, result: ColorizedPicture, target: np.ndarray, learned: Networks) -> dict[str, Any]:
    """The measures of one item, with what they are grouped by, and the features that FID compares where its network is there."""
    pixels = np.asarray(result.image)
    values = compare(pixels, target, _trusted(item, result.adherence), result.masks) | learned.compare(pixels, target, item.caption_text)
    if learned.inception is not None:
        values["features"] = [packed(learned.inception.features_of(image)) for image in (pixels, target)]
    instances = len({(region["start"], region["end"]) for region in item.regions})
    return {"item": item.id, "image": item.image_sha256, "level": item.level.value, "instances": instances, "source": source, **values}


def _trusted(item: ReleaseItem, judged: Adherence) -> Adherence:
    """Adherence without the regions that a program found and nobody confirmed: they steered the colors and would praise them."""
    automatic = [region.get("origin") in AUTOMATIC_ORIGINS for region in item.regions]
    return Adherence(tuple(None if alone else region for region, alone in zip(judged.regions, automatic, strict=True)))


def packed(features: np.ndarray) -> str:
    """Features (N,) float32 as text, for a finding."""
    return base64.b64encode(features.astype(np.float32).tobytes()).decode("ascii")


def fid_of(findings: list[dict[str, Any]]) -> float | str:
    """The Fréchet distance of results to targets, or why there is none."""
    pairs = [measured["features"] for measured in findings if "features" in measured]
    if not pairs:
        return ABSENT
    if len(pairs) < 2:
        return "not computed: of one image"
    results, targets = (np.stack([np.frombuffer(base64.b64decode(one), np.float32) for one in side]) for side in zip(*pairs, strict=True))
    return frechet_distance(results, targets)


def finish(context: JobContext, findings: list[dict[str, Any]]) -> dict[str, Any]:
    """Store the evaluation with its means, their intervals over images and the numbers of every item; give the means.

    Measures whose weights are absent say so.
    """
    parameters = context.parameters
    rows = [{name: value for name, value in measured.items() if name not in ("features", PICTURE)} for measured in findings]
    with context.store.writing() as session:
        checkpoint = checkpoints.named(session, parameters["checkpoint"])
        row = _there(session, checkpoint.id, parameters)
        if row is None:
            row = Evaluation(
                checkpoint_id=checkpoint.id,
                release_id=parameters["release_id"],
                split=Split(parameters["split"]),
                settings=settings_of(parameters),
                settings_hash=settings_hash(settings_of(parameters)),
                metrics={
                    **summarize(findings, fid_of(findings)),
                    "intervals": evaluations.intervals(rows),
                    evaluation_sheets.PICTURES_KEY: {str(one["item"]): one[PICTURE] for one in findings},
                    evaluations.ITEMS_KEY: evaluations.keep_items(context.store.media, rows),
                },
                run_id=context.run_id,
            )
            session.add(row)
            session.flush()
        return {"checkpoint": checkpoint.name, "evaluation_id": row.id, "metrics": row.metrics}
