"""Inspector: one image with its source, captions by level, regions, colorizations and history."""

from html import escape

import streamlit as st

from db.enums import DuplicateKind
from workbench import captions, colorizations, images, regions
from workbench.store import events
from workbench.ui.app import context
from workbench.ui.app.media_routes import thumb_url
from workbench.ui.components.color_chips import marked, spans_of
from workbench.ui.components.gallery import Tile, gallery
from workbench.ui.shared import crop_comparison, wording
from workbench.ui.shared.links import link

TWINS = 12
"""Near duplicates that are shown."""


def draw(image_id: int | None) -> None:
    """The inspector of an image, or how to get one."""
    if image_id is None:
        st.caption("Click an image for its details; press ? for the keys.")
        return
    with context.reading() as session:
        image = images.get(session, image_id)
        views = captions.of_image(session, image_id)
        region_views = regions.of_image(session, image_id)
        made = colorizations.of_image(session, image_id)
        past = events.history(session, "image", image_id)
    st.html(f'<img class="whole" src="{thumb_url(image.upright_key, "color", 1024)}" alt="{escape(image.file_name)}">')
    st.markdown(f"**{wording.plain(image.file_name)}** · {image.width} × {image.height}")
    facts = [f"from {image.source}" if image.source else "", f"by {image.author}" if image.author else "", image.license or ""]
    facts += ["in color" if image.has_reference else "gray"]
    st.caption(wording.plain(" · ".join(filter(None, facts))))
    if image.url:
        st.caption(wording.plain(image.url))
    _captions(views)
    if region_views:
        st.caption(
            "Regions: "
            + ", ".join(f"{wording.plain(view.region.label) or 'unnamed'} ({view.region.origin.value})" for view in region_views)
        )
    if made:
        st.caption(wording.count(len(made), "colorization"))
        tiles = [Tile(row.id, thumb_url(row.media_key), title=row.caption_text, note=f"seed {row.seed}") for row in made[-12:]]
        gallery(tiles, key=f"made-{image_id}", strip=True, selectable=False)
    st.caption("Open in")
    with st.container(horizontal=True):
        for page in ("caption", "ground"):
            link(page, page.capitalize(), image=image_id)
        link("colorize", "Colorize", q=f"id:{image_id}")
        link("try_colors", "Try colors", image=image_id)
        link("library", "More like this", q=f"like:{image_id}")
    _draw_twins(image_id)
    with st.expander("History"):
        for event in reversed(past[-12:]):
            st.caption(f"{wording.ago(event.created_at)} · {wording.plain(event.actor)} · {wording.plain(wording.happened(event))}")


def _draw_twins(image_id: int) -> None:
    """The near duplicates of the image, and crops of it."""
    with context.reading() as session:
        twins = images.duplicates_of(session, image_id)[:TWINS]
        images_by_id = images.by_id(session, [twin.image_id for twin in twins])
    if twins:
        st.caption(f"{wording.count(len(twins), 'near duplicate')}, always kept in the same split")
        tiles = [
            Tile(
                twin.image_id,
                thumb_url(images_by_id[twin.image_id].upright_key),
                title=images_by_id[twin.image_id].file_name,
                note=_likeness(twin),
            )
            for twin in twins
        ]
        gallery(tiles, key=f"twins-{image_id}", strip=True, selectable=False)
    crop_comparison.draw(image_id)


def _likeness(twin: images.Twin) -> str:
    return "a crop" if twin.kind is DuplicateKind.CROP else f"{twin.distance} bits apart"


def _captions(views: list[captions.CaptionView]) -> None:
    lines = [
        f"<li><span>{wording.LEVEL_GLYPHS[view.caption.level]}</span> {marked(view.caption.text, spans_of(view.mentions))}</li>"
        for view in sorted(views, key=lambda view: list(wording.LEVEL_GLYPHS).index(view.caption.level))
    ]
    st.html(f'<ul class="captions">{"".join(lines)}</ul>' if lines else '<p class="quiet">No caption yet: open it on the Caption page.</p>')
