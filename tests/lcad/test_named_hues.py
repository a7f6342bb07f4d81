"""Hues keep to the names of colors that a caption asks for."""

import numpy as np
import pytest
import torch

from lcad import Region, load_pipeline
from lcad.chroma import Expected
from lcad.imaging import lab_to_rgb
from lcad.named_hues import NameKeeping, kept_to_names, middle_hue
from lcad.prior_guidance import predicted_chroma

pytestmark = pytest.mark.slow

KEEPING = NameKeeping(within=10, beyond=60)
SIDE = 96
LEFT = np.zeros((SIDE, SIDE), bool)
LEFT[:, :40] = True


@pytest.fixture(scope="module")
def mini():
    return load_pipeline("mini")


def plane(degrees, chroma=30.0, side=128):
    angle = np.radians(np.broadcast_to(degrees, (side, side)))
    return chroma * np.stack([np.cos(angle), np.sin(angle)], -1)


def hues(chroma):
    return np.degrees(np.arctan2(chroma[..., 1], chroma[..., 0]))


def asked(mini, caption, *regions):
    (request,) = mini.read([np.full((SIDE, SIDE), 120, np.uint8)], [caption], [list(regions)])
    return request


def test_olive_that_was_asked_to_be_brown_is_turned_to_brown_and_what_lies_beside_it_stays(mini):
    request = asked(mini, "a brown dog on grass", Region("a brown dog", LEFT))
    brown, before = middle_hue("brown", 50), plane(95.0)
    done = kept_to_names(request, before, KEEPING)
    assert hues(done[:, :40]).mean() == pytest.approx(brown + 10, abs=0.5)
    np.testing.assert_allclose(done[:, 60:], before[:, 60:])
    np.testing.assert_allclose(np.linalg.norm(done, axis=-1), 30.0)


def test_shades_of_a_thing_stay_apart_as_they_were(mini):
    request = asked(mini, "a brown dog", Region("a brown dog", LEFT))
    before = plane(np.where(np.arange(128)[:, None] % 2, 88.0, 100.0))
    done = hues(kept_to_names(request, before, KEEPING))[:, :30]
    assert done[0] - done[1] == pytest.approx(np.full(30, 12.0), abs=0.1)


@pytest.mark.parametrize(
    ("caption", "phrase", "degrees"),
    [
        ("a brown dog", "a brown dog", 70.0),  # a brown already
        ("a brown dog", "a brown dog", -90.0),  # blue: the denoiser did not color the dog
        ("a gray dog", "a gray dog", 95.0),
        ("a brown and white dog", "a brown and white dog", 95.0),
        ("a dog", "a dog", 95.0),
    ],
)
def test_what_is_of_its_name_of_another_color_or_of_no_single_name_stays(mini, caption, phrase, degrees):
    before = plane(degrees)
    np.testing.assert_allclose(kept_to_names(asked(mini, caption, Region(phrase, LEFT)), before, KEEPING), before)


def test_what_has_hardly_a_color_has_no_hue_to_be_kept(mini):
    before = plane(95.0, chroma=2.0)
    np.testing.assert_allclose(kept_to_names(asked(mini, "a brown dog", Region("a brown dog", LEFT)), before, KEEPING), before)


def test_hues_are_turned_the_short_way_round():
    assert KEEPING.turn(hue=170.0, middle=-170.0) == pytest.approx(10.0)
    assert KEEPING.turn(hue=-150.0, middle=-170.0) == pytest.approx(-10.0)


def test_a_neighborhood_that_is_wider_than_what_is_turned_is_refused():
    with pytest.raises(ValueError, match="within"):
        NameKeeping(within=40, beyond=20)


def test_what_is_natural_does_not_turn_a_hue_away_from_its_name(mini):
    """A dog that is to be brown, as dogs are expected to be, keeps a part of what is expected of it: that is nearly yellow here."""
    request = asked(mini, "a brown dog", Region("a brown dog", LEFT))
    brown = middle_hue("brown", 50)
    lab = np.concatenate([np.full((128, 128, 1), 50.0), plane(brown)], -1)
    rgb = lab_to_rgb(torch.from_numpy(lab).movedim(-1, 0).float())
    natural = Expected(plane(brown + 40, side=32).astype(np.float32), np.full((32, 32), 0.5, np.float32))
    assert hues(predicted_chroma(request, rgb, natural)).mean() > brown + 15
    kept = hues(predicted_chroma(request, rgb, natural, names=KEEPING))[:, :36]
    assert kept.mean() == pytest.approx(brown + KEEPING.within, abs=2)
