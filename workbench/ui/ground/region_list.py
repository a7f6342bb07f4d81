"""The regions of an image on the Ground page: their numbers, a line for each, linking, confirming, removing."""

from collections.abc import Mapping, Sequence

import streamlit as st

from db.enums import RegionOrigin
from db.models import Image
from workbench import regions
from workbench.imaging import masks
from workbench.regions import GroundedMention, RegionView
from workbench.ui.app import context
from workbench.ui.ground import mask_deeds
from workbench.ui.shared import wording

LEAST_OVERLAP = 0.1
"""Of a mask that lies inside another one: edges that touch say nothing."""
TRUSTED = (RegionOrigin.HUMAN, RegionOrigin.COMPOSED)
"""Masks that need no confirming: drawn or confirmed by a person, or known from how the picture was made."""
DRAWN_BY = {
    RegionOrigin.HUMAN: "by a person",
    RegionOrigin.SAM: "by segment-anything",
    RegionOrigin.GRABCUT: "by GrabCut",
    RegionOrigin.COMPOSED: "exact, composed",
    RegionOrigin.IMPORTED: "imported",
}


def numbered(views: Sequence[RegionView]) -> dict[int, int]:
    """A number from 1 for each region by its id, the same on picture, list and keys; a correction changes none."""
    return {region_id: number for number, region_id in enumerate(sorted(view.region.id for view in views), 1)}


def state(mention: GroundedMention, views: Sequence[RegionView], numbers: Mapping[int, int]) -> str:
    """Which masks a mention has, and who else means them: "masks 1, 3 · shared with lamp"."""
    if not mention.regions:
        return "no mask yet"
    own = {region.id for region in mention.regions}
    which = ", ".join(str(numbers[region_id]) for region_id in sorted(own))
    origins = {
        other.object
        for view in views
        for other in view.mentions
        if view.region.id in own and other.caption_id == mention.mention.caption_id and other.id != mention.mention.id
    }
    shared = f" · shared with {wording.plain(', '.join(sorted(origins)))}" if origins else ""
    return f"mask{'s' if len(own) > 1 else ''} {which}{shared}"


def draw(image: Image, views: Sequence[RegionView], numbers: Mapping[int, int], lit: set[int]) -> None:
    """A line for each region: its number, name, part of the picture, what drew it, who means it, and what it lies over."""
    if views:
        st.markdown(f"**{wording.count(len(views), 'mask')}** in the image")
    with st.container(gap=None):
        for view in sorted(views, key=lambda view: numbers[view.region.id]):
            _line(image, view, views, numbers, view.region.id in lit)


def _line(image: Image, view: RegionView, views: Sequence[RegionView], numbers: Mapping[int, int], lit: bool) -> None:
    region = view.region
    meant = ", ".join(sorted({mention.object for mention in view.mentions}))
    over = [(masks.overlap(region.mask, other.region.mask), numbers[other.region.id]) for other in views if other is not view]
    parts = [
        f"{wording.plain(region.label) or 'unnamed'}",
        f"{region.area_px / (image.width * image.height):.1%}",
        DRAWN_BY[region.origin],
        f"linked to “{wording.plain(meant)}”" if meant else "linked to no phrase",
        *(f"{part:.0%} inside mask {number}" for part, number in sorted(over, reverse=True) if part >= LEAST_OVERLAP),
    ]
    text, buttons = st.columns([5, 2], vertical_alignment="center")
    text.caption(f"{'◼' if lit else '◻'} {numbers[region.id]} {' · '.join(parts)}")
    with buttons, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if region.origin not in TRUSTED and st.button(
            "Confirm", key=f"confirm-{region.id}", type="tertiary", help="Count it as a person's"
        ):
            confirm(region.id)
        if st.button("Remove", key=f"remove-{region.id}", type="tertiary"):
            remove(region.id)


def toggle(mention: GroundedMention, region_id: int, lit: set[int]) -> None:
    """Link a mention to a region, or unlink it from the one that it is linked to."""
    with context.attempt(), context.transaction() as session:
        mask_deeds.link(session, mention.mention.id, region_id, linked=region_id in lit)
    st.rerun()


def confirm(region_id: int) -> None:
    """Let a mask that a program found count as one that a person has seen and found right; undo takes that back."""
    with context.attempt(), context.transaction() as session:
        region = regions.get(session, region_id)
        if region.origin not in TRUSTED:
            regions.correct(session, region_id, masks.decode(region.mask), origin=RegionOrigin.HUMAN, actor=context.actor())
            context.say("Confirmed: this mask counts as a person's. Z undoes that.")
    st.rerun()


def remove(region_id: int) -> None:
    """Remove a region with its ties; undo brings both back."""
    with context.attempt(), context.transaction() as session:
        regions.remove(session, region_id, actor=context.actor())
        context.say("Removed; Z brings it back.")
    st.rerun()
