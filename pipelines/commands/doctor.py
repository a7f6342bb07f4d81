"""`workbench doctor`: what is installed, which weights are present, whether the store is sound, and what to do about each."""

import shutil
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer

from db import schema
from db.session import connect
from pipelines.commands.console import AsJson, Home, emit, table
from pipelines.store import Store
from workbench import checkpoints, images, runs
from workbench.errors import WorkbenchError
from workbench.media import MediaStore
from workbench.settings import Settings, read_settings

SAMPLE = 200
LOW_BYTES = 2 << 30
EXTRAS = {
    "model": ("torch", "torchvision", "diffusers", "transformers", "accelerate", "segment-anything"),
    "labelstudio": ("label-studio-sdk", "ijson"),
    "postgres": ("psycopg",),
    "s3": ("s3fs",),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `advice` says what to do where it is not well."""

    subject: str
    well: bool
    state: str
    advice: str = ""


def doctor(home: Home = None, as_json: AsJson = False) -> None:
    """What is installed, which weights are present, and whether the store is sound; exit status 1 where it is not."""
    settings = read_settings(home)
    findings = [*_parts(), *_weights(settings), *_store(settings)]
    if as_json:
        emit([asdict(finding) for finding in findings])
    else:
        table(("", "what", "state", "to do"), [("✓" if f.well else "✗", f.subject, f.state, f.advice) for f in findings])
    if any(not finding.well for finding in findings if finding.subject.startswith("store")):
        raise typer.Exit(1)


def _parts() -> list[Finding]:
    """The extras, by what is missing of each."""
    findings = []
    for extra, packages in EXTRAS.items():
        missing = [package for package in packages if _version(package) is None]
        found = ", ".join(f"{package} {_version(package)}" for package in packages[:2] if package not in missing)
        advice = f"pip install 'lcad-workbench[{extra}]'" if missing else ""
        findings.append(Finding(f"extra {extra}", not missing, f"missing: {', '.join(missing)}" if missing else found, advice))
    return findings


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _weights(settings: Settings) -> list[Finding]:
    try:
        state, well, advice = str(checkpoints.mini_folder()), True, ""
    except WorkbenchError as error:
        state, well, advice = "absent", False, str(error)
    sam = sorted((settings.home / "weights").glob("sam*.pth"))
    absent = f"grounding uses GrabCut; put a sam*.pth into {settings.home / 'weights'} for segment-anything"
    return [
        Finding("weights mini", well, state, advice),
        Finding("weights segment-anything", bool(sam), str(sam[0]) if sam else "absent", "" if sam else absent),
    ]


def _store(settings: Settings) -> list[Finding]:
    """The store's schema, files, workers and room; a store that is not there yet is well."""
    if settings.database_url.startswith("sqlite") and not Path(settings.database_url.removeprefix("sqlite:///")).exists():
        return [Finding("store", True, f"none yet at {settings.home}", "workbench up, or workbench import")]
    engines = connect(settings.database_url)
    store = Store(settings, engines, MediaStore(settings.media_url))
    try:
        found, wanted = schema.current(engines.writer), schema.head()
        findings = [Finding("store schema", found == wanted, str(found), "" if found == wanted else f"any command brings it to {wanted}")]
        return [*findings, *_content(store)] if found == wanted else findings
    finally:
        store.close()


def _content(store: Store) -> list[Finding]:
    with store.reading() as session:
        count = images.count(session)
        newest = images.find(session, limit=SAMPLE, newest_first=True)
        broken = [image.file_name for image in newest if not store.media.verify(image.media_key)]
        working = [worker.executor for worker in runs.workers(session)]
        waiting = len(runs.listing(session, status="queued"))
    files = f"{len(newest) - len(broken)} of the newest {len(newest)} of {count} images are whole"
    free = shutil.disk_usage(store.settings.home).free
    return [
        Finding("store files", not broken, files, f"missing or changed: {', '.join(broken[:5])}; import them again" if broken else ""),
        Finding("workers", bool(working), ", ".join(working) or "none", "" if working else f"workbench work ({waiting} runs wait)"),
        Finding("room", free > LOW_BYTES, f"{free / (1 << 30):.1f} GiB free", "" if free > LOW_BYTES else "free some space"),
    ]
