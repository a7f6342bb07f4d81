"""What is found stands; what is not is where finder and denoiser both look for it."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from lcad import Region
from lcad.phrase_search import LARGEST, UNDECIDED, found_by, with_heat

CAPTION = "boy, red hat, blue box"
PHRASES = ["boy", "red hat", "blue box"]


@dataclass
class Place:
    """A place as a finder gives it."""

    mask: np.ndarray
    confidence: float
    hint: np.ndarray | None = None
    several: bool = False


class Known:
    """A finder that was told where things are: what becomes of its answers is in question."""

    def __init__(self, *places):
        self.places = places

    def find(self, _lightness, _caption, spans):
        assert len(spans) == len(self.places)
        return self.places


def part(columns):
    plane = np.zeros((64, 64), np.float32)
    plane[:, columns] = 1
    return plane


@pytest.fixture
def request_of(tiny, noise_image):
    return lambda: tiny.read([noise_image(64, 64)], [CAPTION], [[Region(phrase) for phrase in PHRASES]])[0]


def search_of(request, jacket_confidence=0.1, jacket_hint=None):
    boy, box = Place(part(slice(0, 32)), 0.9), Place(part(slice(40, 64)), 0.8)
    return found_by(Known(boy, Place(np.zeros((64, 64), np.float32), jacket_confidence, jacket_hint), box), request)


def heat_of(request, *columns):
    heat = torch.full((3, *request.canvas.padded), 0.05)
    for number, column in enumerate(columns):
        heat[number, :, column] = 1.0
    return heat


def test_what_is_surely_found_has_its_mask_and_the_rest_is_undecided(request_of):
    search = search_of(request_of())
    assert set(search.request.found_masks) == {0, 2}
    assert search.missing == [1]
    assert (search.request.masks[1] == UNDECIDED).all()
    assert not search.hints


def test_a_garment_is_not_driven_off_by_the_mask_of_its_wearer(request_of):
    request = request_of()
    inside = slice(8, 14)
    wide = request.canvas.padded[1] // 2
    search = search_of(request, jacket_hint=part(slice(0, 32)))
    masks = with_heat(search, heat_of(request, slice(0, wide), inside, slice(wide, None))).masks
    assert masks[1][:, inside].min() > 0.9
    assert masks[1][:, wide + 4 :].max() == 0, "no color is asked for beyond the hint's place"


def test_what_asks_for_a_color_and_was_found_keeps_its_place(request_of):
    request = request_of()
    everywhere = heat_of(request, slice(0, 4), slice(0, None), slice(0, 4))
    masks = with_heat(search_of(request), everywhere).masks
    box = search_of(request).request.masks[2] > 0.99
    assert masks[1][box].max() < 0.02


def test_what_a_finder_looked_for_in_vain_claims_the_likeliest_part_of_a_picture_and_no_more(request_of):
    request = request_of()
    height, width = request.canvas.padded
    heat = heat_of(request, slice(0, 2), slice(0, 0), slice(2, 4))
    heat[1] = torch.linspace(0, 1, width)[None]
    nowhere = Place(np.zeros((64, 64), np.float32), 0.1)
    looked_for = with_heat(found_by(Known(nowhere, nowhere, nowhere), request), heat).masks[1]
    claimed = (looked_for > UNDECIDED).float().mean()
    assert 0.5 * LARGEST < claimed <= LARGEST + 1 / height
    assert looked_for[:, -1].min() > UNDECIDED, "the hottest cells are among them"
    unknown = with_heat(found_by(None, request), heat).masks[1]
    assert (unknown > UNDECIDED).float().mean() > 0.5, "without a finder things may be large"


@pytest.mark.parametrize("several", [False, True])
def test_one_thing_that_was_not_found_is_asked_for_in_one_place_and_several_in_all(request_of, several):
    request = request_of()
    heat = heat_of(request, slice(0, 0), slice(0, 3), slice(0, 0))
    heat[1, :, -2:] = 0.95
    nowhere = Place(np.zeros((64, 64), np.float32), 0.1, several=several)
    mask = with_heat(found_by(Known(nowhere, nowhere, nowhere), request), heat).masks[1]
    assert mask[:, :3].min() > UNDECIDED, "the hotter and larger place"
    assert (mask[:, -2:].min() > UNDECIDED) if several else (mask[:, -2:].max() == 0)
