"""`workbench retrain` and `workbench evaluate`."""

from dataclasses import asdict
from importlib.util import find_spec
from typing import Annotated, Any

import typer

from db.enums import Split
from pipelines.commands.console import AsJson, CaptionsAlone, Guidance, Home, Steps, Wait, ask, emit, store_at
from pipelines.commands.releases import Name, Version
from workbench import releases
from workbench.errors import InvalidInputError, MissingPartError
from workbench.open_store import Store


def retrain(
    name: Name,
    version: Version,
    base: Annotated[str, typer.Option(help="Name of the checkpoint to start from.")] = "mini",
    stage: Annotated[
        str, typer.Option(help="luminance, denoiser, or preferences (votes and verdicts on the release's photos).")
    ] = "denoiser",
    steps: Annotated[int, typer.Option(min=1, help="Training steps.")] = 200,
    learning_rate: Annotated[float | None, typer.Option(help="The highest; by default 3e-5, which suits large checkpoints.")] = None,
    method: Annotated[str, typer.Option(help="Of preferences: dpo (pairs) or winners (what was preferred alone).")] = "dpo",
    trained: Annotated[str | None, typer.Option(help="Of the denoiser: everything, or published (input, up blocks, output).")] = None,
    lora_rank: Annotated[
        int | None, typer.Option(min=0, help="Above 0 the denoiser's attention learns alone, by low-rank additions.")
    ] = None,
    natural_steps: Annotated[
        int | None, typer.Option(min=0, help="Steps in which the color prior learns what no caption asks for; 0 leaves it.")
    ] = None,
    grounder_steps: Annotated[
        int | None, typer.Option(min=0, help="Steps in which the grounder learns to find the release's phrases; 0 leaves it.")
    ] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Items of a step.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Train nothing: say what it would take.")] = False,
    on: Annotated[str | None, typer.Option(help="With --plan: on which hardware, by name; by default this machine's is measured.")] = None,
    price: Annotated[float | None, typer.Option(min=0, help="With --plan: dollars an hour, instead of a rough guess.")] = None,
    to: Annotated[str | None, typer.Option(help="Name of the new checkpoint; by default the base's with a number.")] = None,
    wait: Wait = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Train a new checkpoint from a release, or from what people prefer on its photos.

    `runs cancel` stops it, `runs resume` goes on from its newest state.
    """
    with store_at(home) as store:
        with store.reading() as session:
            release_id = releases.get(session, name, version).id
        if plan:
            kept = {
                "stage": stage, "trained": trained, "lora_rank": lora_rank, "batch_size": batch_size, "natural_steps": natural_steps,
                "grounder_steps": grounder_steps,
            }  # fmt: skip
            _tell_plan(store, release_id, base, steps, on, price, {key: value for key, value in kept.items() if value is not None}, as_json)
            return
        if on is not None or price is not None:
            raise InvalidInputError("--on and --price say where a training would run; they go with --plan.")
        parameters = {
            "release_id": release_id, "base": base, "stage": stage, "steps": steps, "learning_rate": learning_rate, "name": to,
            "method": method, "trained": trained, "lora_rank": lora_rank, "natural_steps": natural_steps, "grounder_steps": grounder_steps,
            "batch_size": batch_size,
        }  # fmt: skip
        ask(store, "retrain_checkpoint", parameters, wait=wait, as_json=as_json)


def _tell_plan(
    store: Store, release_id: int, base: str, steps: int, on: str | None, price: float | None, kept: dict[str, Any], as_json: bool
) -> None:
    """Say what a training of the denoiser would take."""
    if find_spec("torch") is None:
        raise MissingPartError("A plan needs the model extra: pip install 'lcad-workbench[model]'.")
    from pipelines.inference.training_plans import plan_for  # only here, so that a training is asked for without torch

    planned = plan_for(store, release_id, base, steps, on, price, kept)
    if as_json:
        emit({**asdict(planned), "seconds": planned.seconds, "hours": planned.hours})
        return
    enough = {True: "there is enough", False: "it has less: take a smaller batch, or --lora-rank", None: "how much it has is not known"}
    cost = "" if planned.cost is None else f", about ${planned.cost:.2f}"
    parts = ", ".join(f"{name} {duration(seconds)}" for name, seconds in planned.parts.items())
    typer.echo(
        f"{planned.device}: {duration(planned.seconds)} at most{cost}: {parts}.\n"
        f"{planned.steps:,} steps, each item seen {planned.passes:.1f} times, {planned.validations} validations. "
        f"Memory {planned.memory_gb:.1f} GB; {enough[planned.fits]}.\n"
        + (
            "Measured with this base on this machine, beside whatever else it does now."
            if planned.measured
            else "Reckoned from operations and the maker's peak, not measured: an estimate."
        )
    )


def duration(seconds: float) -> str:
    """A span of time as a person would say it: 4 s, 3 min, 2.5 h."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def evaluate(
    checkpoint: Annotated[str, typer.Argument(help="Name of the checkpoint.")],
    release: Annotated[tuple[str, str], typer.Option(metavar="NAME VERSION", help="The release.")],
    split: Annotated[Split, typer.Option(help="Which split of it.")] = Split.TEST,
    steps: Steps = None,
    guidance: Guidance = None,
    captions_alone: CaptionsAlone = False,
    wait: Wait = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """The metrics of a checkpoint on a release, by caption level and number of instances."""
    with store_at(home) as store:
        with store.reading() as session:
            release_id = releases.get(session, *release).id
        parameters = {
            "checkpoint": checkpoint, "release_id": release_id, "split": split.value, "steps": steps, "guidance": guidance,
            "captions_alone": captions_alone,
        }  # fmt: skip
        ask(store, "evaluate_checkpoint", parameters, wait=wait, as_json=as_json)
