"""Releases: frozen and versioned; splits by levels, what is left out and why, verify, compare, export."""

import streamlit as st

from db.enums import CaptionLevel, Split
from db.models import Release
from workbench import exports, releases
from workbench.errors import WorkbenchError
from workbench.selection import TARGETS
from workbench.ui import context, progress, wording
from workbench.ui.links import link

TARGET_WORDS = {
    "reference_first": "The original's colors, else the best accepted colorization",
    "reference": "The original's colors only",
    "colorization": "Accepted colorizations only",
}


def draw() -> None:
    """The page."""
    st.title("Releases")
    with context.reading() as session:
        found = releases.listing(session)
    with st.expander("New release", expanded=not found):
        if not found:
            st.write("A release freezes images, captions and color targets into train, validation and test. Make the first one:")
        _form()
    progress.watch("export_release", "retrain_checkpoint")
    if not found:
        return
    by_id = {release.id: release for release in found}
    versions, one = st.columns([1, 3.4], gap="medium")
    with versions:
        chosen = st.radio("Version", list(by_id), format_func=lambda key: f"{by_id[key].name} {by_id[key].version}")
        st.caption(f"{by_id[chosen].author}, {wording.ago(by_id[chosen].created_at)}")
    with one:
        _show(by_id[chosen], found)


def _form() -> None:
    with st.form("release", border=False):
        first = st.columns([1.2, 2, 2.2])
        name = first[0].text_input("Name", "photos")
        query = first[1].text_input("Images (a query; empty takes all)", placeholder="NOT tag:night")
        levels = first[2].segmented_control(
            "Levels", list(CaptionLevel), selection_mode="multi", default=list(CaptionLevel), format_func=wording.level
        )
        second = st.columns([2.4, 2, 1], vertical_alignment="bottom")
        what = "In training. Validation and test always measure against an original's own colors."
        target = second[0].selectbox("Color target", TARGETS, format_func=TARGET_WORDS.get, help=what)
        note = second[1].text_input("Note", placeholder="what is new in it")
        if not second[2].form_submit_button("Create", type="primary", width="stretch"):
            return
    rules = {"query": query.strip(), "levels": [level.value for level in levels], "target": target}
    try:
        with context.transaction() as session:
            release = releases.create(session, context.media(), name=name.strip(), rules=rules, author=context.actor(), note=note.strip())
            number = releases.summary(session, release.id).items
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return
    context.say(f"{release.name} {release.version}: {wording.count(number, 'item')}.")
    st.rerun()


def _show(release: Release, others: list[Release]) -> None:
    with context.reading() as session:
        summary = releases.summary(session, release.id)
    st.markdown(f"### {wording.plain(release.name)} {release.version}")
    kinds = {"reference": "originals", "colorization": "colorizations"}
    targets = ", ".join(f"{number:,} from {kinds[kind]}" for kind, number in summary.targets.items())
    size = f"{wording.count(summary.items, 'item')} of {wording.count(summary.images, 'image')}"
    st.caption(f"{size} · colors: {targets} · {wording.plain(release.note)}".rstrip(" ·"))
    rows = [
        {"split": split.value} | {wording.level(level): summary.by_split[split][level] for level in CaptionLevel}
        | {"items": sum(summary.by_split[split].values())}
        for split in Split
    ]  # fmt: skip
    st.dataframe(rows, hide_index=True)
    st.caption(f"Manifest {release.manifest_hash[:16]}… covers every item; no near duplicate or shared source crosses a split.")
    with st.expander(f"Left out: {sum(summary.excluded.values()):,}"):
        st.dataframe([{"reason": reason, "things": number} for reason, number in summary.excluded.items()], hide_index=True)
    _actions(release)
    _compare(release, others)


def _actions(release: Release) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox("Format", list(exports.FORMATS), key=f"format-{release.id}", width=180)
        if st.button("Export", type="primary"):
            parameters = {"release_id": release.id, "format": kind, "folder": None}
            progress.start("export_release", parameters, "The export is queued; its folder is named on the Runs page.")
            st.rerun()
        verify = st.button("Verify", help="Read every file again and compare its bytes with its name")
        link("checkpoints", "Retrain on it", release=release.id)
    if verify:
        _verify(release)


def _verify(release: Release) -> None:
    with st.spinner("Reading every file…"), context.reading() as session:
        problems = releases.verify(session, context.media(), release.id)
    if not problems:
        st.success("Sound: every file, the manifest and the splits are as they were frozen.")
        return
    st.error(f"{wording.count(len(problems), 'problem')} found.")
    st.dataframe([{"what": problem.subject, "why": problem.reason} for problem in problems], hide_index=True)


def _compare(release: Release, others: list[Release]) -> None:
    choices = {other.id: f"{other.name} {other.version}" for other in others if other.id != release.id}
    if not choices:
        return
    with st.expander("What changed"):
        before = st.selectbox("Compared with", choices, format_func=choices.get, key=f"compared-{release.id}")
        with context.reading() as session:
            difference = releases.diff(session, before, release.id)
        for word in ("added", "removed", "moved", "changed"):
            keys = getattr(difference, word)
            st.write(f"{word}: {len(keys):,}")
            if keys:
                st.dataframe([{"image": sha256[:12], "caption": caption} for sha256, caption in keys[:200]], hide_index=True)


draw()
