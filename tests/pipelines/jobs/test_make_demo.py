"""The demo fills a store once, through the same import as a user's files, and asks for its colorizations."""

import pytest
from sqlalchemy import func, select

from db.enums import CaptionLevel, RegionOrigin, RunStatus
from db.models import Caption, Event, Grounding, Image, ImageTag, Region
from workbench import runs

pytestmark = pytest.mark.slow


TABLES = (Image, Caption, Region, Grounding, ImageTag, Event)


def counts(store) -> dict[str, int]:
    with store.reading() as session:
        return {table.__tablename__: session.scalar(select(func.count()).select_from(table)) for table in TABLES}


@pytest.mark.slow
def test_the_demo_has_photos_and_scenes_with_captions_and_masks_and_a_second_one_adds_nothing(store, carry_out):
    run = carry_out("make_demo", colorize=False, size=64)
    assert run.status is RunStatus.DONE, run.message
    assert run.done == run.total > 20
    assert run.failed == 0
    with store.reading() as session:
        assert set(session.scalars(select(Caption.level))) == set(CaptionLevel)
        assert {RegionOrigin.HUMAN, RegionOrigin.COMPOSED} <= set(session.scalars(select(Region.origin)))
    made = counts(store)
    assert made["grounding"] > 50
    again = carry_out("make_demo", size=64)
    assert again.status is RunStatus.DONE
    assert counts(store) == made
    assert again.summary["images"] == made["image"] == run.summary["images"]
    with store.reading() as session:
        waiting = runs.get(session, again.summary["colorize_run"])
    assert (waiting.job, waiting.status, waiting.parameters["query"]) == ("colorize_images", RunStatus.QUEUED, "source:demo")
