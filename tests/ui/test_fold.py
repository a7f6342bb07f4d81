"""Folds draw what is in them once they are opened, and keep what was entered."""

import pytest

from tests.ui.conftest import visit

pytestmark = pytest.mark.slow


def test_a_form_that_nobody_opened_is_not_drawn_and_keeps_its_entries_when_it_is_folded_again(filled):
    app = visit("studies")
    assert list(app.text_input) == []
    app.session_state["new-study"] = True
    app.run()
    first = app.text_input[0].set_value("mine")
    app.run()
    app.session_state["new-study"] = False
    app.run()
    assert app.text_input(key=first.key).value == "mine"
