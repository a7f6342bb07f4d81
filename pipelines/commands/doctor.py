"""`workbench doctor`: what is installed, which weights are present, whether the store is sound, and what to do about each."""

import os
import shutil
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import DatabaseError

from db import schema
from db.enums import RunStatus
from db.models import Checkpoint
from pipelines.commands.console import AsJson, Home, emit, progress_bar, table
from workbench import images, releases, runs, studies, upkeep
from workbench.colorizations import checkpoints
from workbench.errors import WorkbenchError
from workbench.open_store import Store, connect_store
from workbench.settings import SAM_VARIABLE, Settings, read_settings, sam_weights

SAMPLE = 200
LOW_BYTES = 2 << 30
EXTRAS = {
    "model": ("torch", "torchvision", "diffusers", "transformers", "accelerate", "segment-anything"),
    "labelstudio": ("label-studio-sdk", "ijson"),
    "demo": ("scikit-learn",),
    "postgres": ("psycopg",),
    "s3": ("s3fs",),
    "datasets": ("datasets",),
    "mcp": ("mcp",),
    "hub": ("huggingface-hub",),
}
LEARNED = {
    "LPIPS": ("lpips", "torchvision's alexnet*.pth and the alex.pth of LPIPS 0.1"),
    "FID": ("inception", "the .pth of the FID paper's Inception v3 in torchvision's names"),
    "CLIP score": ("clip", "a CLIP model as transformers writes it"),
}
PUBLISHED = "for the released L-CAD: workbench checkpoints convert CKPT --base DIR_OR_ID --out DIR, then checkpoints add DIR --name NAME"


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked at; `advice` says what to do where it is not well."""

    subject: str
    well: bool
    state: str
    advice: str = ""


Deep = Annotated[bool, typer.Option("--deep", help="Read every file and every reference; takes as long as reading the whole store.")]


def doctor(home: Home = None, deep: Deep = False, as_json: AsJson = False) -> None:
    """What is installed, which weights are present, and whether the store is sound; exit status 1 where it is not."""
    settings = read_settings(home)
    findings = [*_parts(), *_weights(settings), *_store(settings, deep)]
    if as_json:
        emit([asdict(finding) for finding in findings])
    else:
        table(("", "what", "state", "to do"), [("✓" if f.well else "✗", f.subject, f.state, f.advice) for f in findings])
    if any(not finding.well for finding in findings if finding.subject.startswith("store")):
        raise typer.Exit(1)


def _parts() -> list[Diagnosis]:
    """The extras, by what is missing of each."""
    findings = []
    for extra, packages in EXTRAS.items():
        missing = [package for package in packages if _version(package) is None]
        versions = ", ".join(f"{package} {_version(package)}" for package in packages[:2] if package not in missing)
        advice = f"pip install 'lcad-workbench[{extra}]'" if missing else ""
        findings.append(Diagnosis(f"extra {extra}", not missing, f"missing: {', '.join(missing)}" if missing else versions, advice))
    return findings


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _weights(settings: Settings) -> list[Diagnosis]:
    """The weights that come with the package, and those that a person may add."""
    folder = settings.home / "weights"
    try:
        mini = Diagnosis("weights mini", True, str(checkpoints.mini_folder()))
    except WorkbenchError as error:
        mini = Diagnosis("weights mini", False, "absent", str(error))
    learned = [
        Diagnosis(f"weights {name}", True, str(folder / place)) if any((folder / place).glob("*"))
        else Diagnosis(f"weights {name}", False, "absent", f"evaluations go without it; put {what} into {folder / place}")
        for name, (place, what) in LEARNED.items()
    ]  # fmt: skip
    return [mini, _segment_anything(folder), *learned]


def _segment_anything(folder: Path) -> Diagnosis:
    """Where workers look for it: the file that a variable names, else the first of the store's weights."""
    named, weights = os.environ.get(SAM_VARIABLE), sam_weights(folder.parent)
    if weights is not None and weights.is_file():
        return Diagnosis("weights segment-anything", True, str(weights))
    if named:
        return Diagnosis("weights segment-anything", False, f"${SAM_VARIABLE} names {named}, which is not there", "correct it, or unset it")
    advice = f"GrabCut cuts outlines; `workbench checkpoints get sam`, or put sam_vit_b_01ec64.pth (375 MB, or _l, _h) into {folder}"
    return Diagnosis("weights segment-anything", False, "absent", advice)


def _store(settings: Settings, deep: bool) -> list[Diagnosis]:
    """The store's database, schema, files, workers and room; a store that is not there yet is well."""
    if settings.database_url.startswith("sqlite") and not Path(settings.database_url.removeprefix("sqlite:///")).exists():
        return [Diagnosis("store", True, f"none yet at {settings.home}", "workbench up, or workbench import")]
    broken = [
        *upkeep.database_damages(settings.database_url, "store database"),
        *upkeep.database_damages(settings.jobs_url, "store queue"),
    ]
    if broken:
        return [Diagnosis(damage.subject, False, damage.reason, _advice(damage)) for damage in broken]
    store = connect_store(settings)
    try:
        current, newest = schema.current(store.engines.writer), schema.head()
        findings = [_schema(current, newest)]
        if current != newest:
            return findings
        return [*findings, *_content(store), *(_deep(store) if deep else [])]
    except (DatabaseError, OSError) as error:
        reason = " ".join(str(getattr(error, "orig", error)).split())[:200]
        return [Diagnosis("store database", False, f"cannot be reached: {reason}", "start it, or correct WORKBENCH_DATABASE_URL")]
    finally:
        store.close()


def _advice(damage: upkeep.Damage) -> str:
    if damage.subject == "store queue":
        return "stop the workers and move jobs.sqlite away: the first worker makes a new one and queues again what was not done"
    return damage.advice


def _schema(current: str | None, newest: str) -> Diagnosis:
    if current is not None and current > newest:
        return Diagnosis("store schema", False, f"{current}, of a newer version", f"install that version; this one knows {newest} at most")
    return Diagnosis("store schema", current == newest, str(current), "" if current == newest else f"any command brings it to {newest}")


def _deep(store: Store) -> list[Diagnosis]:
    """Every file's bytes, every reference, every release; what nothing needs is told, and is no damage."""
    with store.reading() as session, progress_bar("files read") as advance:
        damages = upkeep.damages(session, store.media, progress=advance)
        garbage = upkeep.collect_garbage(session, store.media)
    unneeded = len(garbage.keys) + len(garbage.leftovers)
    return [
        *(Diagnosis(f"store {damage.subject}", False, damage.reason, damage.advice) for damage in damages),
        Diagnosis(
            "store deep", not damages, f"{len(damages)} damages" if damages else "every file, reference and release is as it should be"
        ),
        Diagnosis("garbage", True, f"{unneeded} files, {garbage.bytes:,} bytes", "workbench gc" if unneeded else ""),
    ]


def _content(store: Store) -> list[Diagnosis]:
    with store.reading() as session:
        count = images.count(session)
        newest = images.find(session, limit=SAMPLE, newest_first=True)
        broken = [image.file_name for image in newest if not store.media.verify(image.media_key)]
        working = [worker.executor for worker in runs.workers(session)]
        waiting = len(runs.listing(session, status=RunStatus.QUEUED))
        added = [row for row in checkpoints.listing(session) if row.location != checkpoints.MINI_LOCATION]
        cut_short = [row.name for row in (*releases.abandoned(session), *studies.abandoned(session))]
    files = f"{len(newest) - len(broken)} of the newest {len(newest)} of {count} images are whole"
    free = shutil.disk_usage(store.settings.home).free
    return [
        Diagnosis("store files", not broken, files, f"missing or changed: {', '.join(broken[:5])}; import them again" if broken else ""),
        _added(added),
        *_cut_short(cut_short),
        Diagnosis("workers", bool(working), ", ".join(working) or "none", "" if working else f"workbench work ({waiting} runs wait)"),
        Diagnosis("room", free > LOW_BYTES, f"{free / (1 << 30):.1f} GiB free", "" if free > LOW_BYTES else "free some space"),
    ]


def _cut_short(names: list[str]) -> list[Diagnosis]:
    """Releases and studies whose entering ended in the middle; nobody is shown them, and the next one clears them away."""
    told = f"cut short while they were entered: {', '.join(names)}"
    return [Diagnosis("releases", False, told, "workbench gc --delete")] if names else []


def _added(rows: list[Checkpoint]) -> Diagnosis:
    """The checkpoints that were added or trained, and whether their folders are where they were."""
    gone = [row.name for row in rows if not Path(row.location, "lcad.json").is_file()]
    state = f"{len(rows) - len(gone)} of {len(rows)} beside mini are where they were entered" if rows else "none beside mini"
    return Diagnosis(
        "weights checkpoints", not gone, state, f"gone: {', '.join(gone)}; put them back" if gone else "" if rows else PUBLISHED
    )
