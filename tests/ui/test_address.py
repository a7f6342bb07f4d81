"""The address that a browser brings along late: what the server has set since counts, a way back counts as it is."""

import pytest
from streamlit.testing.v1 import AppTest

from workbench.ui.app import address


def script():
    import streamlit as st

    from workbench.ui.app import address

    address.enter(st.session_state.get("page", "ground"))
    for change in st.session_state.pop("changes", ()):
        address.change(**change)
    st.text(f"{address.query() or '-'} {address.image()}")


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(script)
    app.query_params["image"] = "1"
    return app.run()


def shown(app: AppTest, *changes: dict, image: str | None = None, query: str = "") -> str:
    """What counts in a message that brings an address along, after `changes` of the server's."""
    if image is not None:
        app.query_params.clear()
        app.query_params.update({name: value for name, value in (("q", query), ("image", image)) if value})
    app.session_state["changes"] = changes
    return app.run().text[0].value


def test_an_address_from_before_the_turn_does_not_turn_back(app):
    assert shown(app, {"image": 2}) == "- 2"
    assert shown(app, image="1") == "- 2"
    assert shown(app, {"image": 3}, image="1") == "- 3"
    assert shown(app, image="2") == "- 3"
    assert shown(app, image="3") == "- 3"


def test_an_image_that_nobody_turned_to_is_gone_to(app):
    assert shown(app, {"image": 2}) == "- 2"
    assert shown(app, image="7") == "- 7"
    assert shown(app, image="1") == "- 1", "the turn is over"


def test_the_way_back_in_the_history_is_taken(app):
    shown(app, {"image": 2})
    app.session_state[address.WENT] = True
    assert shown(app, image="1") == "- 1"
    assert shown(app, image="2") == "- 2"


def test_an_address_that_is_not_late_but_old_is_gone_to(app, monkeypatch):
    shown(app, {"image": 2})
    monkeypatch.setattr(address, "LATE", 0.0)
    assert shown(app, image="1") == "- 1"


def test_another_page_begins_anew(app):
    shown(app, {"image": 2})
    app.session_state["page"] = "caption"
    assert shown(app, image="1") == "- 1"


def test_a_search_takes_the_image_out_and_is_kept_over_a_late_message(app):
    assert shown(app, {"q": "a red box", "image": None}) == "a red box None"
    assert shown(app, image="1") == "a red box None"
