"""The tour shows the demo where there is one, own photos else, and no search that finds nothing."""

from sqlalchemy import delete, update

from db.models import Image, Region
from tests.stores import writing
from workbench.ui.shared import tour


def test_a_stop_searches_only_for_what_is_there(filled):
    ground = next(stop for stop in tour.STOPS if stop.page == "ground")
    assert ground.address == {"q": "has:mask"}
    with writing(filled) as session:
        session.execute(update(Image).values(source="demo"))
    assert ground.address == {"q": "source:demo has:mask"}
    with writing(filled) as session:
        session.execute(delete(Region))
    assert ground.address == {}
