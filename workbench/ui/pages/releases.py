"""Releases: versions with what changed in them; splits by levels, the leak gate, export, verify, lineage."""

import streamlit as st

from db.models import Release
from workbench import exports, releases
from workbench.releases import Problem, Summary
from workbench.ui.app import context
from workbench.ui.release import create_form, release_view
from workbench.ui.shared import first_step, run_progress, wording
from workbench.ui.shared.fold import fold
from workbench.ui.shared.heading import heading
from workbench.ui.shared.links import link

QUICK = 2000
"""Items of a release that is verified while one waits; a larger one is verified by the workers."""
SHOWN = 100


def draw() -> None:
    """The page."""
    heading("releases", "Releases")
    with context.reading() as session:
        rows = releases.listing(session)
    if not rows and not first_step.has_photos():
        first_step.photos("Versions of the project are frozen here. Import photos with captions first, or begin with the demo.")
        return
    fold("New release", "new-release", lambda: _create(rows), expanded=not rows)
    run_progress.watch("export_release", "verify_release", "retrain_checkpoint")
    if not rows:
        return
    by_id = {release.id: release for release in rows}
    versions, one = st.columns([1, 3.4], gap="medium")
    with versions:
        chosen = st.radio(
            "Version",
            list(by_id),
            format_func=lambda key: f"{by_id[key].name} {by_id[key].version}",
            captions=[f"{release_view.changed(release)} · {wording.ago(release.created_at)}" for release in rows],
        )
    with one:
        _show(by_id[chosen], rows)


def _show(release: Release, others: list[Release]) -> None:
    with context.reading() as session:
        summary = releases.summary(session, release.id)
    st.markdown(f"## {wording.plain(release.name)} {release.version}")
    targets = ", ".join(f"{number:,} from {release_view.KINDS[kind]}" for kind, number in summary.targets.items())
    size = f"{wording.count(summary.items, 'item')} of {wording.count(summary.images, 'image')}"
    st.caption(f"{size} · colors: {targets} · by {wording.plain(release.author)} · {wording.plain(release.note)}".rstrip(" ·"))
    release_view.splits(release, summary)
    release_view.gate(release)
    _actions(release, summary.items)
    release_view.exported(release)
    release_view.pictures(release)
    fold(f"Left out: {sum(summary.excluded.values()):,}", f"left-out-{release.id}", lambda: _left_out(summary))
    if len(others) > 1:
        fold("What changed", f"changed-{release.id}", lambda: release_view.difference(release, release_view.older(release, others)))
    fold("Lineage", f"lineage-{release.id}", lambda: release_view.lineage(release))
    fold("Rules and manifest", f"rules-{release.id}", lambda: _rules(release))


def _create(rows: list[Release]) -> None:
    if not rows:
        st.write("A release freezes photos, captions and the right colors, for training, validation and test. Create your first one:")
    create_form.draw(rows)


def _left_out(summary: Summary) -> None:
    st.dataframe([{"reason": reason, "things": number} for reason, number in summary.excluded.items()], hide_index=True)


def _rules(release: Release) -> None:
    st.json(release.rules, expanded=1)
    st.caption(release_view.frozen(release))


def _actions(release: Release, items: int) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox("Format", list(exports.FORMATS), key=f"format-{release.id}", width=180)
        if st.button("Export", type="primary"):
            parameters = {"release_id": release.id, "format": kind, "folder": None}
            run_progress.start("export_release", parameters, "The export is queued; its folder is named here when it is done.")
            st.rerun()
        verify = st.button("Verify", help="Read every file again and compare its bytes with what was frozen")
        link("checkpoints", "Train with it", release=release.id)
    if verify and items > QUICK:
        run_progress.start(
            "verify_release", {"release_id": release.id}, "The files are being read; problems will be listed on the Runs page."
        )
        st.rerun()
    elif verify:
        with st.spinner("Reading every file…"), context.reading() as session:
            _say(releases.verify(session, context.media(), release.id))


def _say(problems: list[Problem]) -> None:
    if not problems:
        st.success("All is well: every file, the manifest and the splits are as they were when frozen.")
        return
    st.error(f"{wording.count(len(problems), 'problem')} found.")
    st.dataframe([{"what": problem.subject, "why": problem.reason} for problem in problems[:SHOWN]], hide_index=True)


draw()
