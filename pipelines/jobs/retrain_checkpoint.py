"""The job that trains a new checkpoint from a release, in a process of its own that reads nothing but the release's files."""

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import Split
from db.models import Checkpoint, Release
from lcad.guests import is_guest
from pipelines.inference.checkpoint_location import location_of
from pipelines.jobs.export_release import write_export
from pipelines.jobs.training_process import Training
from pipelines.worker.job import JobContext, Plan, StepResult
from workbench import releases
from workbench.colorizations import checkpoints
from workbench.errors import ConflictError, InvalidInputError
from workbench.exports import preferences
from workbench.exports.preferences import SplitPairs

STAGES = ("luminance", "denoiser", "preferences")
METHODS = ("dpo", "winners")
TRAINED = ("everything", "published")
WHEN = ("before", "after")
OPTIONS = {
    "denoiser": ("lora_rank", "natural_steps", "grounder_steps", "trained", "batch_size", "denoiser_keep", "validations"),
    "luminance": ("batch_size",),
    "preferences": ("method", "beta", "keep", "trained", "batch_size", "validations"),
}
"""What a stage is told beside steps and learning rate; None leaves it to the training."""


def plan(context: JobContext) -> Plan:
    """One batch; its items are the training steps. Nothing is to do where the same training has been done before."""
    parameters = context.parameters
    if parameters["stage"] not in STAGES:
        raise InvalidInputError(f"There is no stage {parameters['stage']!r}; there are {', '.join(STAGES)}.")
    if not isinstance(parameters["steps"], int) or parameters["steps"] < 1:
        raise InvalidInputError(f"Expected one training step or more, got {parameters['steps']!r}.")
    if parameters["learning_rate"] is not None and not 0 < parameters["learning_rate"] < 1:
        raise InvalidInputError(f"Expected a learning rate between 0 and 1, got {parameters['learning_rate']!r}.")
    if parameters["method"] not in METHODS:
        raise InvalidInputError(
            f"There is no method {parameters['method']!r} of learning from preferences; there are {', '.join(METHODS)}."
        )
    if parameters["trained"] not in (None, *TRAINED):
        raise InvalidInputError(f"Expected {' or '.join(TRAINED)} as what is trained, got {parameters['trained']!r}.")
    for name, least in (("lora_rank", 0), ("natural_steps", 0), ("grounder_steps", 0), ("batch_size", 1), ("validations", 1)):
        if parameters[name] is not None and (not isinstance(parameters[name], int) or parameters[name] < least):
            raise InvalidInputError(f"Expected a whole number from {least} on as {name}, got {parameters[name]!r}.")
    with context.store.writing() as session:
        base = checkpoints.named(session, parameters["base"])
        if is_guest(location_of(base)):
            raise InvalidInputError(f"{base.name} is a guest: it colors, but it cannot be trained here. Choose another checkpoint.")
    with context.store.reading() as session:
        release = releases.by_id(session, parameters["release_id"])
        pairs = preferences.pairs_of_release(session, release.id) if parameters["stage"] == "preferences" else None
        key = _key(base, release.manifest_hash, parameters, pairs)
        trained = _trained(session, key)
        name = parameters["name"] or free_name(session, base.name)
        if not trained and session.scalar(select(Checkpoint).where(Checkpoint.name == name)):
            raise ConflictError(f"There is a checkpoint {name} already; choose another name for the new one.")
        if pairs is None:
            _require_splits(session, release)
        else:
            preferences.require(pairs)
    if trained:
        return Plan([{"checkpoint_id": trained.id}], parameters["steps"])
    return Plan([{"key": key, "base_id": base.id, "name": name}], parameters["steps"])


def _require_splits(session: Session, release: Release) -> None:
    """Raise InvalidInputError where there is nothing to learn from, or nothing to be validated on."""
    items = releases.summary(session, release.id).by_split
    empty = [split.value for split in (Split.TRAIN, Split.VALIDATION) if not sum(items[split].values())]
    if empty:
        raise InvalidInputError(
            f"{release.name} {release.version} has nothing in {' and '.join(empty)}. A training needs both: accepted colorizations and "
            "originals in color to learn from, and other originals in color to be validated on. Add some and release again."
        )


def _key(base: Checkpoint, manifest_hash: str, parameters: dict[str, Any], pairs: SplitPairs | None) -> str:
    """The name of a training: a hash over all that its result depends on; preferences grow while a release stays."""
    depends_on = [base.digest, manifest_hash, parameters["stage"], parameters["steps"], parameters["learning_rate"]]
    if pairs is not None:
        depends_on += [parameters["method"], repr(pairs)]
    told = {name: value for name, value in _options(parameters).items() if value is not None and name not in ("learning_rate", "method")}
    depends_on += [told] if told else []
    return hashlib.sha256(json.dumps(depends_on).encode()).hexdigest()[:16]


def _options(parameters: dict[str, Any]) -> dict[str, Any]:
    """What the training of a stage is told beside its steps."""
    return {name: parameters[name] for name in ("learning_rate", *OPTIONS[parameters["stage"]])}


def _trained(session: Session, key: str) -> Checkpoint | None:
    return next((row for row in checkpoints.listing(session) if row.facts.get("training_key") == key), None)


def free_name(session: Session, base: str) -> str:
    """The base's name with the lowest number from 2 on that no checkpoint has: mini, mini-2, mini-3 …"""
    root = re.sub(r"-\d+$", "", base)
    taken = {row.name for row in checkpoints.listing(session)}
    return next(f"{root}-{number}" for number in range(2, len(taken) + 3) if f"{root}-{number}" not in taken)


def step(context: JobContext, batch: dict[str, Any]) -> StepResult:
    """Train to the end, register the checkpoint, and give its id and losses."""
    if "checkpoint_id" in batch:
        return StepResult(done=context.parameters["steps"], findings=[batch])
    training = _prepared(context, batch)
    child = training.start()
    try:
        for row in training.follow(child):
            context.check()
            if row is not None:
                loss = row.get("loss")
                context.report(StepResult(done=row["step"]), f"Step {row['step']}" + (f", loss {loss:.4f}" if loss is not None else ""))
    finally:
        training.stop(child)
    checkpoint_id = _registered(context, batch, training)
    return StepResult(done=context.parameters["steps"], findings=[{"checkpoint_id": checkpoint_id}])


def _prepared(context: JobContext, batch: dict[str, Any]) -> Training:
    """The training with its release exported to the folder that it reads."""
    parameters, folder = context.parameters, context.store.settings.trainings / batch["key"]
    by_preference = parameters["stage"] == "preferences"
    source = folder / ("preferences" if by_preference else "release")
    context.say("Writes the files to learn from.")
    if not by_preference:
        write_export(context, "imagefolder", source, lambda _done, _total: context.check())
    elif not source.exists():
        with context.store.reading() as session:
            pairs = preferences.pairs_of_release(session, parameters["release_id"])
            preferences.write_pairs(session, context.store.media, pairs, source)
    context.say("Starts the training.")
    with context.store.reading() as session:
        base = checkpoints.get(session, batch["base_id"])
    where = (source, location_of(base), parameters["stage"], parameters["steps"], folder / "checkpoint")
    return Training(*where, _options(parameters))


def _registered(context: JobContext, batch: dict[str, Any], training: Training) -> int:
    """Copy the trained weights to the store's checkpoints, whole or not at all, and enter them."""
    settings, parameters, name = context.store.settings, context.parameters, batch["name"]
    outcome = training.outcome()
    facts = {
        "stage": parameters["stage"], "steps": parameters["steps"], "learning_rate": parameters["learning_rate"],
        **{name: value for name, value in _options(parameters).items() if value is not None},
        "kept_step": outcome.kept_step, "seconds": outcome.seconds,
        "validation_loss_before": outcome.loss_before, "validation_loss_after": outcome.loss_after, "training_key": batch["key"],
        **{f"validation_{name}_{when}": value for name, both in outcome.judged.items() for when, value in zip(WHEN, both, strict=True)},
    }  # fmt: skip
    place = settings.checkpoints / name
    _copy_whole(training.out, place)
    with context.store.writing() as session:
        row = checkpoints.register(
            session,
            name=name,
            location=str(place),
            digest=checkpoints.folder_digest(place),
            parent_id=batch["base_id"],
            release_id=parameters["release_id"],
            run_id=context.run_id,
            facts=facts,
            author=context.author,
        )
        return row.id


def _copy_whole(source: Path, place: Path) -> None:
    """Copy a checkpoint without its training's states and logs; an earlier copy of an interrupted step is replaced."""
    part = place.with_name(f".{place.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(source, part, ignore=shutil.ignore_patterns("training", "output.log", "process.json"))
    shutil.rmtree(place, ignore_errors=True)
    part.rename(place)


def finish(context: JobContext, findings: list[dict[str, Any]]) -> dict[str, Any]:
    """The new checkpoint and its validation losses before and after."""
    with context.store.reading() as session:
        row = checkpoints.get(session, findings[0]["checkpoint_id"])
    judged = [f"validation_{name}_{when}" for name in ("adherence", "delta_e") for when in WHEN]
    names = ("validation_loss_before", "validation_loss_after", *judged, "steps", "kept_step", "seconds", "stage")
    return {"checkpoint": row.name, "checkpoint_id": row.id, **{name: row.facts.get(name) for name in names}}
