"""Home: the loop as stations with live counts, what waits for you, what runs, and the newest colorizations."""

import streamlit as st
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, StudyStatus
from db.models import Colorization
from workbench import captions, checkpoints, colorizations, curation, images, releases, studies
from workbench.errors import WorkbenchError
from workbench.ui import context, progress, wording
from workbench.ui.components.gallery import Tile, gallery
from workbench.ui.components.loop import Station, loop
from workbench.ui.files import thumb_url
from workbench.ui.links import go, link

LOOKED_AT, SHOWN = 200, 14  # of the newest colorizations
ADDRESSES = ("library", "caption", "ground", "colorize", "rate", "review", "releases", "checkpoints")


def draw() -> None:
    """The page."""
    st.title("The loop")
    with context.reading() as session:
        counts = images.counts(session)
        levels = captions.counts_by_level(session)
        verdicts = curation.counts(session)
        frozen = releases.listing(session)
        newest = colorizations.newest(session, LOOKED_AT)
        level_of = _levels(session, newest)
        open_studies = studies.listing(session, status=StudyStatus.OPEN)
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
        Station("retrain", weights, "colorizes by default" if weights != "–" else "no weights yet"),
    ]
    chosen = loop(stations, key="loop")
    if chosen is not None:
        go(ADDRESSES[chosen])
    if not counts["images"]:
        _begin()
        return
    progress.watch()
    progress.draw_failures()
    _next(counts, verdicts, bool(frozen), bool(open_studies))
    _newest(newest, level_of)


def _default_name(session: Session) -> str:
    try:
        return checkpoints.default(session).name
    except WorkbenchError:
        return "–"


def _begin() -> None:
    progress.watch("make_demo", "import_images", "colorize_images")
    st.info("This store is empty. Begin with the demo, or bring your own photos: the loop fills from left to right.")
    with st.container(horizontal=True, vertical_alignment="center"):
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


def _levels(session: Session, rows: list[Colorization]) -> dict[int, CaptionLevel]:
    """The level of each caption among `rows`, by id."""
    if not rows:
        return {}
    these = "id:" + ",".join(str(image) for image in {row.image_id for row in rows})
    return {caption.id: caption.level for caption in captions.find(session, these, limit=20 * len(rows))}


def _newest(rows: list[Colorization], level_of: dict[int, CaptionLevel]) -> None:
    st.markdown("#### Newest colorizations")
    if not rows:
        st.caption("They appear here as soon as the first one is made.")
        return
    newest = sorted({row.image_id: row for row in reversed(rows)}.values(), key=lambda row: -row.id)[:SHOWN]
    tiles = [
        Tile(
            row.id,
            thumb_url(row.media_key),
            title=row.caption_text,
            note=row.caption_text,
            marks=wording.levels([level_of[row.caption_id]] if row.caption_id in level_of else []),
        )
        for row in newest
    ]
    _, opened = gallery(tiles, key="newest", columns=7, selectable=False)
    if opened:
        go("colorize", q=f"id:{next(row.image_id for row in newest if row.id == opened)}")
    parts = []
    for level in CaptionLevel:
        judged = [row.adherence for row in rows if level_of.get(row.caption_id) == level and row.adherence is not None]
        parts.append(f"{wording.LEVEL_GLYPHS[level]} {wording.share(sum(judged) / len(judged) if judged else None)}")
    st.caption(f"Adherence, the share of named colors that are right, over the newest {len(rows)}: {' · '.join(parts)}")


draw()
