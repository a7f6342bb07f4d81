"""`workbench experiments`: a question about a checkpoint, asked of a release."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from db.enums import Split
from pipelines.commands.console import AsJson, Home, emit, progress_bar, store_at
from workbench.colorizations import checkpoints
from workbench.errors import InvalidInputError, MissingPartError

if find_spec("torch") is None:
    raise MissingPartError("experiments need the model extra: pip install 'lcad-workbench[model]'.")

from pipelines.experiments import page
from pipelines.experiments.cases import cases_of
from pipelines.experiments.catalog import EXPERIMENTS
from pipelines.experiments.frame import BATCH, carried_out
from pipelines.inference import loaded_models


def experiments(
    name: Annotated[str, typer.Argument(help=f"Which: {', '.join(EXPERIMENTS)}.")],
    release: Annotated[tuple[str, str], typer.Option(metavar="NAME VERSION", help="The release whose items are colored.")],
    checkpoint: Annotated[str, typer.Option(help="Name of the checkpoint.")] = "mini",
    split: Annotated[Split, typer.Option(help="Which split of the release.")] = Split.TEST,
    items: Annotated[int, typer.Option(min=1, help="At most so many items, drawn at random, of different images first.")] = 40,
    out: Annotated[Path | None, typer.Option(help="Folder for the page; by default one of the experiment's name here.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Color the same items under several conditions and write a page: table with intervals, plot, pictures, and a sentence."""
    if name not in EXPERIMENTS:
        raise InvalidInputError(f'There is no experiment "{name}"; there are {", ".join(EXPERIMENTS)}.')
    with store_at(home) as store:
        with store.writing() as session:
            row = checkpoints.named(session, checkpoint)
        cases, pipeline = cases_of(store, *release, split, items, EXPERIMENTS[name].needs), loaded_models.pipeline_of(row)
        try:
            with progress_bar(name) as progress:
                answer = carried_out(EXPERIMENTS[name], pipeline, cases, progress)
        except ValueError as error:
            raise InvalidInputError(f"The experiment cannot be made: {error}.") from None
    settings = {
        "checkpoint": row.name, "digest": row.digest, "release": " ".join(release), "split": split.value, "items": items,
        "seed": "an item's number", "batch_size": BATCH, "checkpoint_settings": pipeline.settings.to_json(),
    }  # fmt: skip
    folder = out or Path(name)
    said = page.write(folder, answer, settings)
    if as_json:
        emit({"experiment": name, "folder": folder, "sentence": said, "items": len(answer.cases)})
    else:
        typer.echo(f"{said}\n{folder / 'index.md'}")
