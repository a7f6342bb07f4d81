"""Colors named more exactly than by a term are pinned where their things are."""

import numpy as np
import pytest

from lcad import Region
from lcad.chroma import Constraints, Pin, target_of
from lcad.imaging import image_to_lab

pytestmark = pytest.mark.slow

GRAY = np.full((40, 48), 120, np.uint8)
LEFT = np.zeros((40, 48), bool)
LEFT[:, :24] = True
INNER = np.zeros((40, 48), bool)
INNER[10:30, 6:18] = True


def median_ab(image, mask) -> np.ndarray:
    return np.median(image_to_lab(np.asarray(image))[mask][:, 1:], axis=0)


@pytest.mark.parametrize("color", ["burgundy", "#0a5", "teal"])
def test_a_captioned_thing_gets_the_very_color_that_its_lightness_leaves_room_for(tiny, color):
    image = tiny([GRAY], [f"a {color} cup"], [[Region(f"a {color} cup", LEFT)]]).images[0]
    goal = target_of(color).members[0][round(float(image_to_lab(np.dstack([GRAY] * 3))[0, 0, 0]))]
    assert median_ab(image, LEFT) == pytest.approx(goal, abs=1.5)


def test_what_lies_in_front_keeps_its_own_color(tiny):
    regions = [Region("a burgundy dog", LEFT), Region("a red cup", INNER)]
    job = tiny.read(
        [GRAY], ["a burgundy dog with a red cup"], [regions], constraints=[Constraints([Pin(INNER & (np.arange(48) > 12), "navy")])]
    )
    (searched,) = tiny.find(job, tiny.settings.instance)
    own, theirs = searched.constraints.pins
    assert np.array_equal(own.mask > 0.5, LEFT & ~INNER)
    assert (own.color, theirs.color) == ("burgundy", "navy")


def test_a_person_s_color_counts_before_the_caption_s_and_terms_pin_nothing(tiny):
    regions = [Region("a burgundy cup", LEFT, ("red",), "#0a5"), Region("a red table", ~LEFT)]
    (searched,) = tiny.find(tiny.read([GRAY], ["a burgundy cup on a red table"], [regions]), tiny.settings.instance)
    assert [pin.color for pin in searched.constraints.pins] == ["#0a5"]


def test_no_color_is_no_region_s(tiny):
    with pytest.raises(ValueError, match="no color: “burgandy”"):
        tiny.read([GRAY], ["a cup"], [[Region("a cup", LEFT, None, "burgandy")]])
