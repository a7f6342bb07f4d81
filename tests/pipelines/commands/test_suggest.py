"""What to do next, from the command line: with reasons, and what such an order brings beside chance."""

import pytest

from workbench import captions
from workbench.images import features


@pytest.mark.slow
def test_photos_to_describe_are_listed_with_their_reason_and_what_the_order_brings(workbench, store, library):
    ids = library(2)
    with store.writing() as session:
        captions.drop(session, captions.matching(session, f"id:{ids[1]}"), actor="ann")
        features.keep_doubts(session, {ids[1]: 7.0}, "test")
    answer = workbench("suggest", "describe", "--home", store.settings.home)
    assert answer.status == 0
    assert "no description yet; not looked at yet: compute features" in answer.output
    assert "Too little is done to say what suggestions bring: it takes 12 items." in answer.output
    [item] = workbench("suggest", "describe", "--json", "--home", store.settings.home).json
    assert (item["image_id"], item["by_chance"]) == (ids[1], False)
