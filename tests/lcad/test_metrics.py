import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import structural_similarity

from lcad.color import lab_to_image
from lcad.metrics import (
    adherence,
    color_difference,
    colorfulness,
    colorfulness_gaps,
    compare,
    psnr,
    region_pixels,
    ssim,
    weighted_median,
)  # fmt: skip
from lcad.terms import targets


@pytest.fixture
def masks():
    left, right = np.zeros((40, 60), bool), np.zeros((40, 60), bool)
    left[5:35, 5:25], right[5:35, 35:55] = True, True
    return left, right


def painted(masks, colors, lightness=55.0):
    """An image (40, 60, 3) uint8, gray but for masks painted in ab."""
    lab = np.zeros((40, 60, 3), np.float32)
    lab[..., 0] = lightness
    for mask, ab in zip(masks, colors, strict=True):
        lab[mask, 1:] = ab
    return lab_to_image(lab)


RED, GREEN = targets("red", 55)[1], targets("green", 55)[3]


def test_objects_in_the_colors_asked_for_are_right(masks):
    result = adherence(painted(masks, [RED, GREEN]), ["a red cup", "a forest green hat"], masks)
    assert result.score > 0.9
    assert result.right
    assert [region.terms for region in result.regions] == [("red",), ("green",)]


def test_swapped_colors_are_wrong_and_one_wrong_makes_the_image_wrong(masks):
    phrases = ["a red cup", "a green hat"]
    swapped = adherence(painted(masks, [GREEN, RED]), phrases, masks)
    assert swapped.score < 0.05
    assert swapped.right is False
    half = adherence(painted(masks, [RED, RED]), phrases, masks)
    assert [region.right for region in half.regions] == [True, False]
    assert half.right is False
    assert half.score == pytest.approx(0.5, abs=0.05)


def test_a_gray_result_adheres_to_gray_only(masks):
    gray = painted(masks, [(0, 0), (0, 0)])
    assert adherence(gray, ["a red cup", "a gray hat"], masks).regions[0].score < 1e-6
    assert adherence(gray, ["a red cup", "a gray hat"], masks).regions[1].score > 0.9


def test_phrases_without_color_words_and_empty_masks_are_not_judged(masks):
    image = painted(masks, [RED, GREEN])
    assert adherence(image, ["a cup", "a hat"], masks).score is None
    assert adherence(image, [], []).right is None
    mixed = adherence(image, ["a cup", "a green hat", "a red pin"], [*masks, np.zeros((40, 60), bool)])
    assert mixed.regions[0] is None
    assert mixed.regions[2] is None
    assert mixed.right


def test_a_phrase_with_two_colors_is_as_good_as_the_better(masks):
    image = painted(masks, [RED, GREEN])
    assert adherence(image, ["a blue and red cup"], masks[:1]).right


def test_pixels_shared_with_another_region_do_not_speak(masks):
    left, right = masks[0].copy(), masks[1].copy()
    right[5:35, 15:55] = True  # over the right half of the left one
    image = painted([left, right], [RED, GREEN])
    assert adherence(image, ["a red cup", "a green hat"], [left, right]).right
    pixels = region_pixels(left, right)
    assert not (pixels & right).any()
    assert pixels.sum() == 28 * 8  # 30 × 10 of its own, one pixel less on each side


def test_a_region_that_is_all_shared_or_tiny_is_judged_by_what_it_has(masks):
    assert region_pixels(masks[0], masks[0]).sum() == 28 * 18
    dot = np.zeros((40, 60), bool)
    dot[3, 3:6] = True
    assert np.array_equal(region_pixels(dot, np.zeros_like(dot)), dot)


def test_the_median_is_weighted():
    values = np.array([3.0, 1.0, 2.0])
    assert weighted_median(values, np.ones(3)) == 2
    assert weighted_median(values, np.array([10.0, 1, 1])) == 3


def test_counts_must_agree(masks):
    with pytest.raises(ValueError, match="got 1 phrases and 2 masks"):
        adherence(painted(masks, [RED, GREEN]), ["a red cup"], masks)


def test_colorfulness_is_the_published_formula():
    gray = np.full((8, 8, 3), 90, np.uint8)
    assert colorfulness(gray) == 0
    image = np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8)
    # rg: 255, 0; yb: 127.5, -255. Means 127.5, -63.75; deviations 127.5, 191.25
    assert colorfulness(image) == pytest.approx(np.hypot(127.5, 191.25) + 0.3 * np.hypot(127.5, 63.75))


def test_both_conventions_of_the_colorfulness_gap_are_given(noise_image):
    gray, noisy = np.full((16, 16, 3), 90, np.uint8), noise_image(16, 16, 3)
    level = colorfulness(noisy)
    assert colorfulness_gaps([gray, noisy], [noisy, gray]) == {"of_means": 0.0, "mean_of_images": pytest.approx(level)}


def test_psnr_is_its_formula(noise_image):
    image, other = noise_image(16, 16, 3), noise_image(16, 16, 3, seed=1)
    error = ((image.astype(float) - other) ** 2).mean()
    assert psnr(image, other) == pytest.approx(10 * np.log10(255**2 / error))
    assert psnr(image, image) == float("inf")


def test_ssim_is_that_of_wang_et_al(noise_image):
    image = noise_image(24, 24, 3)
    near = np.clip(image.astype(int) + noise_image(24, 24, 3, seed=1) // 16, 0, 255).astype(np.uint8)
    channels = [
        structural_similarity(image[..., c], near[..., c], data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
        for c in range(3)
    ]
    assert ssim(near, image) == pytest.approx(np.mean(channels))
    assert ssim(image, image) == pytest.approx(1)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_color_difference_is_that_of_the_published_table(first, second, expected):
    """Sharma, Wu and Dalal 2005, table 1."""
    assert deltaE_ciede2000(np.array(first), np.array(second)) == pytest.approx(expected, abs=1e-4)


def test_the_color_difference_of_images_is_the_mean_over_pixels(noise_image):
    image, other = noise_image(16, 16, 3), noise_image(16, 16, 3, seed=1)
    assert color_difference(image, other) == pytest.approx(deltaE_ciede2000(rgb2lab(other), rgb2lab(image)).mean(), rel=1e-4)
    assert color_difference(image, image) == 0


def test_what_needs_absent_weights_says_so_and_is_no_number(noise_image):
    values = compare(noise_image(16, 16, 3), noise_image(16, 16, 3, seed=1))
    assert {name for name, value in values.items() if value == "not computed: weights absent"} == {"lpips", "fid", "clip_score"}
    assert all(np.isfinite(values[name]) for name in ("psnr", "ssim", "delta_e", "colorfulness", "colorfulness_gap"))
    with pytest.raises(ValueError, match=r"the image is \(16, 16, 3\), the original \(16, 15, 3\)"):
        compare(noise_image(16, 16, 3), noise_image(16, 15, 3))
