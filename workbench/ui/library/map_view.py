"""The map of the library: what is drawn of it, what a box on it asks for, and what to do where there is none yet."""

import streamlit as st

from workbench import images, search
from workbench.images.features import SIDE
from workbench.ui.app import address, context
from workbench.ui.components.library_map import Point, library_map
from workbench.ui.shared import run_progress, wording

DRAWN = 6000
"""Dots at most; a box asks for all pictures in it, drawn or not."""
STARTED = "The pictures are being compared; the map appears here when that is done."


def draw(query: str) -> list[int]:
    """The map with the matching pictures dark; returns the chosen one. A box that is drawn becomes the page's query."""
    with context.reading() as session:
        lacking = search.without_features(session)
        places = images.placed(session, DRAWN)
        images_by_id = images.by_id(session, [place.image_id for place in places])
        matching = set(images.ids(session, query)) if query.strip() else set(images_by_id)
        total = images.count(session)
    _say_what_lacks(lacking, total)
    if not places:
        return []
    points = [
        Point(place.image_id, round(place.x, 1), round(place.y, 1), image.upright_key, image.file_name, place.image_id in matching)
        for place in places
        if (image := images_by_id.get(place.image_id)) is not None
    ]
    number = sum(point.match for point in points)
    said = f"{number:,} of {wording.count(len(points), 'dot')} match" if query.strip() else wording.count(len(points), "picture")
    said += f", a part of {total:,}" if len(points) + lacking < total else ""
    chosen = st.session_state.get("map-chosen")
    picked, area = library_map(points, key="library-map", side=SIDE, said=said, chosen=chosen)
    if area:
        left, top, right, bottom = area
        st.session_state.pop("map-chosen", None)  # what is done next is meant for the box
        address.change(q=f"map:{left}x{top}-{right}x{bottom}")
        st.rerun()
    if picked and picked != chosen:
        st.session_state["map-chosen"] = picked
        st.rerun()
    return [chosen] if chosen in images_by_id else []


def _say_what_lacks(lacking: int, total: int) -> None:
    """Where pictures have no features, say so, with the way to them."""
    if not lacking or not total:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        some = f"{lacking:,} of {total:,} pictures have not been compared yet, so they are missing here."
        st.markdown("The pictures have not been compared yet; the map and “More like this” need that." if lacking >= total else some)
        if st.button("Compare the pictures", help="A worker looks at each picture once, about six per second"):
            run_progress.start("picture_features", {}, STARTED)
            st.rerun()
