"""The doubt of a color prior is how far its heads are apart, and is read out of a checkpoint alone."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from lcad.checkpoints import folder_of
from lcad.models import ColorPrior
from lcad.models.prior_doubt import doubt, looked_at_size, prior_of


@pytest.fixture(scope="module")
def prior():
    """A prior whose classifier and heads are drawn at random."""
    torch.manual_seed(0)
    made = ColorPrior(16, width=24, heads=3)
    for head in made.heads:
        torch.nn.init.normal_(head.out.weight, std=0.1)
    return made.eval()


def test_heads_that_agree_do_not_doubt(prior):
    agreeing = deepcopy(prior)
    for head in agreeing.heads[1:]:
        head.load_state_dict(agreeing.heads[0].state_dict())
    lightness = 100 * torch.rand(2, 1, 64, 48)
    assert doubt(agreeing, lightness) == pytest.approx([0, 0], abs=1e-4)
    assert (doubt(prior, lightness) > 0.1).all()


def test_the_doubt_is_the_spread_of_the_heads_around_their_mean(prior):
    lightness = 100 * torch.rand(1, 1, 32, 32)
    features = prior.features(lightness)
    heads = np.array([(prior.gain * head(features))[0].detach().numpy() for head in prior.heads])  # (heads, 2, h, w)
    apart = np.sqrt(((heads - heads.mean(0)) ** 2).sum(1).mean())
    assert doubt(prior, lightness).item() == pytest.approx(apart, rel=1e-4)


def test_pictures_are_looked_at_in_whole_cells():
    assert looked_at_size(600, 400) == (128, 88)
    assert looked_at_size(20, 4000) == (8, 128)


@pytest.mark.slow
def test_the_embedded_prior_is_read_alone_and_doubts_noise_more_than_an_even_gray():
    read, name = prior_of(folder_of("mini"))
    assert (len(name), prior_of(folder_of("mini"))[1]) == (16, name)
    torch.manual_seed(0)
    even, noise = doubt(read, torch.stack([torch.full((1, 64, 64), 50.0), 100 * torch.rand(1, 64, 64)]))
    assert np.isfinite([even, noise]).all()
    assert min(even, noise) >= 0


def test_a_checkpoint_without_a_prior_is_refused(tmp_path):
    (tmp_path / "autoencoder").mkdir()
    save_file({"decoder.weight": torch.zeros(1)}, tmp_path / "autoencoder" / "weights.safetensors")
    with pytest.raises(ValueError, match="with a color prior"):
        prior_of(tmp_path)
