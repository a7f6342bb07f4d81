"""Settings: where the store lies, who works, and which weights are present, absent, and how to get them."""

import streamlit as st
from sqlalchemy.engine import make_url

from db import schema
from workbench import overview, runs
from workbench.colorizations import checkpoints
from workbench.errors import WorkbenchError
from workbench.settings import sam_weights
from workbench.ui.app import context
from workbench.ui.settings import model_form, people_form
from workbench.ui.shared import wording
from workbench.ui.shared.heading import heading


def draw() -> None:
    """The page."""
    heading("settings", "Settings")
    store, work = st.columns(2, gap="large")
    with store:
        _store()
        model_form.draw()
        people_form.draw()
    with work:
        _workers()
        _weights()


def _store() -> None:
    settings = context.settings()
    st.markdown("## Store")
    with context.reading() as session:
        counts = overview.counts(session)
    version, newest = schema.current(context.engines().writer), schema.head()
    rows = {
        "home": str(settings.home),
        "database": make_url(settings.database_url).render_as_string(hide_password=True),
        "queue": make_url(settings.jobs_url).render_as_string(hide_password=True),
        "media": settings.media_url,
        "exports": str(settings.exports),
        "checkpoints": str(settings.checkpoints),
        "schema": f"{version}, up to date" if version == newest else f"{version}; the program expects {newest}",
        "changes are recorded as": context.actor(),
    }
    st.table([{"what": name, "where": value} for name, value in rows.items()], hide_index=True, border="horizontal")
    st.caption(
        f"Holds {wording.count(counts['images'], 'image')}, {wording.count(counts['captions'], 'caption')} and "
        f"{wording.count(counts['colorizations'], 'colorization')}. WORKBENCH_HOME, WORKBENCH_DATABASE_URL, WORKBENCH_JOBS_URL and "
        "WORKBENCH_MEDIA_URL say where it lies; they are read when the app starts."
    )


def _workers() -> None:
    st.markdown("## Workers")
    with context.reading() as session:
        workers = runs.workers(session)
    if not workers:
        st.info("No worker is running. Run `workbench work` in a terminal; `workbench up` starts the app and a worker together.")
        return
    for worker in workers:
        model = "with the model" if worker.capabilities.get("model") else f"without the model: {_missing(worker.capabilities)}"
        st.markdown(f"**{worker.executor}** on {worker.host}, {model}; last sign {wording.ago(worker.heartbeat_at)}")


def _missing(capabilities: dict) -> str:
    names = ", ".join(capabilities.get("missing", [])) or "the model extra"
    return f'{names} is not installed there; run `pip install "lcad-workbench[model]"`'


def _weights() -> None:
    st.markdown("## Weights")
    try:
        folder = checkpoints.mini_folder()
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
        st.markdown(f"✓ **mini**, comes with the package, {size:.0f} MB")
    except WorkbenchError as absence:
        st.markdown(f"✗ **mini**: {absence}")
    _segment_anything()
    with context.reading() as session:
        others = [row for row in checkpoints.listing(session) if row.location != checkpoints.MINI_LOCATION]
    for row in others:
        st.markdown(f"✓ **{row.name}** in `{row.location}`")
    st.caption(
        "Larger models are not included. `workbench checkpoints get` lists the published weights with their sizes and licenses; "
        "`workbench checkpoints get lcad` fetches L-CAD's, converts them and enters them; `--file` takes a file that is here already."
    )


def _segment_anything() -> None:
    """Where the workers look for it: the same variable and folder as theirs, on this machine."""
    folder = context.settings().home / "weights"
    weights = sam_weights(folder.parent)
    if weights and weights.is_file():
        st.markdown(f"✓ **segment-anything** in `{weights}`")
    else:
        st.markdown(
            "✗ **segment-anything**: not here, so outlines of clicks, boxes and found masks are cut by GrabCut. "
            f"`workbench checkpoints get sam` fetches it, or put `sam_vit_b_01ec64.pth` (or _l, _h) into `{folder}`"
        )


draw()
