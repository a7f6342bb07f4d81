"""Home: the loop as stations with live counts, what waits for you, what runs, and the newest colorizations."""

import streamlit as st
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, StudyStatus
from db.models import Colorization
from workbench import captions, colorizations, overview, releases, studies
from workbench.colorizations import checkpoints
from workbench.errors import WorkbenchError
from workbench.reviews import Basis, Measured, measured, queue
from workbench.ui.app import context
from workbench.ui.app.media_routes import thumb_url
from workbench.ui.components.gallery import Tile, gallery
from workbench.ui.components.loop import Station, loop
from workbench.ui.library import empty_store
from workbench.ui.shared import next_steps, run_progress, wording
from workbench.ui.shared.links import go
from workbench.ui.study import results_cache

LOOKED_AT, SHOWN = 300, 14  # of the newest colorizations
LEVELS = list(CaptionLevel)
ADDRESSES = ("library", "caption", "ground", "colorize", "rate", "review", "releases", "checkpoints")


def draw() -> None:
    """The page."""
    st.title("The loop")
    with context.reading() as session:
        counts = overview.counts(session)
        levels = captions.counts_by_level(session)
        verdicts = queue.counts(session)
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
    run_progress.watch()
    run_progress.draw_failures()
    next_steps.draw(counts, verdicts, frozen, bool(open_studies))
    _newest(newest, level_of)
    _quality(newest, level_of)


def _default_name(session: Session) -> str:
    try:
        return checkpoints.default(session).name
    except WorkbenchError:
        return "–"


def _begin() -> None:
    run_progress.watch("make_demo", "import_images", "colorize_images")
    empty_store.draw("This store is empty. Begin with your own photos, or with the demo: the loop fills from left to right.")


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
    _, opened = gallery(tiles, key="newest", columns=7, selectable=False)
    if opened:
        go("colorize", q=f"id:{next(row.image_id for row in newest if row.id == opened)}")


def _quality(rows: list[Colorization], level_of: dict[int, CaptionLevel]) -> None:
    """How well the colors follow the words, and how far raters agree; last, for the second takes a moment at first."""
    if not rows:
        return
    known = [(level_of.get(row.caption_id), measured(row)) for row in rows]
    parts = []
    for level in (CaptionLevel.COMPLETE, CaptionLevel.PARTIAL):  # a scarce caption names no colors
        for basis in (Basis.PERSON, Basis.INDEPENDENT):  # what steered the colors cannot judge them
            values = [one.value for at, one in known if at == level and one.basis is basis and one.value is not None]
            if values:
                mean = Measured(sum(values) / len(values), basis)
                parts.append(f"{wording.LEVEL_GLYPHS[level]} {wording.adherence(mean)} of {len(values)}")
    shares = " · ".join(parts) or "not measured in masks of persons or in independent ones"
    st.caption(f"Adherence, the share of named colors that are right, over the newest {len(rows)}: {shares}")
    with context.reading() as session:
        votes = {study: studies.progress(session, study.id).votes for study in studies.listing(session)}
    rated = next((study for study, number in votes.items() if number), None)
    if rated:
        results = results_cache.results(rated.id, votes[rated])
        number = "not computable yet" if results.alpha is None else f"α {results.alpha:.2f}"
        whom = "simulated raters" if results.simulated_votes else "raters"
        st.caption(f"Agreement of {whom} in {wording.plain(rated.name)}: {number}")


draw()
