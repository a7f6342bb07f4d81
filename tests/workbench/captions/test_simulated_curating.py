"""What `tests.benchmarks.reviewed_pays` makes faulty is faulty, in the store and nowhere else, and its curator errs as often as is said."""

import random

import numpy as np
import pytest

from db.enums import CaptionStatus
from tests.benchmarks.simulated_curating import FAULTS, give, make_faulty, verdicts, with_wrong_color
from tests.stores import insert_caption, insert_grounding, insert_image
from workbench import captions, regions
from workbench.imaging import masks
from workbench.levels import read_caption

TEXT = "a red cup beside a blue plate"


def meant(session, caption_id):
    """By phrase the masks that it means."""
    return {one.phrase: [masks.decode(mask) for mask in one.masks] for one in regions.for_caption(session, caption_id)}


def two_things(session, media, count):
    """Captions of two things each, with masks that do not overlap."""
    made = []
    for number in range(count):
        caption = insert_caption(session, insert_image(session, media, number), TEXT)
        insert_grounding(session, caption, "a red cup", "cup", ("red",), column=0)
        insert_grounding(session, caption, "a blue plate", "plate", ("blue",), column=4)
        made.append(caption.id)
    return made


@pytest.mark.slow
def test_a_share_of_captions_is_made_faulty_each_in_one_way_and_the_others_stay(session, media):
    ids = two_things(session, media, 30)
    before = {key: meant(session, key) for key in ids}
    faults = make_faulty(session, ids, 0.4, seed=3)
    assert len(faults) == 12
    assert set(faults.values()) == set(FAULTS)
    for key in ids:
        text, now = captions.get(session, key).text, meant(session, key)
        if faults.get(key) == "color":
            assert text != TEXT
            assert [len(found) for found in now.values()] == [1, 1], "the phrases keep their masks"
            continue
        assert text == TEXT
        same = {phrase: np.array_equal(now[phrase][0], before[key][phrase][0]) for phrase in now}
        assert sorted(same.values()) == {"shifted": [False, True], "exchanged": [False, False]}.get(faults.get(key), [True, True])
        if faults.get(key) == "exchanged":
            assert np.array_equal(now["a red cup"][0], before[key]["a blue plate"][0])


def test_a_wrong_color_is_another_color_of_the_same_thing():
    for seed in range(20):
        text = with_wrong_color("an orange cup on a table", random.Random(seed))
        assert [(mention.object, len(mention.colors)) for mention in read_caption(text).mentions if mention.colors] == [("cup", 1)]
        assert "orange" not in text
        assert text.startswith("a ")


def test_the_curator_errs_as_often_as_is_said_and_the_store_keeps_the_verdicts(session, media):
    faults = dict.fromkeys(range(1000), "color")
    passes = verdicts(range(3000), faults, 0.9, 0.95, seed=0)
    assert np.mean([passes[key] for key in range(1000)]) == pytest.approx(0.1, abs=0.03)
    assert np.mean([passes[key] for key in range(1000, 3000)]) == pytest.approx(0.95, abs=0.02)
    ids = [insert_caption(session, insert_image(session, media, number), TEXT).id for number in range(2)]
    give(session, {ids[0]: True, ids[1]: False})
    assert [captions.get(session, key).status for key in ids] == [CaptionStatus.ACCEPTED, CaptionStatus.DROPPED]
