import numpy as np
import pytest
import torch

from lcad import load_pipeline
from lcad.chroma import Constraints, Pin, fit_latent_chroma, target_of
from lcad.chroma.constraints import at_every_lightness, look_up
from lcad.chroma.guidance import REACH, nearest_of_palette, within_reach
from lcad.imaging import image_to_lab


@pytest.fixture(scope="module")
def mini():
    return load_pipeline("mini")


@pytest.fixture(scope="module")
def picture():
    """A light disc on a dark ground, (96, 96) float in [0, 1], and the disc's mask."""
    y, x = np.mgrid[:96, :96] - 48
    mask = np.hypot(x, y) < 24
    return np.where(mask, 0.6, 0.35) + 0.03 * np.sin(x / 5), mask


def median_ab(image, mask):
    return np.median(image_to_lab(np.asarray(image))[..., 1:][mask], 0)


def test_a_color_in_any_form_is_the_same_color():
    rgb = image_to_lab(np.array([[(31, 58, 147)]], np.uint8))[0, 0]
    forms = [target_of(form).members for form in ("#1f3a93", "#1F3A93", (31, 58, 147), tuple(float(v) for v in rgb[1:]))]
    for members in forms[1:]:
        np.testing.assert_allclose(members, forms[0], atol=1e-3)
    assert np.abs(look_up(forms[0][0], rgb[0]) - rgb[1:]).max() < 1.0, "at its own lightness a color is itself"


@pytest.mark.parametrize("wrong", ["", "nocolor", "#12", (1, 2), (300, 0, 0), (1.5, 2.5, 3.5), (200.0, 0.0), 7, ("a", "b")])
def test_what_is_no_color_is_named(wrong):
    if wrong == (1, 2):
        assert target_of(wrong).members.shape == (1, 101, 2)  # a and b
        return
    with pytest.raises(ValueError, match="no color"):
        target_of(wrong)
    with pytest.raises(ValueError, match="no color"):
        Pin(np.ones((2, 2), bool), wrong)
    with pytest.raises(ValueError, match="no color"):
        Constraints(palette=[wrong])


def test_black_and_white_leave_no_chroma_and_hue_is_kept_at_every_lightness():
    table = at_every_lightness(np.array([[40.0, -70.0]]))[0]
    chroma = np.hypot(*table.T)
    assert chroma[0] < 0.1
    assert chroma[100] < 0.1
    assert chroma.max() <= np.hypot(40, 70) + 1e-3
    seen = chroma > 1
    np.testing.assert_allclose(np.arctan2(table[seen, 1], table[seen, 0]), np.arctan2(-70.0, 40.0), atol=1e-3)


@pytest.mark.parametrize("color", ["red", "navy", "#1f3a93", (0.0, 30.0)])
@pytest.mark.slow
def test_a_pinned_region_has_its_color_at_its_own_lightness(mini, picture, color):
    gray, mask = picture
    pin = Pin(mask, color)
    (image,) = mini([gray], ["a ball"], constraints=[Constraints([pin])], steps=3).images
    lab = image_to_lab(np.asarray(image))
    inner = mask & (np.hypot(*(np.mgrid[:96, :96] - 48)) < 20)
    result, lightness = median_ab(image, inner), float(np.median(lab[..., 0][inner]))
    goal = look_up(pin.target.member(lightness, result), np.array(lightness))
    assert np.hypot(*(result - goal)) < 4.0
    source = image_to_lab(np.repeat(np.float32(gray)[..., None], 3, -1))[..., 0]
    assert np.abs(lab[..., 0] - source).max() <= 1.0, "lightness is never touched"


@pytest.mark.slow
def test_two_pins_have_two_colors_and_the_smaller_lies_in_front(mini, picture):
    gray, mask = picture
    everywhere = Pin(np.ones_like(mask), "#2050c0")
    (image,) = mini([gray], ["a ball"], constraints=[Constraints([Pin(mask, "#c03020"), everywhere])], steps=3).images
    assert median_ab(image, mask)[0] > 20, "red inside"
    assert median_ab(image, ~mask)[1] < -20, "blue around it"


@pytest.mark.slow
def test_a_picture_without_constraints_is_as_it_would_be_alone(mini, picture):
    gray, mask = picture
    both = mini([gray, gray], ["a red ball"] * 2, constraints=[None, Constraints([Pin(mask, "green")])], steps=3, seeds=[4, 4]).images
    (alone,) = mini([gray], ["a red ball"], steps=3, seeds=[4]).images
    difference = np.abs(np.asarray(both[0]).astype(int) - np.asarray(alone).astype(int))
    assert difference.max() <= 2
    assert np.abs(median_ab(both[1], mask) - median_ab(alone, mask)).max() > 10


@pytest.mark.slow
def test_a_palette_keeps_every_color_near_its_own(mini, picture):
    gray, _ = picture
    constraints = Constraints(palette=["#2050c0"])
    (image,) = mini([gray], ["a red ball on a green table"], constraints=[constraints], steps=3).images
    lab = image_to_lab(np.asarray(image)).reshape(-1, 3)
    near = nearest_of_palette(constraints.members, lab[:, 0], lab[:, 1:])
    assert np.quantile(np.linalg.norm(lab[:, 1:] - near, axis=1), 0.99) < REACH + 1.5  # 8-bit rounding, most at low lightness


def test_within_reach_moves_only_what_is_too_far():
    members = target_of((0.0, 50.0)).members
    chroma = np.array([[[0.0, 30.0], [2.0, 30.0], [30.0, 30.0]]], np.float32)
    moved = within_reach(members, np.full((1, 3), 60, np.float32), chroma)
    np.testing.assert_allclose(moved[0, :2], chroma[0, :2], atol=1e-4)
    np.testing.assert_allclose(moved[0, 2], [REACH, 30.0], atol=1e-3)


def test_what_is_written_into_latents_is_read_back(mini):
    maps = fit_latent_chroma(mini.autoencoder)
    latents = torch.randn(8, 4, 4, generator=torch.Generator().manual_seed(0))
    change = torch.randn(2, 4, 4, generator=torch.Generator().manual_seed(1)) * 20
    read_back = maps.chroma(maps.moved(latents, change)) - maps.chroma(latents)
    torch.testing.assert_close(read_back, change, atol=1e-3, rtol=1e-3)
    assert maps.error < 6, "the anchored latents of the embedded checkpoint are read as chroma within a few units of ab"


def test_a_pin_of_another_size_is_named(mini, picture):
    gray, _ = picture
    with pytest.raises(ValueError, match=r"\(5, 5\)"):
        mini([gray], ["a ball"], constraints=[Constraints([Pin(np.ones((5, 5), bool), "red")])], steps=1)
    with pytest.raises(ValueError, match="1 images and 2 constraints"):
        mini([gray], ["a ball"], constraints=[None, None], steps=1)
