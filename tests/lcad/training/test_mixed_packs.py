import numpy as np
import pytest

from lcad.training.mixed_packs import FixedDraws, MixedPacks


@pytest.mark.slow
def test_packs_are_drawn_from_by_their_shares(packs):
    first, second = packs
    mixed, rng = MixedPacks([first, second], [3, 1]), np.random.default_rng(0)
    known = {one.tobytes() for one in np.asarray(first.latents, np.float32)}
    hits = [mixed.draw(0, rng).latents.tobytes() in known for _ in range(400)]
    assert 0.68 < np.mean(hits) < 0.82
    assert mixed.encoded


@pytest.mark.slow
def test_shares_that_are_none_are_refused(packs):
    for some, shares in (([], []), (packs, [1]), (packs, [1, -1]), (packs, [0, 0])):
        with pytest.raises(ValueError, match="share"):
            MixedPacks(some, shares)


def test_fixed_draws_are_the_same_each_time(packs):
    one, other = (FixedDraws(packs, 3) for _ in range(2))
    assert one.encoded == len(one) == 6
    for item in range(6):
        (description,) = one.descriptions[item]
        assert (one.drawn(item, description).latents == other.drawn(item, description).latents).all()
        assert one.drawn(item, description).description == description
