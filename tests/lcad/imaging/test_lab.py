import numpy as np
import pytest
import torch
from skimage.color import lab2rgb, rgb2lab

from lcad.imaging import clip_chroma, hint_from_lightness, image_to_lab, lab_to_image, lab_to_rgb, lightness_of, rgb_to_lab


def test_lab_agrees_with_scikit_image_in_both_directions(noise_image):
    image = noise_image(50, 40, 3)
    np.testing.assert_allclose(image_to_lab(image), rgb2lab(image), atol=1e-3)
    lab = torch.from_numpy(rgb2lab(image)).movedim(-1, 0).float()
    np.testing.assert_allclose(lab_to_rgb(lab).movedim(0, -1).numpy(), lab2rgb(rgb2lab(image)), atol=1e-4)


def test_every_gray_and_random_colors_survive_the_way_to_lab_and_back(noise_image):
    grays = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, -1)
    for image in (grays, noise_image(64, 64, 3)):
        assert np.array_equal(lab_to_image(image_to_lab(image)), image)


def test_sixteen_bits_and_floats_give_the_lab_of_eight(noise_image):
    image = noise_image(9, 7, 3)
    expected = image_to_lab(image)
    np.testing.assert_allclose(image_to_lab(image.astype(np.uint16) * 257), expected, atol=1e-4)
    np.testing.assert_allclose(image_to_lab(image / 255), expected, atol=1e-4)


def test_the_hint_of_black_and_white_is_the_published_range():
    hint = hint_from_lightness(torch.tensor([0.0, 100.0]).reshape(1, 1, 1, 2))
    assert hint.shape == (1, 3, 1, 2)
    torch.testing.assert_close(hint[0, :, 0, 0], torch.full((3,), -1.0))
    torch.testing.assert_close(hint[0, :, 0, 1], torch.full((3,), 100 / 127.5 - 1))
    with pytest.raises(ValueError, match=r"must have the shape \(B, 1, H, W\)"):
        hint_from_lightness(torch.zeros(1, 3, 2, 2))


def test_clipping_chroma_keeps_lightness_and_hue_and_leaves_colors_of_the_gamut_alone():
    generator = np.random.default_rng(3)
    lab = np.dstack([generator.uniform(0, 100, (60, 60)), generator.normal(0, 60, (60, 60, 2))]).astype(np.float32)
    before = torch.from_numpy(lab).movedim(-1, 0)
    after = clip_chroma(before)
    assert torch.equal(after[0], before[0])
    cross = after[1] * before[2] - after[2] * before[1]
    assert cross.abs().max() < 1e-2  # same direction in the ab-plane
    rgb = lab_to_rgb(after)
    assert rgb.min() > -2e-3
    assert rgb.max() < 1 + 2e-3
    inside = rgb_to_lab(torch.rand(3, 20, 20))
    torch.testing.assert_close(clip_chroma(inside), inside)


def test_lightness_stays_within_one_after_rounding_whatever_chroma_is_asked_for():
    generator = np.random.default_rng(4)
    lab = np.dstack([generator.uniform(0, 100, (200, 200)), generator.normal(0, 80, (200, 200, 2))])
    assert np.abs(rgb2lab(lab_to_image(lab))[..., 0] - lab[..., 0]).max() < 0.5


def test_conversion_works_on_batches_and_is_differentiable():
    rgb = torch.rand(2, 3, 4, 5, requires_grad=True)
    lab = rgb_to_lab(rgb)
    assert lab.shape == (2, 3, 4, 5)
    torch.testing.assert_close(lightness_of(rgb), lab[:, :1])
    lab_to_rgb(lab).sum().backward()
    assert torch.isfinite(rgb.grad).all()


def test_a_gray_array_is_no_rgb_image():
    with pytest.raises(ValueError, match=r"must have the shape \(H, W, 3\), got \(4, 4\)"):
        image_to_lab(np.zeros((4, 4), np.uint8))
