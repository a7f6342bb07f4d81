from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch

from lcad import LCADPipeline, Region, load_pipeline
from lcad.chroma import Constraints, Expected, Pin, target_of
from lcad.chroma.constraints import look_up
from lcad.conversion import official_state_dict
from lcad.imaging import image_to_lab
from lcad.models import ColorPrior, LuminanceAutoencoder, widen
from lcad.prior_guidance import CALM, NATURAL, Liveliness, expected_of, settled, told_apart, unasked
from lcad.settings import PipelineSettings

CHANNELS = 16


@pytest.fixture(scope="module")
def prior():
    """A prior whose classifier and head are drawn at random."""
    torch.manual_seed(0)
    made = ColorPrior(CHANNELS, width=24, heads=2)
    for head in made.heads:
        torch.nn.init.normal_(head.out.weight, std=0.1)
    return made.eval()


@pytest.fixture(scope="module")
def seeing():
    """A small autoencoder with cells of 8 px and a prior."""
    torch.manual_seed(0)
    return LuminanceAutoencoder(block_out_channels=(8, 8, 8, 16), norm_num_groups=8, layers_per_block=1, prior_channels=CHANNELS).eval()


@pytest.fixture(scope="module")
def mini():
    return load_pipeline("mini")


def lightness(*shape, seed=0):
    return 100 * torch.rand(shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def picture():
    """A light disc on a dark ground, (96, 96) float in [0, 1], and the disc's mask."""
    y, x = np.mgrid[:96, :96] - 48
    mask = np.hypot(x, y) < 24
    return np.where(mask, 0.6, 0.35) + 0.03 * np.sin(x / 5), mask


@pytest.mark.parametrize("size", [(128, 128), (64, 96), (8, 40)])
def test_features_lie_on_cells_and_chroma_on_their_quarters(prior, size):
    features = prior.features(lightness(2, 1, *size))
    assert features.shape == (2, prior.seen, size[0] // 8, size[1] // 8)
    assert prior.semantic(features).shape == (2, CHANNELS, size[0] // 8, size[1] // 8)
    expected = prior.expected(features)
    assert expected.shape == (2, 2, size[0] // 4, size[1] // 4)
    torch.testing.assert_close(expected, (prior.heads[0](features) + prior.heads[1](features)) / 2)


@pytest.mark.slow
def test_the_classifier_sees_a_picture_once(mini, monkeypatch):
    seen, raw = [], ColorPrior.raw
    monkeypatch.setattr(ColorPrior, "raw", lambda self, plane: seen.append(len(plane)) or raw(self, plane))
    mini.autoencoder.see(lightness(3, 1, 64, 64))
    assert seen == [3]


def test_a_picture_is_seen_the_same_beside_others(prior):
    several = lightness(3, 1, 64, 64)
    alone = torch.cat([prior.features(one[None]) for one in several])
    torch.testing.assert_close(prior.features(several), alone, atol=1e-4, rtol=1e-4)


def test_features_in_half_the_precision_are_nearly_the_same(prior):
    plane, half = lightness(1, 1, 64, 64), deepcopy(prior).to(torch.bfloat16)
    features = half.features(plane.to(torch.bfloat16))
    assert features.dtype == torch.bfloat16
    expected = prior.features(plane)
    assert (features.float() - expected).square().mean().sqrt() < 0.1 * expected.square().mean().sqrt()


def test_what_was_fitted_has_no_mean_and_components_that_are_uncorrelated(prior):
    raw = torch.randn(4000, prior.seen, generator=torch.Generator().manual_seed(1)) * torch.linspace(0.5, 3, prior.seen) + 2
    fitted = ColorPrior(CHANNELS, width=24, heads=2)
    fitted.fit(raw)
    normal = (raw - fitted.mean) / fitted.deviation
    assert normal.mean(0).abs().max() < 1e-3
    assert (normal.std(0) - 1).abs().max() < 1e-2
    components = fitted.semantic(normal.clamp(-5, 5).T[None, :, :, None])[0, :, :, 0]
    spread = components @ components.T / len(raw)
    torch.testing.assert_close(spread, torch.eye(CHANNELS), atol=0.05, rtol=0)


def test_the_classifier_never_learns(prior):
    seen = {name: value.clone() for name, value in prior.backbone.state_dict().items()}
    prior.train()
    prior.features(lightness(2, 1, 64, 64))
    prior.eval()
    assert all(torch.equal(value, seen[name]) for name, value in prior.backbone.state_dict().items()), "not even its running means"
    assert not any(parameter.requires_grad for parameter in prior.parameters())


@pytest.mark.slow
def test_the_denoiser_is_given_both_kinds_of_features(seeing):
    plane = lightness(2, 1, 64, 64)
    seen = seeing.see(plane)
    assert seeing.luminance_channels == 16 + CHANNELS
    assert seen.luminance.shape == (2, 16 + CHANNELS, 8, 8)
    torch.testing.assert_close(seen.luminance[:, :16], seen.features[-1])
    torch.testing.assert_close(seen.luminance[:, 16:], seeing.color_prior.semantic(seeing.color_prior.features(plane)))
    again = seen.of([1, 1, 0])
    assert torch.equal(again.luminance[0], again.luminance[1])
    assert torch.equal(again.expected[2], seen.expected[0])
    assert [len(feature) for feature in again.features] == [3] * len(seen.features)


def test_without_a_prior_it_is_the_published_input(tiny):
    plane = lightness(1, 1, 32, 32)
    seen = tiny.autoencoder.see(plane)
    assert tiny.autoencoder.color_prior is None
    assert seen.expected is None
    assert seen.luminance is seen.features[-1]


@pytest.mark.slow
def test_a_checkpoint_keeps_its_prior(seeing, tiny, tmp_path):
    unet = widen(tiny.unet, seeing.luminance_channels + 4 - tiny.unet.config.in_channels)
    parts = seeing, unet, tiny.text_encoder, tiny.tokenizer, tiny.scheduler
    LCADPipeline.assemble(*parts, PipelineSettings(native_size=64, expected=0.5)).save_pretrained(tmp_path / "kept")
    again = load_pipeline(tmp_path / "kept")
    plane = lightness(1, 1, 64, 64)
    torch.testing.assert_close(again.autoencoder.see(plane).expected, seeing.see(plane).expected)
    assert again.settings.expected == 0.5
    (image,) = again([np.uint8(plane[0, 0] * 2.55)], ["a dog"], steps=1).images
    assert image.size == (64, 64)


def test_the_official_code_cannot_hold_a_prior(tiny):
    autoencoder = LuminanceAutoencoder(block_out_channels=(32, 32, 32, 32), layers_per_block=1, prior_channels=CHANNELS)
    unet = widen(tiny.unet, 32 + CHANNELS + 4 - tiny.unet.config.in_channels)
    unet.register_to_config(norm_num_groups=32)
    components = LCADPipeline.assemble(autoencoder, unet, tiny.text_encoder, tiny.tokenizer, tiny.scheduler).components
    with pytest.raises(ValueError, match="has no color prior, which this autoencoder has"):
        official_state_dict(components)


def free_part(pipeline, caption, *regions, side=96):
    """The part of a canvas that nobody asks a color for, or None."""
    gray = np.full((side, side), 120, np.uint8)
    (job,) = pipeline.read([gray], [caption], [list(regions)])
    return unasked(job)


def test_colors_are_expected_where_nobody_asks_for_one(mini):
    left = np.zeros((96, 96), bool)
    left[:, :40] = True
    assert (free_part(mini, "a dog on a sofa") == 1).all()
    assert (free_part(mini, "") == 1).all()
    assert free_part(mini, "a red dog on a sofa") is None, "where the dog is nobody says"
    free = free_part(mini, "a red dog on a sofa", Region("a red dog", left))
    assert (free[:, : int(128 * 38 / 96)] == 0).all()
    assert (free[:, int(128 * 42 / 96) :] == 1).all()
    assert (free_part(mini, "a dog on a sofa", Region("a dog", left)) == 1).all(), "a region without a color asks for none"
    assert free_part(mini, "a red dog on a blue sofa", Region("a red dog", left)) is None, "the sofa may be anywhere"
    half = free_part(mini, "a red dog", Region("a red dog", np.where(left, 0.5, 0.1)))
    assert half[:, :40].max() < 1e-5
    np.testing.assert_allclose(half[:, -40:], 0.8, atol=1e-5)


def test_a_region_that_asks_for_the_color_expected_of_it_mostly_keeps_to_it(mini):
    left = np.zeros((96, 96), bool)
    left[:, :40] = True
    (request,) = mini.read([np.full((96, 96), 150, np.uint8)], ["a blue sky"], [[Region("a blue sky", left)]])
    blue, brown = (torch.tensor(ab)[:, None, None].expand(2, 32, 32) for ab in ([-3.0, -30.0], [12.0, 25.0]))
    kept, other = (expected_of(request, plane, 1.0).weight[:, :10] for plane in (blue, brown))
    np.testing.assert_allclose(kept, NATURAL, atol=1e-5)
    assert not other.any()


def test_lively_colors_have_their_hue_and_calm_ones_stay_calm():
    chroma = torch.tensor([[3.0, 30.0, 0.0], [4.0, 40.0, 0.0]])[:, None]
    lively = Liveliness(gain=1.0, power=2.0, middle=15.0, most=1.4).of(chroma)
    lengths = torch.linalg.vector_norm(lively, dim=0)[0]
    assert lengths[0] < 5
    torch.testing.assert_close(lengths[1], torch.tensor(70.0))
    assert lengths[2] == 0
    torch.testing.assert_close(lively[0] / lively[1].clamp(min=1e-6), torch.tensor([[0.75, 0.75, 0.0]]))
    torch.testing.assert_close(Liveliness().of(chroma), chroma)


def test_no_liveliness_below_nothing():
    with pytest.raises(ValueError, match="liveliness"):
        Liveliness(gain=0)


def test_no_share_expects_nothing(mini):
    (job,) = mini.read([np.full((96, 96), 120, np.uint8)], ["a dog"])
    plane = torch.full((2, 32, 32), 7.0)
    assert expected_of(job, plane, 0.0) is None
    constraint = expected_of(job, plane, 0.4)
    np.testing.assert_allclose(constraint.chroma, np.full((32, 32, 2), 7.0))
    np.testing.assert_allclose(constraint.weight, np.full((32, 32), 0.4))
    assert constraint.on_cells((16, 16)).chroma.shape == (16, 16, 2)


def test_chroma_settles_on_what_is_expected_and_keeps_what_is_finer():
    rng = np.random.default_rng(0)
    chroma = rng.normal(0, 20, (32, 32, 2)).astype(np.float32)
    expected = Expected(np.full((8, 8, 2), 12.0, np.float32), np.ones((8, 8), np.float32))
    done = settled(chroma, expected)
    assert np.abs(done.mean((0, 1)) - 12).max() < 1.5
    own, kept = (np.diff(plane[4:8, 4:8], axis=0) for plane in (chroma, done))
    assert np.corrcoef(own.ravel(), kept.ravel())[0, 1] > 0.9
    assert settled(chroma, None) is chroma
    np.testing.assert_array_equal(settled(chroma, Expected(expected.chroma, 0 * expected.weight)), chroma)


def chroma_of(pipeline, image, caption, expected):
    """Mean (a, b) of blocks of 12 px of a result with a share expected, (8, 8, 2)."""
    (result,) = pipeline([image], [caption], expected=expected).images
    return image_to_lab(np.asarray(result))[..., 1:].reshape(8, 12, 8, 12, 2).mean((1, 3))


@pytest.mark.slow
def test_what_is_expected_is_what_comes_out(mini, picture, monkeypatch):
    """With another expectation the colors are others: nearly all the way with a share of 1, not at all with 0."""
    image, _ = picture
    blue = torch.tensor([5.0, -30.0])[:, None, None]
    monkeypatch.setattr(mini.autoencoder.color_prior, "expected", lambda features: blue.expand(len(features), 2, 32, 32))
    monkeypatch.setattr(mini, "settings", replace(mini.settings, lively=None))
    full, half, none = (chroma_of(mini, image, "a ball on the ground", share) for share in (1.0, 0.5, 0.0))
    assert np.abs(full.mean((0, 1)) - (5, -30)).max() < 4
    assert none[..., 1].mean() > -15
    assert full[..., 1].mean() < half[..., 1].mean() < none[..., 1].mean()
    named = [chroma_of(mini, image, "a red ball", share) for share in (1.0, 0.0)]
    np.testing.assert_array_equal(*named)


def test_what_is_expected_in_a_hue_that_something_else_is_asked_to_have_is_calm():
    green, sky, pale = (-30.0, 30.0), (-5.0, -30.0), (-5.0, 5.0)
    chroma = torch.tensor([green, sky, pale]).T[:, None]
    apart = told_apart(chroma, ("green", "gray"))
    length = torch.linalg.vector_norm(apart, dim=0)[0]
    assert length[0] == pytest.approx(CALM, abs=0.1), "grass beside a green vase"
    assert torch.allclose(apart[:, 0, 1:], chroma[:, 0, 1:]), "another hue, and what is calm already, stay as they are"
    assert apart[0, 0, 0] / apart[1, 0, 0] == pytest.approx(-1), "of the same hue"
    assert torch.allclose(told_apart(chroma, ()), chroma)


@pytest.mark.slow
def test_a_pinned_color_holds_against_what_is_expected(mini, picture):
    image, mask = picture
    (result,) = mini([image], ["a ball"], constraints=[Constraints([Pin(mask, "#3050c0")])]).images
    lab = image_to_lab(np.asarray(result))[mask]
    goal = look_up(target_of("#3050c0").members[0], lab[:, 0])
    assert np.linalg.norm(np.median(lab[:, 1:], 0) - np.median(goal, 0)) < 2
    of_a_term = [
        image_to_lab(np.asarray(mini([image], ["a ball"], constraints=[Constraints([Pin(mask, "blue")])], expected=share).images[0]))[mask]
        for share in (1.0, 0.0)
    ]
    far = np.linalg.norm(np.subtract(*(np.median(lab[:, 1:], 0) for lab in of_a_term)))
    assert far < 18, "which of the blues it is, the denoiser says and not what a ball may be"


def test_a_share_is_a_share():
    for wrong in (-0.1, 1.5):
        with pytest.raises(ValueError, match="a share in"):
            PipelineSettings(expected=wrong)
