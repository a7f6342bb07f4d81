"""Captions are read again, and shorter ones proposed from them, once."""

import pytest
from sqlalchemy import select

from db.enums import CaptionLevel, CaptionStatus, Origin
from db.models import Caption


def captions_of(store) -> list[Caption]:
    with store.reading() as session:
        return list(session.scalars(select(Caption).order_by(Caption.id)))


@pytest.mark.slow
def test_partial_and_scarce_captions_are_proposed_from_complete_ones_once(store, library, carry_out):
    library(1)
    run = carry_out("level_captions", query="level:complete")
    proposed = [caption for caption in captions_of(store) if caption.status is CaptionStatus.PROPOSED]
    assert run.total == 1
    assert {caption.level for caption in proposed} <= {CaptionLevel.PARTIAL, CaptionLevel.SCARCE}
    assert {caption.derived_from_id for caption in proposed} == {1}
    assert run.summary["proposals"] == len(proposed)
    before = len(captions_of(store))
    assert carry_out("level_captions", query="level:complete").summary["proposals"] == 0
    assert len(captions_of(store)) == before


def test_reading_again_mends_the_level_of_the_rules_and_leaves_that_of_a_person(store, library, carry_out):
    library(1)
    with store.writing() as session:
        complete, partial, _ = session.scalars(select(Caption).order_by(Caption.id))
        complete.level = complete.computed_level = CaptionLevel.SCARCE
        partial.level, partial.level_origin = CaptionLevel.COMPLETE, Origin.HUMAN
    carry_out("level_captions", derive=False)
    complete, partial, *rest = captions_of(store)
    assert complete.level is CaptionLevel.COMPLETE
    assert (partial.level, partial.computed_level) == (CaptionLevel.COMPLETE, CaptionLevel.PARTIAL)
    assert len(rest) == 1
