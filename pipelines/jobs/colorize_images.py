"""The job that colors images of the store: every accepted caption × seed that is not there yet, a batch a step."""

import io
import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import PIL.Image
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from db.models import Checkpoint, Colorization
from lcad import LCADPipeline, Region
from lcad.metrics import Adherence, adherence
from lcad.prompts import read_prompt
from pipelines.inference import loaded_models
from pipelines.inference.image_metrics import measured
from pipelines.inference.phrase_regions import steering_regions
from pipelines.worker.job import JobContext, Plan, Tally, batches_of
from workbench import captions, colorizations, images, regions
from workbench.colorizations import Request, checkpoints
from workbench.errors import WorkbenchError
from workbench.imaging import masks

log = logging.getLogger("workbench.jobs")

BATCH = 8


def settings_of(parameters: dict[str, Any]) -> dict[str, Any]:
    """The settings that a colorization is keyed by: what was chosen; None stands for the checkpoint's own."""
    return {name: parameters[name] for name in ("steps", "guidance", "instances")}


def plan(context: JobContext) -> Plan:
    """The missing colorizations, by caption and seed."""
    asked = context.parameters
    with context.store.writing() as session:
        checkpoint = checkpoints.named(session, asked["checkpoint"])
    with context.store.reading() as session:
        missing = colorizations.pending(
            session,
            query=asked["query"],
            levels=asked["levels"],
            checkpoint_id=checkpoint.id,
            settings=settings_of(asked),
            seeds=asked["seeds"],
        )
    rows = [[request.image_id, request.caption_id, request.seed, request.key] for request in missing]
    return Plan([{"checkpoint_id": checkpoint.id, "rows": batch} for batch in batches_of(rows, BATCH)], len(rows))


@dataclass(frozen=True)
class Work:
    """A request with the picture (H, W, 3) uint8 that it colors, the regions of its grounded phrases, and whether it has color."""

    request: Request
    item: str
    rgb: np.ndarray
    regions: list[Region]
    has_reference: bool


def step(context: JobContext, batch: dict[str, Any]) -> Tally:
    """Color one batch and store it; what is there already counts as done."""
    tally, works, pictures = Tally(), [], {}
    for image_id, caption_id, seed, key in batch["rows"]:
        with context.store.reading() as session:
            if session.scalar(select(exists().where(Colorization.key == key))):
                tally += Tally(done=1)
                continue
            checkpoint = checkpoints.get(session, batch["checkpoint_id"])
            request = _request(context, session, checkpoint, image_id, caption_id, seed)
            image = images.get(session, image_id)
        item = f"{image.file_name} · caption {caption_id} · seed {seed}"
        if request.key != key:
            context.skipped(item, "Its caption or its masks changed after the run was asked for; ask again.")
            tally += Tally(skipped=1)
            continue
        try:
            if image_id not in pictures:  # the model reads and encodes a picture of several captions once
                pictures[image_id] = images.upright_rgb(context.store.media, image)
            works.append(Work(request, item, pictures[image_id], _regions(context, request), image.has_reference))
        except WorkbenchError as error:
            context.failed(item, str(error))
            tally += Tally(failed=1)
    return tally + _color(context, checkpoint, works) if works else tally


def _request(context: JobContext, session: Session, checkpoint: Checkpoint, image_id: int, caption_id: int, seed: int) -> Request:
    """The request as it stands now; its key differs from the planned one where the caption or its masks changed."""
    caption, settings = captions.get(session, caption_id), settings_of(context.parameters)
    grounded = regions.grounded_regions(session, [caption_id]).get(caption_id, []) if settings["instances"] else []
    sha256 = images.get(session, image_id).sha256
    key = colorizations.input_key(sha256, caption.text, grounded, checkpoint.digest, settings, seed)
    return Request(image_id, caption_id, seed, key, caption.text, tuple(grounded))


def _regions(context: JobContext, request: Request) -> list[Region]:
    """The regions of a request; without instances its grounded phrases still judge the result."""
    grounded = request.regions
    if not grounded:
        with context.store.reading() as session:
            grounded = regions.grounded_regions(session, [request.caption_id]).get(request.caption_id, [])
    return [Region(span, masks.decode(rle)) for span, rle in grounded]


def _color(context: JobContext, checkpoint: Checkpoint, works: list[Work]) -> Tally:
    """Color the works together; where that fails, one by one, so that one that cannot be colored does not hold up the others."""
    asked, tally = context.parameters, Tally()
    pipeline, texts = loaded_models.pipeline_of(checkpoint), [work.request.caption_text for work in works]
    steering = steering_regions(texts, [work.regions for work in works]) if asked["instances"] else None
    try:
        results = pipeline(
            [work.rgb for work in works],
            texts,
            steering,
            [work.request.seed for work in works],
            asked["steps"],
            asked["guidance"],
            batch_size=BATCH,
            progress=lambda _done, _total: context.check() or True,
        )
    except (ValueError, RuntimeError) as error:
        if len(works) > 1:
            for work in works:
                tally += _color(context, checkpoint, [work])
            return tally
        log.exception("%s could not be colored", works[0].item)
        context.failed(works[0].item, f"The model could not color it: {error}")
        return Tally(failed=1)
    for work, result in zip(works, results, strict=True):
        _store(context, checkpoint, pipeline, work, result)
        tally += Tally(done=1)
        context.report(tally)
    return tally


def _store(context: JobContext, checkpoint: Checkpoint, pipeline: LCADPipeline, work: Work, result: PIL.Image.Image) -> None:
    text, pixels = work.request.caption_text, np.asarray(result)
    phrases = [text[slice(*region.phrase)] for region in work.regions]
    masks_of = [region.mask for region in work.regions]
    judged = adherence(pixels, phrases, masks_of)
    metrics = measured(pixels, work.rgb, masks_of, has_reference=work.has_reference)
    content = io.BytesIO()
    result.save(content, "PNG")
    with context.store.writing() as session:
        colorizations.store(
            session,
            context.store.media,
            work.request,
            content.getvalue(),
            checkpoint_id=checkpoint.id,
            settings=settings_of(context.parameters),
            seconds=result.info["seconds"],
            adherence=judged.score,
            facts={"mentions": _mentions(phrases, judged), "lost_words": lost_words(pipeline, text), "metrics": metrics},
            run_id=context.run_id,
        )


def _mentions(phrases: list[str], judged: Adherence) -> list[dict[str, Any]]:
    """By grounded phrase: the color terms asked for, the Lab color that its region got, the score, and whether that is right."""
    return [
        {"phrase": phrase, "terms": list(found.terms), "lab": list(found.lab), "score": found.score, "right": found.right}
        for phrase, found in zip(phrases, judged.regions, strict=True)
        if found is not None
    ]


def lost_words(pipeline: LCADPipeline, caption: str) -> str:
    """The words of a caption past the text encoder's length; empty where it reads all."""
    return read_prompt(pipeline.tokenizer, caption, pipeline.text_encoder.config.max_position_embeddings).lost


def finish(context: JobContext, _findings: list[Any]) -> dict[str, Any]:
    """How many colorizations the run made, and their mean adherence."""
    with context.store.reading() as session:
        count, mean = session.execute(
            select(func.count(Colorization.id), func.avg(Colorization.adherence)).where(Colorization.run_id == context.run_id)
        ).one()
    return {"colorizations": count, "mean_adherence": None if mean is None else round(float(mean), 4)}
