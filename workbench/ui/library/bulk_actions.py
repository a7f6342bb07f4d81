"""What can be done with many images at once: those chosen in the gallery, else everything that matches the query."""

import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from workbench import images, vision_language
from workbench.captions import Edit
from workbench.images import Credit
from workbench.importing import credit_files
from workbench.search import Count
from workbench.ui.app import context
from workbench.ui.caption import edit_batches
from workbench.ui.shared import run_progress, undoing, wording
from workbench.ui.shared.links import go
from workbench.ui.shared.popovers import close, popover

POPOVER = "bulk"


def draw(query: str, number: Count, chosen: list[int]) -> None:
    """The bulk bar."""
    target = "id:" + ",".join(map(str, chosen)) if chosen else query
    noun = "matching image" if query else "image"
    everything = f"all {noun}s" if number.more else wording.count(number, noun)
    everything = f"all {everything}" if number > 1 and not number.more else everything
    whom = wording.count(len(chosen), "chosen image") if chosen else everything
    st.markdown(f"For **{whom}**")
    with st.container(horizontal=True, gap="small"):
        if st.button("Caption"):
            go("caption", q=target)
        if st.button("Find masks", help="Propose a mask for every phrase of their captions"):
            _ask("ground_phrases", {"query": target}, "Finding masks is queued.")
        if st.button("Colorize", type="primary"):
            go("colorize", q=target)
        if st.button("Derive captions", help="Propose partial and scarce captions from complete ones"):
            _ask("level_captions", {"query": target, "derive": True}, "Deriving is queued; proposals appear on the Caption page.")
        with popover("Compose scenes", f"{POPOVER}-compose", help="Make training scenes: their masked objects on photos of the library"):
            _compose_form(target)
        with popover("Tag", f"{POPOVER}-tag"):
            _tag_form(target)
        with popover("Credit", f"{POPOVER}-credit", help="Say where they are from: source, author, license, address"):
            _credit_form(target)
        if st.button("Propose captions", help="Ask the vision-language model of the Settings page for captions; they wait as proposals"):
            _propose(target)
        with popover("Delete", f"{POPOVER}-delete"):
            _delete_form(target, len(chosen) if chosen else number)


def _ask(job: str, parameters: dict, done: str) -> None:
    run_progress.start(job, parameters, done)
    st.rerun()


def _compose_form(target: str) -> None:
    with st.form("compose", border=False):
        st.caption("Objects with masks are cut out, recolored by name and put on the library's photos: exact masks, three levels.")
        left, right = st.columns(2)
        count = left.number_input("Scenes", 1, 100_000, 40)
        seed = right.number_input("Seed", 0, 2**31, 0, help="The same seed adds nothing new")
        if st.form_submit_button("Compose", type="primary", width="stretch"):
            parameters = {"query": target, "count": int(count), "seed": int(seed)}
            close(f"{POPOVER}-compose")
            _ask("compose_scenes", parameters, "Scenes are being composed; they appear here under source:composed.")


def _credit_form(target: str) -> None:
    with st.form("credit", border=False):
        parts = {name: st.text_input(name.capitalize() if name != "url" else "Address").strip() or None for name in images.CREDIT_PARTS}
        wants = st.form_submit_button("Set", type="primary", width="stretch", help="Empty fields stay as they are; Z undoes it")
    if wants:
        with context.attempt():
            with context.reading() as session:
                own = dict.fromkeys(images.ids(session, target), Credit(**parts))
            batch, changed = images.credit_in_parts(own, actor=context.actor(), writing=context.transaction)
            undoing.note(batch)
            context.say(f"{wording.count(changed, 'image')} changed. Z undoes it.")
        close(f"{POPOVER}-credit")
        st.rerun()
    file = st.file_uploader(
        "Or a table of credits: CSV, JSON or JSONL with the columns file, source, author, license, url", type=["csv", "json", "jsonl"]
    )
    if file is not None and st.button("Apply the table", width="stretch"):
        _apply_manifest(file)
        close(f"{POPOVER}-credit")
        st.rerun()


def _apply_manifest(file: Any) -> None:
    """Credit the images that an uploaded file names, wherever they are in the library."""
    with context.attempt(), tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / Path(file.name).name
        place.write_bytes(file.getbuffer())
        said = credit_files.read(place)
        outcome = credit_files.apply(said, actor=context.actor(), reading=context.reading, writing=context.transaction)
        undoing.note(outcome.batch)
        left = (
            f"; {wording.count(len(outcome.unmatched), 'name')} match no image; the first: {outcome.unmatched[0][1]}"
            if outcome.unmatched
            else ""
        )
        context.say(f"{wording.count(outcome.changed, 'image')} changed{left}. Z undoes it.")


def _propose(target: str) -> None:
    with context.reading() as session:
        endpoint = vision_language.kept(session)
    if endpoint is None:
        context.say_no("No vision-language model is set; set one on the Settings page. Nothing is sent anywhere before that.")
        st.rerun()
    _ask("propose_captions", {"query": target, **endpoint.as_json()}, f"{endpoint.model} is asked; proposals appear on the Caption page.")


def _delete_form(target: str, number: int) -> None:
    st.caption("Deletes the images with their captions, masks, colorizations and reviews, as one batch; Z brings them back.")
    if number > images.MOST_AT_ONCE:
        st.caption(f"At most {images.MOST_AT_ONCE} at once: search for fewer, or choose some.")
    elif st.button(f"Delete {wording.count(number, 'image')}", type="primary", width="stretch"):
        with context.attempt():
            with context.reading() as session:
                keys = images.ids(session, target)
            batch = images.remove_in_parts(keys, actor=context.actor(), reading=context.reading, writing=context.transaction)
            undoing.note(batch)
            context.say(f"{wording.count(number, 'image')} deleted. Z brings them back.")
        close(f"{POPOVER}-delete")
        st.rerun()


def undo() -> None:
    """Undo what was done last to images in this visit: deleted, credited or tagged."""
    undoing.undo_last("There is nothing to undo here since you opened the page. Earlier edits are undone on the Edits page.")


def _tag_form(target: str) -> None:
    with st.form("tag", border=False):
        tag = st.text_input("Tag", placeholder="night").strip()
        put, take = st.columns(2)
        wants_put = put.form_submit_button("Add", width="stretch")
        wants_take = take.form_submit_button("Remove", width="stretch")
    if tag and (wants_put or wants_take):
        close(f"{POPOVER}-tag")
        edit = Edit("retag", target, add=(tag,) if wants_put else (), take=(tag,) if wants_take else ())
        with context.attempt():
            edit_batches.carry_out(edit, edit_batches.looked_at(edit))
        st.rerun()
