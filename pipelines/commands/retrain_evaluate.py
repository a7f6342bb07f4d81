"""`workbench retrain` and `workbench evaluate`."""

from typing import Annotated

import typer

from db.enums import Split
from pipelines.commands.console import AsJson, Guidance, Home, Steps, Wait, ask, store_at
from pipelines.commands.releases import Name, Version
from workbench import releases


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
        parameters = {
            "release_id": release_id, "base": base, "stage": stage, "steps": steps, "learning_rate": learning_rate, "name": to,
            "method": method,
        }  # fmt: skip
        ask(store, "retrain_checkpoint", parameters, wait=wait, as_json=as_json)


def evaluate(
    checkpoint: Annotated[str, typer.Argument(help="Name of the checkpoint.")],
    release: Annotated[tuple[str, str], typer.Option(metavar="NAME VERSION", help="The release.")],
    split: Annotated[Split, typer.Option(help="Which split of it.")] = Split.TEST,
    steps: Steps = None,
    guidance: Guidance = None,
    wait: Wait = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """The metrics of a checkpoint on a release, by caption level and number of instances."""
    with store_at(home) as store:
        with store.reading() as session:
            release_id = releases.get(session, *release).id
        parameters = {"checkpoint": checkpoint, "release_id": release_id, "split": split.value, "steps": steps, "guidance": guidance}
        ask(store, "evaluate_checkpoint", parameters, wait=wait, as_json=as_json)
