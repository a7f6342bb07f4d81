"""Chroma as photos have it: the knee keeps hue and order, and words that ask for more have it."""

import numpy as np
import pytest

from lcad.chroma import ChromaKnee, asks_for_vivid


def test_chroma_above_the_knee_grows_more_slowly_and_keeps_its_hue():
    chroma = np.array([[3.0, 4.0], [30.0, 40.0], [0.0, -80.0]])
    calmed = ChromaKnee(20, 0.5).calmed(chroma)
    assert np.allclose(calmed[0], chroma[0])
    assert np.allclose(np.linalg.norm(calmed, axis=1), [5, 35, 50])
    assert np.allclose(np.arctan2(calmed[:, 1], calmed[:, 0]), np.arctan2(chroma[:, 1], chroma[:, 0]))


def test_gray_stays_gray():
    assert not ChromaKnee().calmed(np.zeros((4, 5, 2), np.float32)).any()


@pytest.mark.parametrize(("start", "slope"), [(0, 0.5), (-3, 0.5), (20, -0.1), (20, 1.5)])
def test_what_is_no_knee_is_refused(start, slope):
    with pytest.raises(ValueError, match="knee"):
        ChromaKnee(start, slope)


def test_captions_that_ask_for_vivid_colors():
    assert asks_for_vivid("a neon green kayak")
    assert asks_for_vivid("Bright red shoes")
    assert not asks_for_vivid("a red bus in a brightening street")
    assert not asks_for_vivid("a light blue sky")
