"""What the deeds of the mask view do to the store, each on the image, the mention and the mask that its author saw."""

import numpy as np
import streamlit as st
from sqlalchemy.orm import Session

from db.enums import Origin, RegionOrigin
from db.models import Caption, Image, Mention
from workbench import images, regions
from workbench.errors import ConflictError, NotFoundError
from workbench.imaging import masks
from workbench.imaging.mask_editing import Correction, corrected
from workbench.regions import NEW, interactive_segmentation
from workbench.ui.app import context
from workbench.ui.components.mask_view import correction_of
from workbench.ui.shared.deeds import Deed

CUT_OUT = ("add", "remove", "box")
"""The corrections that segment-anything answers where a worker has it; strokes are done here."""
FRESH = "fresh-masks"
"""The masks begun in this visit, by the word that tells one from another: strokes that follow the first one go to the same mask."""


def do(session: Session, deed: Deed) -> None:
    """Do one deed; raises WorkbenchError, with nothing changed, where it does not fit what the store holds by now."""
    image = images.get(session, deed["image"])
    if image.sha256 != deed["picture"]:
        raise ConflictError("The browser kept a change for a picture of another store; it was not made here.")
    _require_mention(session, deed["mention"], image)
    region_id = deed["region"] or st.session_state.get(FRESH, {}).get(deed["fresh"], NEW)
    if region_id != NEW:
        _require_region(session, region_id, image)
    if deed["kind"] == "link":
        link(session, deed["mention"], region_id, linked=deed["linked"])
    else:
        _correct(session, image, deed, region_id)


def link(session: Session, mention_id: int, region_id: int, *, linked: bool) -> None:
    """Link a mention to a mask, or unlink it where it is `linked`."""
    if linked:
        regions.unground(session, mention_id, region_id, actor=context.actor())
    else:
        regions.ground(session, mention_id, region_id, origin=Origin.HUMAN, actor=context.actor())


def _require_mention(session: Session, mention_id: int, image: Image) -> None:
    mention = session.get(Mention, mention_id)
    if mention is None:
        raise NotFoundError("The caption has changed meanwhile: the phrase that this was done for is no longer there.")
    if session.get_one(Caption, mention.caption_id).image_id != image.id:
        raise ConflictError("This phrase belongs to another image; nothing was changed.")


def _require_region(session: Session, region_id: int, image: Image) -> None:
    try:
        region = regions.get(session, region_id)
    except NotFoundError:
        raise NotFoundError("The mask that this was done to was removed meanwhile; nothing was changed.") from None
    if region.image_id != image.id:
        raise ConflictError("This mask belongs to another image; nothing was changed.")


def _correct(session: Session, image: Image, deed: Deed, region_id: int) -> None:
    """Do a correction and store it, or ask the workers for it; a new mask becomes one that the mention is linked to."""
    correction, replaces = correction_of(deed), bool(deed.get("replaces"))
    if correction.kind in CUT_OUT and interactive_segmentation.served(session):
        interactive_segmentation.ask(
            session, image.id, deed["mention"], region_id, correction, replaces=replaces, requested_by=context.actor()
        )
        return
    made = cut_here(session, image, deed["mention"], region_id, correction, replaces=replaces)
    if region_id == NEW:
        st.session_state.setdefault(FRESH, {})[deed["fresh"]] = made


def cut_here(session: Session, image: Image, mention_id: int, region_id: int, correction: Correction, *, replaces: bool = False) -> int:
    """Carry a correction out in this process, clicks and boxes by GrabCut; returns the mask's id.

    What GrabCut has cut out is GrabCut's until a person draws in it or confirms it.
    """
    rgb = images.upright_rgb(context.media(), image)
    anew = region_id == NEW or replaces
    before = np.zeros(rgb.shape[:2], bool) if anew else masks.decode(regions.get(session, region_id).mask)
    mask = corrected(rgb, before, correction)
    origin = RegionOrigin.GRABCUT if correction.kind in CUT_OUT else RegionOrigin.HUMAN
    region = interactive_segmentation.keep(session, image.id, mention_id, region_id, mask, origin=origin, actor=context.actor())
    if region_id == NEW:
        take_in_hand(mention_id, region.id)
    return region.id


def take_in_hand(mention_id: int, region_id: int) -> None:
    """Let the next draw show a mask as the one that corrections of a mention mean."""
    st.session_state[f"target-{mention_id}-next"] = region_id
