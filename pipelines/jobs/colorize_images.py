"""The job that colors images of the store: every accepted caption × seed that is not there yet, a batch a step."""

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import func, select

from db.models import Checkpoint, Colorization
from pipelines.inference import loaded_models
from pipelines.inference.colorize import CaptionedPicture, ColorizedPicture, Sampling, colorize, colors_asked
from pipelines.inference.image_metrics import measured
from pipelines.inference.independent_masks import IndependentMasks
from pipelines.worker.job import JobContext, Plan, StepResult, batches_of
from workbench import colorizations, images, regions, reviews
from workbench.colorizations import Request, checkpoints
from workbench.colorizations.asked_colors import asked_colors
from workbench.colorizations.credentials import Making, with_credentials
from workbench.errors import WorkbenchError
from workbench.imaging import masks, png_of
from workbench.search import trusted_adherence

log = logging.getLogger("workbench.jobs")

BATCH = 8


def settings_of(parameters: dict[str, Any]) -> dict[str, Any]:
    """The settings that a colorization is keyed by: what was chosen; None stands for the checkpoint's own.

    What came later is among them only where it was chosen, so that what was made before keeps its key.
    """
    chosen = {name: parameters[name] for name in ("steps", "guidance", "instances")}
    chosen |= {name: parameters[name] for name in ("preset", "expected") if parameters.get(name) is not None}
    return chosen | asked_colors(parameters.get("pins") or (), parameters.get("palette") or ())


def plan(context: JobContext) -> Plan:
    """The missing colorizations, by caption and seed."""
    parameters = context.parameters
    with context.store.writing() as session:
        checkpoint = checkpoints.named(session, parameters["checkpoint"])
    with context.store.reading() as session:
        missing = colorizations.pending(
            session,
            query=parameters["query"],
            levels=parameters["levels"],
            checkpoint_id=checkpoint.id,
            settings=settings_of(parameters),
            seeds=parameters["seeds"],
        )
    rows = [[request.image_id, request.caption_id, request.seed, request.key] for request in missing]
    return Plan([{"checkpoint_id": checkpoint.id, "rows": batch} for batch in batches_of(rows, BATCH)], len(rows))


@dataclass(frozen=True)
class Work:
    """A request with the picture that it colors, whether that has color of its own, the SHA-256 of its file, and what the run's list
    calls it."""

    request: Request
    picture: CaptionedPicture
    has_reference: bool
    source_sha256: str
    item: str


def step(context: JobContext, batch: dict[str, Any]) -> StepResult:
    """Color one batch and store it; what is there already counts as done."""
    rows = batch["rows"]
    with context.store.reading() as session:
        stored = colorizations.stored_keys(session, [key for *_, key in rows])
        missing = [row for row in rows if row[3] not in stored]
        checkpoint = checkpoints.get(session, batch["checkpoint_id"])
        captions_seeds = [(caption_id, seed) for _, caption_id, seed, _ in missing]
        requests = colorizations.planned(
            session, captions_seeds, checkpoint_digest=checkpoint.digest, settings=settings_of(context.parameters)
        )
        pictures = images.by_id(session, [image_id for image_id, *_ in missing])
    as_planned = {request.key: request for request in requests}
    tally, works, pixels = StepResult(done=len(rows) - len(missing)), [], {}
    for image_id, caption_id, seed, key in missing:
        image, request = pictures.get(image_id), as_planned.get(key)
        item = f"{image.file_name if image else f'image {image_id}'} · caption {caption_id} · seed {seed}"
        if request is None or image is None:
            context.skipped(item, "Its caption or its masks changed after the run was asked for; ask again.")
            tally += StepResult(skipped=1)
            continue
        try:
            if image_id not in pixels:  # the model reads and encodes a picture of several captions once
                pixels[image_id] = images.upright_rgb(context.store.media, image)
        except WorkbenchError as error:
            context.failed(item, str(error))
            tally += StepResult(failed=1)
            continue
        masked = [(span, masks.decode(rle)) for span, rle in request.regions]
        constraints, things = colors_asked(settings_of(context.parameters), pixels[image_id])
        picture = CaptionedPicture(pixels[image_id], request.caption_text, masked, seed, constraints, things)
        works.append(Work(request, picture, image.has_reference, image.sha256, item))
    return tally + _color(context, checkpoint, works, tally) if works else tally


def _color(context: JobContext, checkpoint: Checkpoint, works: list[Work], before: StepResult) -> StepResult:
    """Color the works together; where that fails, one by one, so that one that cannot be colored does not hold up the others."""
    parameters = context.parameters
    settings = parameters["steps"], parameters["guidance"], parameters["instances"]
    try:
        results = colorize(
            loaded_models.colorizer_of(checkpoint),
            [work.picture for work in works],
            Sampling(*settings, BATCH, parameters.get("expected"), parameters.get("preset")),
            progress=context.keep_going,
        )
    except (ValueError, RuntimeError) as error:
        if len(works) > 1:
            tally = StepResult()
            for work in works:
                tally += _color(context, checkpoint, [work], before + tally)
            return tally
        log.exception("%s could not be colored", works[0].item)
        context.failed(works[0].item, f"The model could not color it: {error}")
        return StepResult(failed=1)
    measures = [_measures(work, result) for work, result in zip(works, results, strict=True)]
    files = [_file(checkpoint, settings_of(parameters), work, result) for work, result in zip(works, results, strict=True)]
    tally = StepResult(done=len(works))
    by_others = _adherence_by_others(context, checkpoint, works, results)
    with context.store.writing() as session:
        origins = regions.origins_by_caption(session, [work.request.caption_id for work in works])
        for work, result, content, facts, independent in zip(works, results, files, measures, by_others, strict=True):
            drawn_by = sorted(origins.get(work.request.caption_id, set()))
            colorizations.store(
                session,
                context.store.media,
                work.request,
                content,
                checkpoint_id=checkpoint.id,
                settings=settings_of(parameters),
                seconds=result.seconds,
                adherence=result.adherence.score,
                facts=facts | reviews.facts_of(drawn_by, steered=_steers(context, work), independent=independent),
                run_id=context.run_id,
            )
        context.report_in(session, before + tally)
    return tally


def _steers(context: JobContext, work: Work) -> bool:
    """Whether the masks of a work steer its colors."""
    return bool(context.parameters["instances"] and work.picture.masked)


def _adherence_by_others(
    context: JobContext, checkpoint: Checkpoint, works: list[Work], results: list[ColorizedPicture]
) -> list[float | None]:
    """Where automatic masks steered: the adherence in masks that were found in another way; None where there is none."""
    with context.store.reading() as session:
        ways = regions.ways_of_finding(session, [work.request.caption_id for work in works])
    others = IndependentMasks(loaded_models.colorizer_of(checkpoint))
    return [
        others.adherence(work.picture.rgb, result, ways.get(work.request.caption_id, {})) if _steers(context, work) else None
        for work, result in zip(works, results, strict=True)
    ]


def _file(checkpoint: Checkpoint, settings: dict[str, Any], work: Work, result: ColorizedPicture) -> bytes:
    """The PNG of a result, which says what it is."""
    making = Making(checkpoint.name, checkpoint.digest, result.caption, work.request.seed, settings, work.source_sha256)
    return with_credentials(png_of(np.asarray(result.image)), making)


def _measures(work: Work, result: ColorizedPicture) -> dict[str, Any]:
    """What is stored beside a colorization: its mentions, the words that were not read, and its metrics."""
    metrics = measured(np.asarray(result.image), work.picture.rgb, result.masks, has_reference=work.has_reference)
    return {"mentions": _mentions(result), "lost_words": result.lost_words, "metrics": metrics}


def _mentions(result: ColorizedPicture) -> list[dict[str, Any]]:
    """By grounded phrase: the color terms asked for, the Lab color that its region got, the score, and whether that is right."""
    phrases = [result.caption[slice(*region.phrase)] for region in result.regions]
    return [
        {"phrase": phrase, "terms": list(judged.terms), "lab": list(judged.lab), "score": judged.score, "right": judged.right}
        for phrase, judged in zip(phrases, result.adherence.regions, strict=True)
        if judged is not None
    ]


def finish(context: JobContext, _findings: list[Any]) -> dict[str, Any]:
    """How many colorizations the run made, and their mean adherence in masks of a person or in independent ones."""
    with context.store.reading() as session:
        count, mean = session.execute(
            select(func.count(Colorization.id), func.avg(trusted_adherence())).where(Colorization.run_id == context.run_id)
        ).one()
    return {"colorizations": count, "mean_adherence": None if mean is None else round(float(mean), 4)}
