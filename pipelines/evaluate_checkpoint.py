"""The job that measures a checkpoint on a split of a release: by caption level, and by the number of instances in the caption."""

import hashlib
import io
import json
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import PIL.Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import Split
from db.models import Evaluation, ReleaseItem
from lcad import Region
from lcad.metrics import NOT_COMPUTED, adherence, colorfulness, compare
from pipelines import models
from pipelines.job import JobContext, Plan, Tally, batches_of
from workbench import checkpoints, masks, releases
from workbench.errors import InvalidInputError, WorkbenchError

BATCH = 8
MEASURES = ("psnr", "ssim", "delta_e", "colorfulness", "colorfulness_gap", "adherence")
SEED = 0


def settings_of(parameters: dict[str, Any]) -> dict[str, Any]:
    """What the numbers depend on beside checkpoint and split; None stands for the checkpoint's own."""
    return {"steps": parameters["steps"], "guidance": parameters["guidance"], "instances": True, "seed": SEED}


def settings_hash(settings: dict[str, Any]) -> str:
    """The name of these settings: the SHA-256 of their JSON with sorted keys."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def plan(context: JobContext) -> Plan:
    """The items of the split; none where this very evaluation is there."""
    asked = context.parameters
    if asked["split"] not in [split.value for split in Split]:
        raise InvalidInputError(f"There is no split {asked['split']!r}; there are {', '.join(Split)}.")
    with context.store.writing() as session:
        checkpoint = checkpoints.named(session, asked["checkpoint"])
        ids = [item.id for item in releases.items(session, asked["release_id"], split=Split(asked["split"]))]
        there = _there(session, checkpoint.id, asked)
    if not ids:
        raise InvalidInputError(f"The split {asked['split']} of release {asked['release_id']} has no items.")
    if there:
        return Plan([], len(ids), skipped=len(ids))
    return Plan([{"checkpoint_id": checkpoint.id, "items": batch} for batch in batches_of(ids, BATCH)], len(ids))


def _there(session: Session, checkpoint_id: int, asked: dict[str, Any]) -> Evaluation | None:
    return session.scalar(
        select(Evaluation).where(
            Evaluation.checkpoint_id == checkpoint_id,
            Evaluation.release_id == asked["release_id"],
            Evaluation.split == Split(asked["split"]),
            Evaluation.settings_hash == settings_hash(settings_of(asked)),
        )
    )


def step(context: JobContext, batch: dict[str, Any]) -> Tally:
    """Color a batch of items from their lightness and compare each with its target."""
    with context.store.reading() as session:
        items = [session.get_one(ReleaseItem, item_id) for item_id in batch["items"]]
        checkpoint = checkpoints.get(session, batch["checkpoint_id"])
    tally, readable = Tally(), []
    for item in items:
        try:
            sources = [_pixels(context, key) for key in (item.source_key, item.color_key)]
            readable.append((item, *sources, [_region(region) for region in item.regions]))
        except (WorkbenchError, OSError) as error:
            context.failed(item.file_name, str(error))
            tally += Tally(failed=1)
    if not readable:
        return tally
    results = models.pipeline_of(checkpoint)(
        [source for _, source, _, _ in readable],
        [item.caption_text for item, *_ in readable],
        [regions for *_, regions in readable],
        [SEED] * len(readable),
        context.parameters["steps"],
        context.parameters["guidance"],
        batch_size=BATCH,
        progress=lambda _done, _total: context.check() or True,
    )
    found = [
        _measured(item, np.asarray(result), target, regions) for (item, _, target, regions), result in zip(readable, results, strict=True)
    ]
    return tally + Tally(done=len(found), findings=found)


def _pixels(context: JobContext, key: str) -> np.ndarray:
    with PIL.Image.open(io.BytesIO(context.store.media.read(key))) as picture:
        return np.array(picture.convert("RGB"))


def _region(region: dict[str, Any]) -> Region:
    return Region((region["start"], region["end"]), masks.decode(region["mask"]))


def _measured(item: ReleaseItem, result: np.ndarray, target: np.ndarray, regions: list[Region]) -> dict[str, Any]:
    """The measures of one item, with what they are grouped by."""
    judged = adherence(result, [item.caption_text[slice(*region.phrase)] for region in regions], [region.mask for region in regions])
    values = {**compare(result, target), "adherence": judged.score}
    instances = len({(region["start"], region["end"]) for region in item.regions})
    numbers = {name: values[name] for name in MEASURES}
    return {"level": item.level.value, "instances": instances, "right": judged.right, "target": colorfulness(target), **numbers}


def finish(context: JobContext, findings: list[dict[str, Any]]) -> dict[str, Any]:
    """Store the evaluation with its means, and give them; measures whose weights are absent say so."""
    asked = context.parameters
    with context.store.writing() as session:
        checkpoint = checkpoints.named(session, asked["checkpoint"])
        row = _there(session, checkpoint.id, asked)
        if row is None:
            row = Evaluation(
                checkpoint_id=checkpoint.id,
                release_id=asked["release_id"],
                split=Split(asked["split"]),
                settings=settings_of(asked),
                settings_hash=settings_hash(settings_of(asked)),
                metrics=summarize(findings),
                run_id=context.run_id,
            )
            session.add(row)
            session.flush()
        return {"checkpoint": checkpoint.name, "evaluation_id": row.id, "metrics": row.metrics}


def summarize(findings: list[dict[str, Any]]) -> dict[str, Any]:
    """The means over all items, over those of each caption level, and over those of each number of instances (3 stands for more)."""
    groups = {
        "by_level": _grouped(findings, lambda found: found["level"]),
        "by_instances": _grouped(findings, lambda found: str(min(found["instances"], 3))),
    }
    return {**_means(findings), **groups, **NOT_COMPUTED}


def _grouped(findings: list[dict[str, Any]], key: Callable[[dict[str, Any]], str]) -> dict[str, Any]:
    return {name: _means([found for found in findings if key(found) == name]) for name in sorted({key(found) for found in findings})}


def _means(findings: list[dict[str, Any]]) -> dict[str, Any]:
    """Means of each measure where it is known; `right` is the share of judged images whose mentions are all right."""
    means = {name: _mean(found[name] for found in findings) for name in MEASURES}
    gap = _mean(found["colorfulness"] for found in findings), _mean(found["target"] for found in findings)
    means["colorfulness_gap_of_means"] = None if None in gap else abs(gap[0] - gap[1])
    return {"items": len(findings), "right": _mean(found["right"] for found in findings), **means}


def _mean(values: Iterable[float | None]) -> float | None:
    known = [float(value) for value in values if value is not None and math.isfinite(value)]
    return round(sum(known) / len(known), 5) if known else None
