"""`workbench checkpoints get`: weights that others have published, fetched with consent, checked and tried."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import rich.progress
import typer

from pipelines.commands.console import AsJson, Home, emit, messages, say, store_at, table
from workbench.colorizations import checkpoints, published_weights
from workbench.colorizations.published_weights import PublishedWeights
from workbench.errors import InvalidInputError, MissingPartError
from workbench.open_store import Store
from workbench.store.downloads import check, download, sha256_of

NAME = "Which: " + ", ".join(f"{one.name} ({one.title})" for one in published_weights.PUBLISHED) + "; none lists them."
BASE = "Stable Diffusion 1.5, a folder or hub id, for L-CAD's text encoder and tokenizer."
GIGA = 1e9
TRIAL_PICTURES, TRIAL_SIDE = 3, 256


def get(
    name: Annotated[str | None, typer.Argument(help=NAME)] = None,
    file: Annotated[Path | None, typer.Option(help="The file, where it was fetched by other means.")] = None,
    base: Annotated[str, typer.Option(metavar="DIR_OR_ID", help=BASE)] = "stable-diffusion-v1-5/stable-diffusion-v1-5",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Fetch without being asked.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Published weights: shown with size and license, fetched after your consent, checked, converted, and tried on three pictures."""
    if name is None:
        _list(as_json)
        return
    weights = published_weights.named(name)
    with store_at(home) as store:
        path = _at_hand(store, weights, file, yes)
        tried = _segment_anything(path) if weights.kind == "segment-anything" else _l_cad(store, weights, path, base)
    facts: dict[str, Any] = {
        "name": weights.name,
        "file": str(path),
        "sha256": weights.sha256 or sha256_of(path),
        "license": weights.license,
        **tried,
    }
    if as_json:
        emit(facts)
        return
    for one in facts["trial"]:
        typer.echo(f"{one['picture']}: {facts['measure']} {one['value']} (bound {one['bound']})")
    typer.echo(f"{facts['place']}: {weights.title} is in place. {facts['use']}")


def _list(as_json: bool) -> None:
    if as_json:
        emit([asdict(weights) for weights in published_weights.PUBLISHED])
        return
    rows = [(one.name, one.title, _size(one), one.license, one.address or one.page) for one in published_weights.PUBLISHED]
    table(("name", "what", "size", "license", "from"), rows)


def _size(weights: PublishedWeights) -> str:
    return f"{weights.size / GIGA:.2f} GB" if weights.size else "not said"


def _at_hand(store: Store, weights: PublishedWeights, file: Path | None, yes: bool) -> Path:
    """The file of published weights: the one that was named, the one that is there, or fetched now."""
    place = published_weights.place_of(store.settings, weights)
    if file is not None:
        file = file.expanduser()
        if not file.is_file():
            raise InvalidInputError(f"There is no file {file}.")
        check(file, weights.size, weights.sha256)
        return file
    if place.is_file():
        check(place, weights.size, weights.sha256)
        return place
    if not weights.address:
        raise MissingPartError(
            f"{weights.title} has no address that a program can fetch from. Open {weights.page}, download it ({weights.license}), and "
            f"put it at {place}; or say where it is: workbench checkpoints get {weights.name} --file PATH."
        )
    facts = {"from": weights.address, "size": _size(weights), "license": weights.license, "SHA-256": weights.sha256, "to": place}
    say("\n  ".join([weights.title, *(f"{name:8} {value}" for name, value in facts.items())]))
    if not yes and not typer.confirm("Fetch it?", err=True):
        raise typer.Abort
    columns = (*rich.progress.Progress.get_default_columns(), rich.progress.DownloadColumn())
    with rich.progress.Progress(*columns, console=messages, disable=not messages.is_terminal) as bar:
        task = bar.add_task(weights.file_name, total=weights.size)
        try:
            return download(
                weights.address, place, weights.size, weights.sha256, lambda done, whole: bar.update(task, completed=done, total=whole)
            )
        except MissingPartError as error:
            raise MissingPartError(
                f"{error} Without a network: fetch {weights.address} elsewhere and put it at {place}, then run the same command."
            ) from None


def _trial_pictures() -> list[Any]:
    """Three scenes of the demo, whose masks are exact."""
    from pipelines.demo import demo_scenes  # only here: they load torch
    from pipelines.inference.weights_trial import TrialPicture

    pictures = []
    for scene in demo_scenes(TRIAL_SIDE)[:TRIAL_PICTURES]:
        masks, caption = {region.name: region.mask for region in scene.regions}, scene.captions[0]
        masked = [((phrase.start, phrase.end), masks[phrase.region]) for phrase in caption.phrases]
        pictures.append(TrialPicture(scene.name, scene.rgb, caption.text, masked))
    return pictures


def _segment_anything(path: Path) -> dict[str, Any]:
    from pipelines.inference import weights_trial  # only here: it loads torch

    trial = weights_trial.try_segment_anything(path, _trial_pictures(), say)
    use = "Grounding and clicks use it from now on." if path.parent.name == "weights" else f"Name it: export WORKBENCH_SAM_WEIGHTS={path}"
    return {"trial": [asdict(one) for one in trial], "measure": "IoU of masks from boxes", "place": str(path), "use": use}


def _l_cad(store: Store, weights: PublishedWeights, path: Path, base: str) -> dict[str, Any]:
    """Convert the released checkpoint, try it, and enter it in the store under its name."""
    from pipelines.inference import checkpoint_conversion, weights_trial  # only here: they load torch

    folder = store.settings.checkpoints / weights.name
    if not folder.exists():
        checkpoint_conversion.convert(path, base, folder, say)
    trial = weights_trial.try_colorizer(folder, _trial_pictures(), say)
    with store.writing() as session:
        row = checkpoints.register(
            session,
            name=weights.name,
            location=str(folder),
            digest=checkpoints.folder_digest(folder),
            note=f"{weights.title}; {weights.license}",
            facts={"from": weights.page, "trial": [asdict(one) for one in trial]},
            author=store.settings.actor,
        )
        name = row.name
    use = f"Colorize with it: workbench colorize --checkpoint {name}"
    return {"trial": [asdict(one) for one in trial], "measure": "ΔE00 from the original", "place": str(folder), "use": use}
