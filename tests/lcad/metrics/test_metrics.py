import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import structural_similarity

from lcad.imaging import image_to_lab, lab_to_image
from lcad.metrics import (
    adherence,
    bleeding,
    bleedings,
    color_difference,
    colorfulness,
    colorfulness_gaps,
    compare,
    psnr,
    region_pixels,
    ssim,
    summarize,
    weighted_median,
)  # fmt: skip


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


RED, GREEN = (image_to_lab(np.array([[color]], np.uint8))[0, 0, 1:] for color in ((200, 30, 40), (40, 150, 60)))


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
    assert adherence(gray, ["a red cup", "a gray hat"], masks).regions[0].score < 0.1
    assert adherence(gray, ["a red cup", "a gray hat"], masks).regions[1].score > 0.9


def test_phrases_without_color_words_and_empty_masks_are_not_judged(masks):
    image = painted(masks, [RED, GREEN])
    assert adherence(image, ["a cup", "a hat"], masks).score is None
    assert adherence(image, [], []).right is None
    mixed = adherence(image, ["a cup", "a green hat", "a red pin"], [*masks, np.zeros((40, 60), bool)])
    assert mixed.regions[0] is None
    assert mixed.regions[2] is None
    assert mixed.right


def test_a_few_colored_pixels_do_not_speak_for_a_gray_thing(masks):
    image = painted(masks, [(0, 0), GREEN])
    image[10:16, 5:25] = painted(masks, [RED, GREEN])[10:16, 5:25]
    assert adherence(image, ["a silver cup"], masks[:1]).right
    assert adherence(image, ["a red cup"], masks[:1]).score > 0.5


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
    with pytest.raises(ValueError, match="got 1 phrases, 2 masks and colors of 1"):
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


# Sharma, Wu and Dalal 2005, table 1: L, a, b of two colors and their ΔE00.
SHARMA = """
50 2.6772 -79.7751 50 0 -82.7485 2.0425     50 3.1571 -77.2803 50 0 -82.7485 2.8615     50 2.8361 -74.02 50 0 -82.7485 3.4412
50 -1.3802 -84.2814 50 0 -82.7485 1         50 -1.1848 -84.8006 50 0 -82.7485 1         50 -0.9009 -85.5211 50 0 -82.7485 1
50 0 0 50 -1 2 2.3669                       50 -1 2 50 0 0 2.3669                       50 2.49 -0.001 50 -2.49 0.0009 7.1792
50 2.49 -0.001 50 -2.49 0.001 7.1792        50 2.49 -0.001 50 -2.49 0.0011 7.2195       50 2.49 -0.001 50 -2.49 0.0012 7.2195
50 -0.001 2.49 50 0.0009 -2.49 4.8045       50 -0.001 2.49 50 0.001 -2.49 4.8045        50 -0.001 2.49 50 0.0011 -2.49 4.7461
50 2.5 0 50 0 -2.5 4.3065                   50 2.5 0 73 25 -18 27.1492                  50 2.5 0 61 -5 29 22.8977
50 2.5 0 56 -27 -3 31.903                   50 2.5 0 58 24 15 19.4535                   50 2.5 0 50 3.1736 0.5854 1
50 2.5 0 50 3.2972 0 1                      50 2.5 0 50 1.8634 0.5757 1                 50 2.5 0 50 3.2592 0.335 1
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644      63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.263
61.2901 3.7196 -5.3901 61.4292 2.248 -4.962 1.8731            35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.694 23.0331 14.973 -42.5619 2.0373        36.4612 47.858 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.441 91.1528 -1.6435 0.0447 1.4441           90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377          2.0776 0.0795 -1.135 0.9033 -0.0636 -0.5514 0.9082
"""


def test_the_color_difference_is_that_of_the_published_table():
    table = np.array(SHARMA.split(), float).reshape(34, 7)
    assert deltaE_ciede2000(table[:, :3], table[:, 3:6]) == pytest.approx(table[:, 6], abs=1e-4)


def test_the_color_difference_of_images_is_the_mean_over_pixels(noise_image):
    image, other = noise_image(16, 16, 3), noise_image(16, 16, 3, seed=1)
    assert color_difference(image, other) == pytest.approx(deltaE_ciede2000(rgb2lab(other), rgb2lab(image)).mean(), rel=1e-4)
    assert color_difference(image, image) == 0


def test_all_numbers_of_one_colorization_are_given_together(masks):
    original = painted(masks, [RED, GREEN])
    gray = painted(masks, [(0, 0), (0, 0)])
    phrases = ["a red cup", "a green hat"]
    values = compare(gray, original, adherence(gray, phrases, masks), masks)
    assert values["psnr"] == psnr(gray, original)
    assert values["ssim"] == ssim(gray, original)
    assert values["delta_e"] == color_difference(gray, original)
    assert values["colorfulness"] == 0
    assert values["colorfulness_gap"] == values["colorfulness_of_original"] == colorfulness(original)
    assert values["adherence"] < 0.1
    assert values["right"] is False
    assert values["bleeding"] is None
    assert compare(original, original, adherence(original, phrases, masks), masks)["right"] is True
    assert compare(original, original)["adherence"] is None
    with pytest.raises(ValueError, match=r"the image is \(40, 60, 3\), the original \(40, 59, 3\)"):
        compare(original, original[:, :59])


def test_bleeding_is_the_part_of_an_objects_color_that_lies_around_it():
    mask = np.zeros((128, 128), bool)
    mask[40:90, 40:90] = True
    halo = np.zeros_like(mask)
    halo[34:96, 34:96] = True
    lab = np.zeros((128, 128, 3), np.float32)
    lab[..., 0] = 55
    for part in (0.0, 0.5, 1.0):
        lab[halo, 1:], lab[mask, 1:] = part * RED, RED
        assert bleeding(lab_to_image(lab), [mask]) == pytest.approx(part, abs=0.03)


def test_what_cannot_bleed_is_not_judged():
    everything, dot = np.ones((128, 128), bool), np.zeros((128, 128), bool)
    dot[60:70, 60:70] = True
    gray = np.full((128, 128, 3), 120, np.uint8)
    assert bleeding(gray, [dot]) is None
    assert bleeding(gray, [everything]) is None
    assert bleeding(gray, []) is None


def test_two_objects_side_by_side_do_not_count_as_each_others_bleeding():
    left, right = np.zeros((128, 128), bool), np.zeros((128, 128), bool)
    left[40:90, 20:60], right[40:90, 62:100] = True, True
    lab = np.zeros((128, 128, 3), np.float32)
    lab[..., 0] = 55
    lab[left, 1:], lab[right, 1:] = RED, RED
    assert bleedings(lab_to_image(lab), [left, right]) == pytest.approx([0, 0], abs=0.03)


@pytest.fixture
def findings():
    """Three images: two scarce ones that cannot be judged, one complete one; their colorfulness is 10 off, once above, once below."""
    common = {"psnr": 20.0, "ssim": 0.9, "delta_e": 5.0, "colorfulness_of_original": 30.0, "bleeding": None}
    scarce = {**common, "level": "scarce", "instances": 1, "adherence": None, "right": None, "colorfulness_gap": 10.0}
    complete = {**common, "level": "complete", "instances": 5, "adherence": 0.5, "right": False, "colorfulness_gap": 0.0}
    return [{**scarce, "colorfulness": 40.0}, {**scarce, "colorfulness": 20.0}, {**complete, "colorfulness": 30.0, "psnr": float("inf")}]


def test_a_summary_has_means_by_caption_level_and_by_number_of_instances(findings):
    summary = summarize(findings)
    assert (summary["items"], summary["psnr"], summary["adherence"], summary["right"]) == (3, 20, 0.5, 0)
    assert {name: group["items"] for name, group in summary["by_level"].items()} == {"complete": 1, "scarce": 2}
    assert {name: group["items"] for name, group in summary["by_instances"].items()} == {"1": 2, "3": 1}
    assert summary["by_level"]["scarce"]["adherence"] is None


def test_a_summary_names_both_conventions_of_the_colorfulness_gap(findings):
    scarce = summarize(findings)["by_level"]["scarce"]
    assert (scarce["colorfulness_gap"], scarce["colorfulness_gap_of_means"]) == (10, 0)


def test_what_needs_absent_weights_says_so_and_is_no_number(findings):
    summary = summarize(findings)
    assert {summary[name] for name in ("lpips", "fid", "clip_score")} == {"not computed: weights absent"}
    measured = summarize([{**finding, "lpips": 0.25} for finding in findings], fid=12.0)
    assert (measured["lpips"], measured["fid"], measured["clip_score"]) == (0.25, 12, "not computed: weights absent")
    assert measured["by_level"]["scarce"]["lpips"] == 0.25
