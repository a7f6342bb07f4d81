"""Home: the loop as stations with live counts, what waits for you, what runs, and the newest colorizations."""

import streamlit as st

from workbench import captions, checkpoints, colorizations, curation, images, releases, studies
from workbench.errors import WorkbenchError
from workbench.ui import context, progress, wording
from workbench.ui.components.gallery import Tile, gallery
from workbench.ui.components.loop import Station, loop
from workbench.ui.files import thumb_url
from workbench.ui.links import go, link

ADDRESSES = ("library", "caption", "ground", "colorize", "rate", "review", "releases", "checkpoints")


def draw() -> None:
    """The page."""
    st.title("The loop")
    with context.reading() as session:
        counts = images.counts(session)
        levels = captions.counts_by_level(session)
        verdicts = curation.counts(session)
        frozen = releases.listing(session)
        newest = colorizations.newest(session, 14)
        open_studies = [study for study in studies.listing(session) if study.status == "open"]
        weights = _default_name(session)
    by_level = " ".join(f"{wording.LEVEL_GLYPHS[level]}{number}" for level, number in levels.items())
    release = f"{frozen[0].name} {frozen[0].version}" if frozen else "–"
    stations = [
        Station("import", f"{counts['images']:,}", "images"),
        Station("caption", f"{counts['captions']:,}", by_level),
        Station("ground", f"{counts['regions']:,}", "regions"),
        Station("colorize", f"{counts['colorizations']:,}", "colorizations"),
        Station("rate", f"{counts['ratings']:,}", wording.count(len(open_studies), "open study", "open studies")),
        Station("review", f"{verdicts['reviewed']:,}", f"{verdicts['waiting']:,} waiting"),
        Station("release", f"{len(frozen)}", release),
        Station("retrain", weights, "colorizes by default"),
    ]
    chosen = loop(stations, key="loop")
    if chosen is not None:
        go(ADDRESSES[chosen])
    if not counts["images"]:
        _begin()
        return
    progress.watch()
    _next(counts, verdicts, bool(frozen), bool(open_studies))
    _newest(newest)


def _default_name(session) -> str:
    try:
        return checkpoints.default(session).name
    except WorkbenchError:
        return "–"


def _begin() -> None:
    progress.watch("make_demo", "import_images", "colorize_images")
    st.info("This store is empty. Begin with the demo, or bring your own photos: the loop fills from left to right.")
    with st.container(horizontal=True):
        if st.button("Fill the store with the demo", type="primary"):
            progress.start("make_demo", {}, "The demo is being made; it appears here as it grows.")
            st.rerun()
        link("library", "Import your own photos")


def _next(counts: dict[str, int], verdicts: dict[str, int], released: bool, studying: bool) -> None:
    """What waits for a person, the most useful first: each with the page where it is done."""
    steps = []
    bare = counts["images"] - counts["captioned_images"]
    if bare:
        steps.append(("caption", f"Describe {wording.count(bare, 'image')} without a caption", {"q": "NOT has:caption"}))
    if counts["proposals"]:
        steps.append(("caption", f"Decide on {wording.count(counts['proposals'], 'proposed caption')}", {"q": "status:proposed"}))
    if counts["captions"] and not counts["regions"]:
        steps.append(("ground", "Find the masks of what the captions mention", {}))
    if counts["captions"] and not counts["colorizations"]:
        steps.append(("colorize", "Colorize the captioned images", {}))
    if studying:
        steps.append(("rate", "Rate in an open study", {}))
    elif counts["colorizations"]:
        steps.append(("studies", "Ask people which colorizations are better", {}))
    if verdicts["waiting"]:
        steps.append(("review", f"Review {wording.count(verdicts['waiting'], 'colorization')}", {}))
    if verdicts["accept"] and not released:
        steps.append(("releases", "Freeze what was accepted into a release", {}))
    if released:
        steps.append(("checkpoints", "Retrain on the newest release", {}))
    if steps:
        st.markdown("#### Waiting for you")
        with st.container(horizontal=True):
            for page, words, query in steps[:5]:
                link(page, words, **query)


def _newest(newest: list) -> None:
    st.markdown("#### Newest colorizations")
    if not newest:
        st.caption("They appear here as soon as the first one is made.")
        return
    tiles = [
        Tile(row.id, thumb_url(row.media_key), title=row.caption_text, note=row.caption_text, marks=wording.share(row.adherence))
        for row in newest
    ]
    _, opened = gallery(tiles, key="newest", strip=True, selectable=False)
    if opened:
        go("colorize", q=f"id:{next(row.image_id for row in newest if row.id == opened)}")
    judged = [row.adherence for row in newest if row.adherence is not None]
    if judged:
        st.caption(f"In the corner: adherence, the share of named colors that are right; {sum(judged) / len(judged):.0%} on average here.")


draw()
