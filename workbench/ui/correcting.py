"""Correcting masks on the Ground page: which mask a correction means, doing it, and taking the last change of a picture back."""

import numpy as np
import streamlit as st
from sqlalchemy.orm import Session

from db.enums import Origin, RegionOrigin
from db.models import Image
from workbench import events, images, masks, regions
from workbench.cutting import Correction, corrected
from workbench.regions import GroundedMention
from workbench.ui import context, wording

NEW = 0
"""Stands for a mask that is not there yet, beside the ids of those that are."""


def target(mention: GroundedMention) -> int:
    """The mask that corrections mean, as a choice of the mention's masks and a new one; its id, or NEW."""
    key = f"target-{mention.mention.id}"
    options = [*(region.id for region in mention.regions), NEW]
    wanted = st.session_state.pop(f"{key}-next", st.session_state.get(key))
    st.session_state[key] = wanted if wanted in options else options[0]
    if len(options) == 1:
        return NEW
    names = {region_id: f"mask {number}" for number, region_id in enumerate(options[:-1], 1)} | {NEW: "another mask"}
    return st.segmented_control("Correct", options, format_func=names.get, key=key, required=True, label_visibility="collapsed")


def correct(image: Image, mention: GroundedMention, region_id: int, correction: Correction) -> None:
    """Do a correction and store it; a new mask becomes one that the mention means."""
    with context.attempt(), context.transaction() as session:
        rgb = images.upright_rgb(context.media(), image)
        if region_id != NEW:
            before = masks.decode(regions.get(session, region_id).mask)
            regions.correct(session, region_id, corrected(rgb, before, correction), actor=context.actor())
        else:
            mask = corrected(rgb, np.zeros(rgb.shape[:2], bool), correction)
            st.session_state[f"target-{mention.mention.id}-next"] = _begin(session, image, mention, mask)
    st.rerun()


def _begin(session: Session, image: Image, mention: GroundedMention, mask: np.ndarray) -> int:
    """A new region of the mention, in one batch with its grounding."""
    who, batch = context.actor(), events.new_batch()
    region = regions.add(session, image.id, mask, origin=RegionOrigin.HUMAN, label=mention.mention.object, author=who, batch_id=batch)
    regions.ground(session, mention.mention.id, region.id, origin=Origin.HUMAN, actor=who, batch_id=batch)
    return region.id


def undo(image: Image) -> None:
    """Take back the newest change that a person made to the picture's masks and that still stands."""
    with context.attempt(), context.transaction() as session:
        change = regions.last_change(session, image.id)
        if change is None:
            context.say("No change of these masks is left to undo.")
        elif change.batch_id:
            events.rollback(session, change.batch_id, actor=context.actor())
            context.say(f"Undone: {wording.plain(change.action)} {change.subject}, with what was done in the same step.")
        else:
            events.undo(session, change.id, actor=context.actor())
            context.say(f"Undone: {wording.plain(change.action)} {change.subject}.")
    st.rerun()
