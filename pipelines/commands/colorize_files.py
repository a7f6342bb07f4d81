"""`workbench colorize-files`: colorizations without a store."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import rich.progress
import typer

from pipelines.commands.console import AsJson, Best, Fast, Guidance, Instances, Steps, emit, messages, preset_of, say
from workbench.colorizations.checkpoints import folder_digest
from workbench.errors import InvalidInputError, MissingPartError

if find_spec("torch") is None:
    raise MissingPartError("colorize-files needs the model extra: pip install 'lcad-workbench[model]'.")

from lcad import load_pipeline
from lcad.checkpoints import folder_of
from lcad.guests import is_guest
from pipelines.inference.colorize import Sampling
from pipelines.inference.loaded_models import ready
from pipelines.inference.manifest_files import colorize_rows, read_manifest

ROWS = (
    "A JSON object a line: image, caption and, if wanted, seed; regions, a list of {phrase, mask}; colors, a list of {phrase, color} "
    "that pins a color to a phrase, or {mask, color} to a mask; palette, a list of colors that the rest may have. Paths "
    "are relative to the manifest, masks white inside; a color is a word, #rrggbb, three numbers of sRGB from 0 to 255 or a, b of Lab."
)
EXPECTED = (
    "How far colors that nobody asks for keep to what the checkpoint expects of such things: 1 all the way, 0 to draw them by the seed; "
    "by default the checkpoint's."
)


def colorize_files(
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST.jsonl", help=ROWS)],
    out: Annotated[Path, typer.Option(help="Folder for 000.png … and results.jsonl.")],
    checkpoint: Annotated[str, typer.Option(help="Name of an embedded checkpoint, or a checkpoint's folder.")] = "mini",
    steps: Steps = None,
    guidance: Guidance = None,
    instances: Instances = True,
    fast: Fast = False,
    best: Best = False,
    batch_size: Annotated[int, typer.Option(min=1, help="Pictures colored together.")] = 8,
    expected: Annotated[float | None, typer.Option(min=0.0, max=1.0, help=EXPECTED)] = None,
    as_json: AsJson = False,
) -> None:
    """Colorizations of files, without a store."""
    preset, rows = preset_of(fast, best), read_manifest(manifest)
    try:
        pipeline = ready(load_pipeline(checkpoint))
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"The checkpoint {checkpoint} cannot be loaded: {error}") from None
    sampling = Sampling(steps, guidance, instances, batch_size, expected, preset)
    digest = folder_digest(checkpoint if is_guest(checkpoint) else folder_of(checkpoint))
    lines = colorize_rows(pipeline, rows, out, checkpoint=checkpoint, digest=digest, sampling=sampling)
    bar = rich.progress.track(lines, "colorizing", total=len(rows), console=messages, disable=not messages.is_terminal)
    seconds = 0.0
    for line in bar:
        seconds += line["seconds"]
        for phrase in line.get("empty_masks", ()):
            say(f"{line['image']}: the mask of “{phrase}” has no pixel brighter than half, so it guides and judges nothing.")
    if as_json:
        emit({"images": len(rows), "out": out, "checkpoint": checkpoint, "seconds": round(seconds, 2)})
    else:
        typer.echo(f"{len(rows)} {'colorization' if len(rows) == 1 else 'colorizations'} in {out}, {seconds:.1f} s of sampling.")
