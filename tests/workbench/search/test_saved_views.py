"""Queries kept under a name."""

import pytest

from db.models import Event
from workbench.errors import InvalidInputError, NotFoundError
from workbench.search import saved_views
from workbench.store import events


def test_a_query_is_kept_under_its_name_and_takes_a_new_one(session):
    saved_views.save(session, " night work ", "tag:night", actor="ada")
    saved_views.save(session, "cups", "object:cup", actor="ada")
    assert [(view.name, view.query) for view in saved_views.listing(session)] == [("cups", "object:cup"), ("night work", "tag:night")]
    saved_views.save(session, "cups", "object:cup color:red", actor="ben")
    assert saved_views.get(session, "cups").query == "object:cup color:red"
    assert saved_views.get(session, "cups").author == "ada"


def test_what_cannot_be_read_is_not_kept(session):
    with pytest.raises(InvalidInputError, match="character 7"):
        saved_views.save(session, "bad", "level:foo", actor="ada")
    with pytest.raises(InvalidInputError, match="under what name"):
        saved_views.save(session, "  ", "cup", actor="ada")
    assert saved_views.listing(session) == []


def test_a_view_that_is_not_there_is_named_with_those_that_are(session):
    saved_views.save(session, "cups", "object:cup", actor="ada")
    with pytest.raises(NotFoundError, match='no saved view "dogs"; there are: "cups"'):
        saved_views.get(session, "dogs")
    with pytest.raises(NotFoundError):
        saved_views.remove(session, "dogs", actor="ada")


def test_saving_and_removing_can_be_taken_back(session):
    saved_views.save(session, "cups", "cup", actor="ada")
    saved_views.save(session, "cups", "red cup", actor="ada")
    saved_views.remove(session, "cups", actor="ada")
    assert saved_views.listing(session) == []
    saved, changed, removed = session.query(Event).filter(Event.subject == "saved_view").order_by(Event.id)
    for event, query in ((removed, "red cup"), (changed, "cup")):
        events.undo(session, event.id, actor="ada")
        session.expire_all()
        assert saved_views.get(session, "cups").query == query
    events.undo(session, saved.id, actor="ada")
    assert saved_views.listing(session) == []
