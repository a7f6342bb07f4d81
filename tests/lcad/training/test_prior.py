import numpy as np
import pytest
import torch
from skimage.color import deltaE_ciede94

from lcad.imaging import image_to_lab, lab_to_image
from lcad.metrics import colorfulness as colorfulness_of_image
from lcad.models import ColorPrior
from lcad.training.loop import LoopConfig, Training
from lcad.training.packed_dataset import write_pack
from lcad.training.prior import MOST_CHROMA, PriorConfig, PriorObjective, calibrate, colorfulness, difference, fit_features, keep_features
from tests.lcad.training.conftest import SIDE, squares


@pytest.fixture
def prior():
    torch.manual_seed(0)
    return ColorPrior(8, width=16, heads=2)


@pytest.fixture
def photos(tmp_path):
    """A training and a validation pack of pictures in color."""
    return tuple(
        write_pack(tmp_path / name, squares(count, seed), count, SIDE) for name, count, seed in (("train", 8, 0), ("validation", 4, 1))
    )


def test_the_difference_is_that_of_cie94_but_for_what_is_soft():
    rng = np.random.default_rng(0)
    one = rng.uniform(-60, 60, (500, 2))
    other = one + rng.normal(0, 1, one.shape) * 3  # near, so that either color's chroma weighs alike
    pair = [np.column_stack([np.full(500, 50.0), ab]) for ab in (one, other)]
    theirs = deltaE_ciede94(*pair)
    ours = [difference(*(torch.from_numpy(ab.reshape(1, 2, 1, 1)) for ab in both)).item() for both in zip(one, other, strict=True)]
    np.testing.assert_allclose(np.sqrt(np.square(ours) - 1), theirs, rtol=0.12, atol=0.05)
    assert difference(torch.zeros(1, 2, 4, 4), torch.zeros(1, 2, 4, 4)) == 1


def test_colorfulness_is_that_of_a_gray_a_toned_and_a_colored_picture():
    toned = torch.tensor([3.0, 4.0])[None, :, None, None].expand(1, 2, 8, 8)
    assert colorfulness(torch.zeros(1, 2, 8, 8)).item() < 0.05
    assert colorfulness(toned).item() == pytest.approx(0.37 * 5, abs=0.05)
    opposed = torch.cat([10 * toned, -10 * toned], -1)
    assert colorfulness(opposed).item() == pytest.approx(50, rel=0.01)


@pytest.mark.slow
def test_features_are_kept_and_fitted(prior, photos):
    fit_features(prior, photos[0], 8, batch_size=3)
    kept = keep_features(prior, photos[0], batch_size=3)
    assert kept.shape == (8, prior.seen, SIDE // 8, SIDE // 8)
    before = (photos[0].folder / "prior.npy").stat().st_mtime_ns
    assert np.array_equal(keep_features(prior, photos[0]), kept)
    assert (photos[0].folder / "prior.npy").stat().st_mtime_ns == before, "computed once"


@pytest.mark.slow
def test_only_the_heads_move_and_learn_what_they_see(tmp_path, prior, photos):
    fit_features(prior, photos[0], 8)
    objective = PriorObjective(prior, photos[0], photos[0], PriorConfig(batch_size=4))
    assert {name.split(".")[0] for name, p in prior.named_parameters() if p.requires_grad} == {"heads"}
    prior.eval()
    before = objective.validation_loss(objective.modules)
    Training(objective, LoopConfig(40, learning_rate=5e-3, warmup=1, ema_decay=0.5, validate_every=100), tmp_path / "run").run()
    prior.eval()
    assert objective.validation_loss(objective.modules) < 0.9 * before


def test_too_little_color_counts_more_than_too_much():
    pale, lively = torch.full((1, 2, 4, 4), 5.0), torch.full((1, 2, 4, 4), 15.0)
    assert difference(pale, lively, pale=1.0).item() == pytest.approx(difference(lively, pale, pale=1.0).item())
    assert difference(pale, lively, pale=2.0) > 1.2 * difference(lively, pale, pale=2.0)


@pytest.mark.slow
def test_one_corner_in_a_color_that_no_photo_has_does_not_pay(prior, photos):
    """Earlier heads met a wish for a mean colorfulness so: with hundreds of units of chroma in one cell of every picture."""
    fit_features(prior, photos[0], 8)
    objective = PriorObjective(prior, *photos, PriorConfig(batch_size=4))
    calm = objective.validation_loss(objective.modules)

    class Cornered(torch.nn.Linear):
        def forward(self, features):
            chroma = torch.zeros(len(features), 2, *(2 * extent for extent in features.shape[-2:]))
            chroma[:, 1, -1, 0] = 400.0
            return chroma

    objective.modules["heads"] = torch.nn.ModuleList([Cornered(1, 1)])
    cornered = objective.validation_loss(objective.modules)
    cells = (2 * SIDE // 8) ** 2
    assert cornered > calm + 0.9 * (400 - MOST_CHROMA) / cells


@pytest.mark.slow
def test_the_gain_brings_what_is_expected_to_a_part_of_the_colorfulness(prior, photos):
    fit_features(prior, photos[0], 8)
    for head in prior.heads:
        torch.nn.init.normal_(head.out.weight, std=0.5)
    prior.eval()
    gains = [calibrate(prior, photos[0], part) for part in (0.2, 0.4)]
    assert gains[0] < gains[1]
    assert prior.gain == pytest.approx(gains[1])
    features = torch.from_numpy(np.array(keep_features(prior, photos[0]))).float()
    planes = torch.nn.functional.interpolate(prior.expected(features), (SIDE, SIDE), mode="bilinear").permute(0, 2, 3, 1).detach().numpy()
    images = [lab_to_image(np.dstack([image_to_lab(rgb)[..., :1], plane])) for rgb, plane in zip(photos[0].rgb, planes, strict=True)]
    of_results, of_originals = (np.mean([colorfulness_of_image(image) for image in several]) for several in (images, photos[0].rgb))
    assert of_results == pytest.approx(0.4 * of_originals, rel=0.02)
