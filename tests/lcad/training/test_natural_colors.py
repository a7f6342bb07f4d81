import json

import numpy as np
import pytest
import torch

from lcad.models import ColorPrior
from lcad.training.natural_colors import learn_natural_colors, unasked_cells
from lcad.training.packed_dataset import write_pack
from lcad.training.prior import fit_features
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
