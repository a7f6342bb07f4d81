"""Correcting masks on the Ground page: which mask a correction means, doing it here or by a worker, and taking the last change back."""

from collections.abc import Mapping

import streamlit as st

from db.enums import Role, RunStatus
from db.models import Image, Run
from workbench import regions, runs
from workbench.imaging.mask_editing import Correction
from workbench.regions import NEW, GroundedMention, interactive_segmentation
from workbench.settings import sam_weights
from workbench.store import events
from workbench.ui.app import context
from workbench.ui.ground import mask_deeds
from workbench.ui.shared import wording


def target(mention: GroundedMention, numbers: Mapping[int, int]) -> int:
    """The mask that corrections mean, as a choice of the mention's masks by their numbers and a new one; its id, or NEW."""
    key = _key(mention.mention.id)
    options = [*(region.id for region in mention.regions), NEW]
    next_value = st.session_state.pop(f"{key}-next", st.session_state.get(key))
    st.session_state[key] = next_value if next_value in options else options[0]
    if len(options) == 1:
        return NEW
    names = {region_id: f"mask {numbers[region_id]}" for region_id in options[:-1]} | {NEW: "a new mask"}
    chosen = st.segmented_control("Correct", options, format_func=names.__getitem__, key=key, required=True, label_visibility="collapsed")
    return options[0] if chosen is None else chosen


def _key(mention_id: int) -> str:
    return f"target-{mention_id}"


def say_method() -> None:
    """Tell in plain words what cuts clicks out, and how to get the better one where it is not at hand."""
    home = context.settings().home
    with context.reading() as session:
        if interactive_segmentation.served(session):
            st.caption("Clicks and boxes are turned into masks by segment-anything, on a worker; strokes and polygons at once.")
            return
    weights = sam_weights(home)
    if weights and weights.is_file():
        how = "Its weights are there: a worker takes them up within seconds; start one with `workbench work` where none is running."
    else:
        there = home / "weights"
        how = f"`workbench checkpoints get sam` fetches it, or put `sam_vit_b_01ec64.pth` into `{there}`; a running worker takes it up."
    st.caption("Clicks and boxes are turned into masks by GrabCut, at once.", help=f"Segment-anything gives cleaner masks. {how}")


def get_ready(image: Image) -> None:
    """Let a worker read the picture while the person still looks for where to click; asked once for each picture in a row."""
    if st.session_state.get("ready-for") != image.id and context.may(Role.ANNOTATOR):
        st.session_state["ready-for"] = image.id
        with context.attempt(), context.transaction() as session:
            interactive_segmentation.get_ready(session, image.id, requested_by=context.actor())


def waiting(image: Image) -> Correction | None:
    """Show the click that the workers have of this picture, live, or why it failed; the click, where it is still to come."""
    with context.reading() as session:
        run = interactive_segmentation.latest(session, image.id)
    if run is None:
        return None
    if run.status is RunStatus.FAILED:
        st.error(wording.plain(run.message))
        _choices(image, run)
        return None
    _at_work(image, run.id)
    return interactive_segmentation.correction_of(run)


@st.fragment(run_every=0.4)
def _at_work(image: Image, run_id: int) -> None:
    with context.reading() as session:
        run = runs.get(session, run_id)
        changed = interactive_segmentation.carried_out(session, run_id)
    if run.status not in runs.ENDED:
        st.caption("Segment-anything is working on this click; the first click on a picture takes longest.")
        _choices(image, run)
        return
    if changed and run.parameters["region_id"] == NEW:
        mask_deeds.take_in_hand(run.parameters["mention_id"], run.summary["region"])
    elif run.status is RunStatus.DONE and not changed:
        context.say("That click did not change the mask.")
    st.rerun()


def _choices(image: Image, run: Run) -> None:
    """What can be done about a click that is not answered: nothing of it is lost meanwhile."""
    with st.container(horizontal=True):
        if run.status is RunStatus.FAILED and st.button("Try again", key=f"again-{run.id}"):
            with context.attempt(), context.transaction() as session:
                runs.resume(session, run.id, actor=context.actor())
            st.rerun()
        if st.button("Use GrabCut instead", key=f"here-{run.id}"):
            with context.attempt(), context.transaction() as session:
                if interactive_segmentation.drop(session, run.id, actor=context.actor()):
                    parameters, correction = run.parameters, interactive_segmentation.correction_of(run)
                    replaces = parameters.get("replaces", False)
                    mask_deeds.cut_here(session, image, parameters["mention_id"], parameters["region_id"], correction, replaces=replaces)
            st.rerun()
        if st.button("Cancel this click", key=f"drop-{run.id}"):
            with context.attempt(), context.transaction() as session:
                interactive_segmentation.drop(session, run.id, actor=context.actor())
            st.rerun()


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
