import json

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lcad.dataset import Example
from lcad.imaging import rgb_to_lab
from lcad.models import ColorPrior
from lcad.prior_guidance import Liveliness
from lcad.training.natural_colors import COLORFUL, FARTHEST, as_lively, learn_natural_colors, unasked_cells
from lcad.training.packed_dataset import rgb_tensor, write_pack
from lcad.training.prior import colorfulness, fit_features
from tests.lcad.training.conftest import SIDE, squares


def toned(count, seed):
    """The squares on grounds that are brownish instead of gray."""
    for example in squares(count, seed):
        ground = ~example.masks[0]
        example.rgb[ground] = (170, 140, 110)
        yield example


@pytest.fixture
def packs(tmp_path):
    return [write_pack(tmp_path / name, toned(count, seed), count, SIDE) for name, count, seed in (("a", 12, 0), ("b", 6, 1))]


def test_what_a_phrase_asks_a_color_for_is_left_out(packs):
    free = unasked_cells(packs[0])
    assert free.shape == (12, SIDE // 4, SIDE // 4)
    for item, cells in enumerate(free):
        covered = np.array(packs[0].coverage[item, 0]) > 26
        assert np.array_equal(cells == 0, covered)


@pytest.mark.slow
def test_the_prior_learns_the_ground_and_not_what_was_asked_for(tmp_path, packs):
    torch.manual_seed(0)
    prior = ColorPrior(8, width=16, heads=2).eval()
    fit_features(prior, packs[0], 12)
    assert learn_natural_colors(prior, *packs, tmp_path / "run", 60)
    validated = [row["validation_loss"] for row in map(json.loads, (tmp_path / "run" / "log.jsonl").open()) if "validation_loss" in row]
    assert min(validated) < validated[0]
    assert not any(p.requires_grad for p in prior.parameters())


@pytest.mark.slow
def test_what_does_not_help_is_taken_back(tmp_path, packs, monkeypatch):
    torch.manual_seed(0)
    prior = ColorPrior(8, width=16, heads=2).eval()
    fit_features(prior, packs[0], 12)
    monkeypatch.setattr("lcad.training.natural_colors.LEAST_GAIN", 1.0)
    before = {name: value.clone() for name, value in prior.state_dict().items()}
    assert learn_natural_colors(prior, *packs, tmp_path / "run", 5)
    assert all(torch.equal(value, before[name]) for name, value in prior.state_dict().items())


class Faithful(ColorPrior):
    """Expects of each picture the colors that it has, `paler` times as vivid, whatever was learned."""

    def __init__(self, pack, paler):
        super().__init__(8, width=16, heads=1)
        self.chroma, self.paler = chroma_of(pack), paler

    def expected(self, features):
        return self.chroma[[int(one) for one in features[:, 0, 0, 0]]] * self.paler


def chroma_of(pack):
    return F.adaptive_avg_pool2d(rgb_to_lab(rgb_tensor(pack.rgb))[:, 1:], SIDE // 4)


def numbered(pack):
    """The features of a pack's pictures are their numbers."""
    np.save(pack.folder / "prior.npy", np.arange(len(pack), dtype=np.float16)[:, None, None, None])
    return pack


@pytest.mark.parametrize(("paler", "gain"), [(1.0, 0.85), (0.8, 1.0625), (1.2, 0.75), (0.5, 4 / 3)])
def test_natural_colors_are_as_lively_as_the_release(packs, paler, gain):
    pack = numbered(packs[0])
    found = as_lively(Faithful(pack, paler), Liveliness(power=1.0), pack)
    assert found.gain == pytest.approx(max(min(gain, FARTHEST), 1 / FARTHEST), abs=0.01)
    assert (found.power, found.middle, found.most) == (1.0, 15.0, 2.0)
    half = as_lively(Faithful(pack, paler), Liveliness(power=1.0), pack, 0.5)
    assert half.gain == pytest.approx(found.gain**0.5, abs=0.002)


def test_what_is_asked_for_says_nothing_of_how_lively_the_rest_is(tmp_path, packs):
    vivid = [Example(e.rgb.copy(), e.masks, e.descriptions) for e in toned(12, 0)]
    for example in vivid:
        example.rgb[example.masks[0]] = (250, 10, 10)
    pack = numbered(write_pack(tmp_path / "vivid", vivid, 12, SIDE))
    free = torch.from_numpy(unasked_cells(pack))[:, None]
    prior, start = Faithful(pack, 1.1), Liveliness(gain=0.9, power=1.7)
    found = as_lively(prior, start, pack)
    ours, theirs = (colorfulness(torch.stack([*plane]) * free).mean() for plane in (map(found.of, prior.chroma * 1.1), prior.chroma))
    assert ours / theirs == pytest.approx(COLORFUL, abs=0.01)
    assert found.gain != start.gain


def test_a_release_that_asks_for_everything_leaves_it_as_it_was(tmp_path):
    every = [Example(e.rgb, np.ones_like(e.masks), e.descriptions) for e in toned(4, 0)]
    pack, start = numbered(write_pack(tmp_path / "every", every, 4, SIDE)), Liveliness(gain=0.8)
    assert as_lively(Faithful(pack, 1.0), start, pack) == start
