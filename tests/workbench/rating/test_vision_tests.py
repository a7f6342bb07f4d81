"""Plates read by those who see red and green, alike to those who do not, and no brighter in the figure than around it."""

import io
import random

import numpy as np
import PIL.Image
import pytest
from skimage.color import rgb2lab

from workbench.rating import vision_tests

# Viénot, Brettel and Mollon (1999): what a dichromat sees of linear RGB, by way of the cones' responses.
TO_LMS = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
REDUCED = {
    "protan": np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]]),
    "deutan": np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]),
}


def seen_by(kind, colors):
    """sRGB colors (N, 3) in [0, 1] as a dichromat sees them."""
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    back = np.clip(linear @ (np.linalg.inv(TO_LMS) @ REDUCED[kind] @ TO_LMS).T, 0, 1)
    return np.where(back <= 0.0031308, 12.92 * back, 1.055 * back ** (1 / 2.4) - 0.055)


def colors(kind, inside, count=600):
    chance = random.Random(f"{kind}{inside}")
    return np.array([vision_tests.dot_color(kind, inside, chance) for _ in range(count)]) / 255


@pytest.mark.parametrize("kind", ["protan", "deutan"])
def test_figure_and_ground_differ_in_hue_for_most_eyes_and_hardly_for_a_dichromat(kind):
    figure, ground = (rgb2lab(colors(kind, inside))[:, 1:].mean(0) for inside in (True, False))
    reduced_figure, reduced_ground = (rgb2lab(seen_by(kind, colors(kind, inside)))[:, 1:].mean(0) for inside in (True, False))
    apart, left = np.linalg.norm(figure - ground), np.linalg.norm(reduced_figure - reduced_ground)
    assert apart > 20
    # The simulation's cones and the copunctal points are from different sources: what is left is a quarter at most.
    assert left < apart / 4


@pytest.mark.parametrize("kind", ["protan", "deutan"])
def test_brightness_does_not_tell_the_figure(kind):
    figure, ground = (rgb2lab(colors(kind, inside))[:, 0] for inside in (True, False))
    # Both have a spread of about 7; six hundred dots leave an error of 0.4 in the difference.
    assert abs(figure.mean() - ground.mean()) < 1.5
    assert figure.std() > 5


def test_the_control_plate_is_read_by_brightness_alone():
    figure, ground = colors("control", True), colors("control", False)
    assert figure.max() < ground.min()
    # Rounded to 8 bits the white point is gray to within two steps.
    assert np.ptp(figure, axis=1).max() <= 2 / 255


@pytest.mark.slow
def test_plates_repeat_with_their_lot_and_have_six_different_digits():
    first = vision_tests.plates_of(3)
    assert first == vision_tests.plates_of(3)
    assert first != vision_tests.plates_of(4)
    assert len({plate.digit for plate in first}) == len(vision_tests.PLATES)
    assert vision_tests.draw_plate(first[1]) == vision_tests.draw_plate(first[1])


@pytest.mark.slow
def test_a_plate_and_a_field_are_pictures_that_say_nothing_of_their_answer():
    plate = PIL.Image.open(io.BytesIO(vision_tests.draw_plate(vision_tests.plates_of(0)[0])))
    assert (plate.format, plate.size, plate.info) == ("PNG", (vision_tests.SIDE, vision_tests.SIDE), {})
    for field in vision_tests.FIELDS:
        shown = np.asarray(PIL.Image.open(io.BytesIO(vision_tests.draw_field(field, 5))))
        patches = (shown[..., 0] == vision_tests.STEP[field][0]).sum() / 44**2
        assert patches == vision_tests.field_count(field, 5)
