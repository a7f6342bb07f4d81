"""Home: the loop as stations with live counts, what waits for you, what runs, the newest results, and quality over time."""

import streamlit as st
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, StudyStatus
from db.models import Colorization
from workbench import captions, colorizations, overview, releases, studies
from workbench.colorizations import checkpoints
from workbench.errors import WorkbenchError
from workbench.reviews import queue
from workbench.ui.app import context
from workbench.ui.app.media_routes import thumb_url
from workbench.ui.components.gallery import Tile, gallery
from workbench.ui.components.loop import Station, loop
from workbench.ui.home import beginning, quality
from workbench.ui.shared import next_steps, run_progress, tour, wording
from workbench.ui.shared.heading import heading
from workbench.ui.shared.links import go, link

LOOKED_AT, SHOWN = 300, 10  # of the newest colorizations
LEVELS = list(CaptionLevel)
ADDRESSES = ("library", "caption", "ground", "colorize", "rate", "review", "releases", "checkpoints")


def draw() -> None:
    """The page."""
    heading("home", "Home")
    with context.reading() as session:
        counts = overview.counts(session)
        if counts["images"]:
            levels = captions.counts_by_level(session)
            verdicts = queue.counts(session)
            frozen = releases.listing(session)
            newest = colorizations.newest(session, LOOKED_AT)
            level_of = _levels(session, newest)
            open_studies = studies.listing(session, status=StudyStatus.OPEN)
            weights = _default_name(session)
            busy = {run.job for run in run_progress.under_way()}
    if not counts["images"]:
        beginning.draw()
        return
    by_level = " ".join(f"{wording.LEVEL_GLYPHS[level]}{number}" for level, number in levels.items())
    release = f"{frozen[0].name} {frozen[0].version}" if frozen else "none yet"
    stations = [
        Station("import", f"{counts['images']:,}", wording.noun(counts["images"], "image")),
        Station("caption", f"{counts['captions']:,}", by_level),
        Station("ground", f"{counts['regions']:,}", wording.noun(counts["regions"], "mask")),
        Station("colorize", f"{counts['colorizations']:,}", wording.noun(counts["colorizations"], "colorization")),
        Station("rate", f"{counts['ratings']:,}", wording.count(len(open_studies), "open study", "open studies")),
        Station("review", f"{verdicts['reviewed']:,}", f"{verdicts['waiting']:,} waiting"),
        Station("release", f"{len(frozen)}", release),
        Station("train", weights, "is in use"),
    ]
    chosen = loop(stations, key="loop")
    if chosen is not None:
        go(ADDRESSES[chosen])
    pictures, aside = st.columns([2.6, 1], gap="large")
    with aside:
        next_steps.draw(counts, verdicts, frozen, bool(open_studies), busy)
        _running()
    with pictures:
        _newest(newest, level_of, "colorize_images" in busy)
    if newest:
        quality.draw(newest, level_of)


def _default_name(session: Session) -> str:
    """What colors unless another checkpoint is chosen; the one that comes with the package is entered when it is used first."""
    try:
        return checkpoints.default(session).name
    except WorkbenchError:
        return checkpoints.MINI


def _running() -> None:
    """What the computer does now and for how long yet, what failed, and the tour for who is new here."""
    st.markdown("## Running now")
    if not run_progress.watch():
        st.caption("Nothing.")
    run_progress.draw_failures()
    tour.offer()


def _levels(session: Session, rows: list[Colorization]) -> dict[int, CaptionLevel]:
    """The level of each caption among `rows`, by id."""
    if not rows:
        return {}
    these = "id:" + ",".join(str(image) for image in {row.image_id for row in rows})
    return {caption.id: caption.level for caption in captions.find(session, these, limit=20 * len(rows))}


def _newest(rows: list[Colorization], level_of: dict[int, CaptionLevel], coloring: bool) -> None:
    st.markdown("## Newest colorizations")
    if not rows and coloring:
        st.caption("They are being made; the first ones appear here in a minute.")
        return
    if not rows:
        st.caption("They appear here as soon as the first one is made.")
        link("colorize", "Colorize the first photos")
        return
    # Of each image the one whose words say most, so that the colors can be judged at a glance.
    telling = sorted(rows, key=lambda row: (LEVELS.index(level_of.get(row.caption_id, CaptionLevel.SCARCE)), -row.id))
    newest = sorted({row.image_id: row for row in reversed(telling)}.values(), key=lambda row: -row.id)[:SHOWN]
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
    _, opened = gallery(tiles, key="newest", columns=5, selectable=False)
    if opened:
        go("colorize", q=f"id:{next(row.image_id for row in newest if row.id == opened)}")


draw()
