"""What was begun is done to its end: neither callbacks nor the answer to a key are given up for the browser's next message."""

import threading

import pytest
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests
from streamlit.testing.v1 import AppTest

from workbench.ui.components import undisturbed


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    for name in ("on_scriptrunner_yield", "request_rerun"):
        monkeypatch.setattr(ScriptRequests, name, getattr(ScriptRequests, name))
    undisturbed.install()


def script():
    import streamlit as st

    from tests.ui.test_undisturbed import message_comes
    from workbench.ui.components import undisturbed

    st.session_state.setdefault("done", [])

    def pressed():
        message_comes()
        st.session_state["done"] = [*st.session_state["done"], "callback"]

    st.button("in a callback", on_click=pressed)
    if st.button("in the page"):
        undisturbed.begin()
        message_comes()
        st.session_state["done"] = [*st.session_state["done"], "answer"]
        undisturbed.end()
        st.session_state["done"] = [*st.session_state["done"], "after it"]
    if st.button("and drawn again"):
        undisturbed.begin()
        st.session_state["done"] = ["drawn again"]
        st.rerun()
        st.session_state["done"] = ["went on"]
    if st.button("undefended"):
        message_comes()
        st.session_state["done"] = ["undefended"]


def message_comes():
    """The browser sends another message; as ever, on another thread than the run's."""
    requests = get_script_run_ctx().script_requests
    assert requests is not None
    comes = threading.Thread(target=requests.request_rerun, args=(RerunData(),))
    comes.start()
    comes.join()


def done(button: str) -> list[str]:
    app = AppTest.from_function(script).run()
    next(one for one in app.button if one.label == button).click()
    app.run()
    assert not app.exception
    return app.session_state["done"]


def test_a_callback_is_run_to_its_end():
    assert done("in a callback") == ["callback"]


def test_the_answer_to_a_key_is_given_whole_and_then_the_message_is_heard():
    assert done("in the page") == ["answer"]


def test_a_page_that_asks_to_be_drawn_again_is():
    assert done("and drawn again") == ["drawn again"]


def test_where_nothing_is_being_done_a_message_is_heard_at_once():
    assert done("undefended") == []
