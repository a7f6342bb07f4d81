"""What images are found by, and how unsure the color prior is of them, is computed once each."""

import pytest

from db.models import PriorDoubt
from lcad.models.picture_features import NETWORK
from workbench import images
from workbench.images import features


@pytest.mark.slow
def test_features_and_doubts_are_computed_for_images_that_lack_either_and_no_more(store, library, carry_out):
    library(3)
    run = carry_out("picture_features")
    assert (run.status, run.done) == ("done", 3)
    with store.writing() as session:
        keys = images.ids(session)
        doubts = features.doubts_of(session, keys)
        assert (features.lacking(session, keys, NETWORK), sorted(doubts)) == ([], keys)
        assert all(doubt > 0 for doubt in doubts.values())
        placed = features.placed(session, 10)
        session.delete(session.get_one(PriorDoubt, keys[0]))
        session.get_one(PriorDoubt, keys[1]).prior = "an earlier one"
    again = carry_out("picture_features")
    assert (again.done, again.skipped) == (2, 1)
    with store.reading() as session:
        assert features.doubts_of(session, keys) == pytest.approx(doubts)
        assert len(features.placed(session, 10)) == len(placed)
