"""Queries are kept under a name beside the search field, taken up from there, and forgotten."""

import pytest

from tests.stores import reading, writing
from tests.ui.conftest import visit
from workbench.search import saved_views

pytestmark = pytest.mark.slow


def button(app, label):
    return next(button for button in app.button if button.label == label)


@pytest.mark.parametrize("page", ["library", "caption"])
@pytest.mark.slow
def test_the_present_query_is_kept_under_a_name(filled, page):
    app = visit(page, q="color:red")
    next(field for field in app.text_input if field.label == "Save this search as").set_value("red things")
    button(app, "Save").click().run()
    assert not app.exception
    with reading(filled) as session:
        assert [(view.name, view.query, view.author) for view in saved_views.listing(session)] == [("red things", "color:red", "ann")]
    assert "red things" in [button.label for button in app.button]


@pytest.mark.parametrize("page", ["library", "caption"])
def test_a_view_is_taken_up_with_one_click(filled, page):
    with writing(filled) as session:
        saved_views.save(session, "blue things", "color:blue", actor="ann")
    app = visit(page)
    button(app, "blue things").click().run()
    assert not app.exception
    assert app.query_params["q"] == "color:blue"
    assert next(field for field in app.text_input if field.label == "Search").value == "color:blue"


@pytest.mark.slow
def test_a_view_is_forgotten(filled):
    with writing(filled) as session:
        saved_views.save(session, "blue things", "color:blue", actor="ann")
    app = visit("library")
    button(app, "Delete").click().run()
    assert not app.exception
    with reading(filled) as session:
        assert saved_views.listing(session) == []


def test_an_empty_search_cannot_be_kept(filled):
    app = visit("library")
    assert "Save" not in [button.label for button in app.button]
