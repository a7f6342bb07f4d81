"""Importing from a page: files from the browser, or paths that the workers can read."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import streamlit as st

from db.enums import RunStatus
from workbench import importing, runs
from workbench.ui.app import context
from workbench.ui.shared import run_progress, wording
from workbench.ui.shared.links import link
from workbench.ui.shared.popovers import close

CAPTION_SUFFIXES = (".json", ".jsonl", ".csv", ".tsv")
ARCHIVE_SUFFIXES = (".zip", ".tar", ".tgz", ".gz")
POPOVER = "import"
RECENT = 60
"""Newest runs among which the last import is looked for."""
PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".heic", ".heif")


def draw(key: str = "import") -> None:
    """The import form: an upload and a path, each with a source's name; `key` tells it from another one on the page."""
    path, upload = st.tabs(["A folder", "Upload files"])
    with upload:
        _draw_upload(key)
    with path:
        _draw_path(key)


def draw_outcome() -> None:
    """What the newest import could not use, with the way to the reasons, for an hour after its end."""
    with context.reading() as session:
        run = next((run for run in runs.listing(session, limit=RECENT) if run.job == "import_images"), None)
    if run is None or run.finished_at is None or datetime.now(UTC) - run.finished_at > timedelta(hours=1):
        return
    parts = [f"{wording.count(run.failed, 'item')} could not be read"] if run.failed else []
    parts += [f"{wording.count(run.skipped, 'item')} skipped"] if run.skipped else []
    if parts or run.status == RunStatus.FAILED:
        with st.container(horizontal=True, vertical_alignment="center"):
            why = "failed: " + wording.plain(run.message) if run.status == RunStatus.FAILED else "ended: " + ", ".join(parts)
            st.markdown(f"The import of {wording.ago(run.finished_at)} {why}.")
            link("runs", "See which and why", run=run.id)


def _draw_upload(key: str) -> None:
    with st.form(f"{key}-upload", border=False, clear_on_submit=True):
        kinds = [*PICTURE_SUFFIXES, *CAPTION_SUFFIXES, *ARCHIVE_SUFFIXES]
        files = st.file_uploader("Pictures, archives, and a file with their captions", type=kinds, accept_multiple_files=True)
        source = st.text_input("Source: where they come from", placeholder="my photos, 2024")
        credit = _credit(f"{key}-upload")
        if st.form_submit_button("Import", type="primary") and files:
            folder, captions = _kept(files)
            archives = [str(path) for path in sorted(folder.iterdir()) if path.suffix.lower() in ARCHIVE_SUFFIXES]
            others = any(path.suffix.lower() in PICTURE_SUFFIXES for path in folder.iterdir())
            _ask([*([str(folder)] if others or not archives else []), *archives, *captions], None, source, credit)


def _kept(files: list) -> tuple[Path, list[str]]:
    """Write uploads beside the store for the workers; returns the folder and the caption files among them.

    Caption files go one folder up, so that a folder import reads pictures only. Different files of one name are both kept, the second
    under a name with a number; the same file twice is one.
    """
    folder = context.settings().home / "uploads" / uuid.uuid4().hex[:12] / "files"
    folder.mkdir(parents=True)
    captions: list[str] = []
    for file in files:
        name = Path(file.name).name
        is_captions = Path(name).suffix.lower() in CAPTION_SUFFIXES
        path = _free_place(folder.parent if is_captions else folder, name, file.getbuffer())
        path.write_bytes(file.getbuffer())
        if is_captions and str(path) not in captions:
            captions.append(str(path))
    return folder, captions


def _free_place(folder: Path, name: str, content: memoryview) -> Path:
    """Where a file is to lie: under its name, where nothing else is there; else with a number."""
    path, number = folder / name, 1
    while path.exists() and path.read_bytes() != content:
        number += 1
        path = folder / f"{Path(name).stem} ({number}){Path(name).suffix}"
    return path


def _draw_path(key: str) -> None:
    with st.form(f"{key}-by-path", border=False):
        path = st.text_input("Folder, file or archive (path on the server)", placeholder="/photos/garden or s3://bucket/photos")
        captions = st.text_input("Caption file (optional)", placeholder="captions.json, .jsonl or .csv")
        source = st.text_input("Source: where they come from", placeholder="my photos, 2024", key=f"{key}-path-source")
        credit = _credit(f"{key}-path")
        if st.form_submit_button("Import", type="primary") and path.strip():
            with context.reading() as session:
                missing = importing.missing_paths(session, [path.strip(), captions.strip()])
            if missing:
                st.error(f"There is no file or folder “{wording.plain(missing[0])}” on the server; check the path.")
            else:
                _ask([path.strip()], captions.strip() or None, source, credit)


def _credit(key: str) -> dict[str, str]:
    """Who made the pictures, under which license, and where they were found; for those of which no table says it."""
    with st.expander("Author, license, address"):
        author = st.text_input("Author", placeholder="Ada Lovelace", key=f"{key}-author")
        license_name = st.text_input("License", placeholder="CC BY 4.0", key=f"{key}-license")
        url = st.text_input("Address", placeholder="https://…", key=f"{key}-url")
        st.caption("Used where the caption file does not say it in its columns source, author, license and url.")
    return {"author": author.strip(), "license": license_name.strip(), "url": url.strip()}


def _ask(paths: list[str], captions: str | None, source: str, credit: dict[str, str]) -> None:
    parameters = {"paths": paths, "format": "auto", "captions": captions, "source": source.strip(), **credit}
    run_progress.start("import_images", parameters, "The import is queued; images appear as they are read.")
    close(POPOVER)
    st.rerun()
