"""Try colors: one photo, a caption, several seeds and levels at once; pin colors, keep what you like, and the rest is gone."""

import streamlit as st

from workbench.errors import WorkbenchError
from workbench.store import events
from workbench.ui.app import context
from workbench.ui.components.keys import keys
from workbench.ui.shared import coloring_options, wording
from workbench.ui.shared.heading import heading
from workbench.ui.shared.links import link
from workbench.ui.trying import asking, board, photo

FOCUS = {"/": ('input[aria-label="Caption"]', "write the caption")}
HINTS = {
    "Tab": "go through phrases, results and buttons; a phrase shows where the model looks for it",
    "Enter": "choose the phrase for a pin, show the result large", "← →": "next result, large", "g": "the gray photo",
    "m": "attention or mask of phrases", "s": "draw a stroke, or stop", "k": "keep the result that is large", "wheel, 0": "zoom, fit",
}  # fmt: skip


def draw() -> None:
    """The page."""
    heading("try_colors", "Try colors")
    held = photo.choose()
    pressed = keys({"z": "undo what was kept last"}, key="try-keys", focus=FOCUS, hints=HINTS)
    if pressed == "z":
        _undo()
    if held is None:
        st.info("Drop a photo, or pick one from the library. A dropped photo is forgotten unless you keep a result.")
        return
    filled_in = asking.fields(held, coloring_options.known_checkpoints())
    if filled_in is None:
        st.html(f'<img class="whole" src="{held.gray}" alt="the photo in gray">')
        return
    captions, values = filled_in
    asking.say_notes(values["settings"])
    try:
        inputs, run_id = asking.current(held, captions, values)
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return
    board.draw(held, captions, inputs, run_id, values["seeds"])
    _foot(held)


def _foot(held: photo.Photo) -> None:
    kept = st.session_state.get("try-kept", {})
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(wording.plain(f"{held.name}, tried at {held.size[0]} × {held.size[1]}") + ("" if held.whole else ", kept at full size"))
        if kept:
            st.caption(f"{wording.count(len(kept), 'result')} kept")
            link("colorize", "Open in Colorize", q=f"id:{st.session_state['try-image']}")
            st.button("Undo", on_click=_undo, help="Undo what was kept last (Z)")
        st.button("Discard and start over", on_click=asking.discard, help="Removes the photo and every result that is not kept")


def _undo() -> None:
    """Take back the last keeping: rows that it added go, the results stay on the page."""
    kept: dict[str, str] = st.session_state.get("try-kept", {})
    if not kept:
        context.say("There is nothing to undo.")
        return
    batch = list(kept.values())[-1]
    with context.attempt(), context.transaction() as session:
        events.rollback(session, batch, actor=context.actor())
        st.session_state["try-kept"] = {name: one for name, one in kept.items() if one != batch}
        context.say("Undone: the last kept result is no longer in the library.")


draw()
