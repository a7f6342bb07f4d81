"""The vision-language model that may be asked for captions: address, model, prompt, temperature, and where its key belongs."""

import os
from typing import Any

import streamlit as st

from workbench import vision_language
from workbench.ui.app import context
from workbench.ui.shared import wording
from workbench.vision_language import FACES, KEY_VARIABLE, MODES, MOST_AT_ONCE, PROMPT, Endpoint

FACE_WORDS = {"auto": "the original where it has color, else gray", "gray": "always the gray picture"}
MODE_WORDS = {
    "derive": "complete from the model, the others by the rules",
    "ask": "all three from the model",
    "complete": "the complete one alone",
}


def draw() -> None:
    """The form, and what holds now."""
    st.markdown("## Help with captions")
    with context.reading() as session:
        present = vision_language.kept(session)
    if present is None:
        st.caption(
            "No model is set, and nothing is sent anywhere. Any server with an OpenAI-compatible chat interface that takes pictures works."
        )
    else:
        st.markdown(f"✓ **{wording.plain(present.model)}** at {wording.plain(present.address)}, used by “Propose captions” in the Library")
    with st.expander("Vision-language model", expanded=False):
        _form(present)


def _form(present: Endpoint | None) -> None:
    known = present or Endpoint("http://localhost:8000/v1", "model")
    with st.form("vision-language", border=False):
        address = st.text_input("Base address", known.address if present else "", placeholder="http://localhost:8000/v1")
        model = st.text_input("Model", known.model if present else "", placeholder="qwen2.5-vl-7b-instruct")
        prompt = st.text_area("Prompt", known.prompt or PROMPT, height=140)
        first, second = st.columns(2)
        temperature = first.number_input("Temperature", 0.0, 2.0, known.temperature, 0.1)
        at_once = second.number_input("Questions at a time", 1, MOST_AT_ONCE, known.at_once)
        face = st.selectbox("What is sent", FACES, FACES.index(known.face), format_func=FACE_WORDS.__getitem__)
        mode = st.selectbox("The three levels", MODES, MODES.index(known.mode), format_func=MODE_WORDS.__getitem__)
        key = "set" if os.environ.get(KEY_VARIABLE) else "not set"
        st.caption(
            f"Pictures are sent with at most 768 px, without metadata. The key is read from {KEY_VARIABLE} of the worker and never stored; "
            f"in this process it is {key}. A server on your own machine needs none."
        )
        if st.form_submit_button("Save", type="primary"):
            with context.attempt():
                options: dict[str, Any] = {"temperature": float(temperature), "at_once": int(at_once), "face": face, "mode": mode}
                endpoint = Endpoint(address.strip(), model.strip(), prompt.strip(), **options)
                with context.transaction() as session:
                    vision_language.keep(session, endpoint, actor=context.actor())
                context.say(f"{endpoint.model} is set; it is used only when you ask it to.")
            st.rerun()
