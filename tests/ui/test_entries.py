"""What was entered on a page is there again after a visit to another one."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.stores import insert_checkpoint, writing
from tests.ui.conftest import visit
from workbench.colorizations import checkpoints


def script():
    import streamlit as st

    from workbench.ui.shared.entries import entered

    if st.session_state.get("page") != "another":
        st.text_input("Seeds", key=entered("coloring-seeds", "0"))


def test_a_field_keeps_what_was_entered_over_a_visit_to_another_page():
    app = AppTest.from_function(script).run()
    assert app.text_input[0].value == "0"
    app.text_input[0].set_value("0-3").run()
    for page in ("another", "this one"):
        app.session_state["page"] = page
        app.run()
    assert app.text_input[0].value == "0-3"


@pytest.mark.slow
def test_the_checkpoint_that_is_put_to_use_is_the_one_that_colors_next(filled):
    with writing(filled) as session:
        other = insert_checkpoint(session, "other").id
        before = checkpoints.default(session).name
    app = visit("colorize")
    assert app.selectbox(key="coloring-checkpoint").value == before
    with writing(filled) as session:
        checkpoints.promote(session, other, actor="ann")
    app.run()
    assert app.selectbox(key="coloring-checkpoint").value == "other"
    app.selectbox(key="coloring-checkpoint").set_value(before)
    next(button for button in app.button if button.label.startswith("Colorize ")).click().run()
    assert app.selectbox(key="coloring-checkpoint").value == before, "what a person chose stays"
