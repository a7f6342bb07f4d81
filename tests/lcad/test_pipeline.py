import doctest
import warnings
from types import SimpleNamespace

import numpy as np
import PIL.Image
import pytest
import torch
from skimage.color import rgb2lab

import lcad.pipeline
from lcad import LCADPipeline, Region
from lcad.guidance import InstanceGuidance
from lcad.imaging import lab_to_rgb
from lcad.prior_guidance import predicted_chroma
from lcad.prompts import CaptionTruncated, read_prompt
from lcad.sampler import SamplingCancelledError

CAPTION = "a red cup and a blue dog"


def difference(first, second):
    return np.abs(np.asarray(first).astype(int) - np.asarray(second)).max()


def largest_lightness_change(result, source):
    gray = source if source.ndim == 3 else np.repeat(source[..., None], 3, -1)
    return np.abs(rgb2lab(np.asarray(result))[..., 0] - rgb2lab(gray)[..., 0]).max()


@pytest.fixture
def mask():
    mask = np.zeros((40, 30), bool)
    mask[5:25, 5:20] = True
    return mask


@pytest.mark.parametrize("shape", [(8, 8), (1, 400), (400, 1), (1, 1), (37, 53), (32, 32), (90, 64, 3), (300, 500, 3)])
@pytest.mark.slow
def test_any_size_comes_back_whole_with_its_lightness(tiny, noise_image, shape):
    source = noise_image(*shape)
    (result,) = tiny([source], [CAPTION]).images
    assert result.mode == "RGB"
    assert result.size == (shape[1], shape[0])
    assert largest_lightness_change(result, source) <= 1


def test_four_thousand_pixels_in_a_row_are_fine(tiny, noise_image):
    source = noise_image(1, 4000)
    (result,) = tiny([source], [CAPTION]).images
    assert result.size == (4000, 1)
    assert largest_lightness_change(result, source) <= 1


def test_the_result_is_in_color(tiny, noise_image):
    (result,) = tiny([noise_image(40, 30)], [CAPTION]).images
    lab = rgb2lab(np.asarray(result))
    assert np.hypot(lab[..., 1], lab[..., 2]).mean() > 1


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "LA", "1", "CMYK", "I;16", "I", "F"])
@pytest.mark.slow
def test_pictures_of_every_mode_are_read(tiny, noise_image, mode):
    gray = noise_image(20, 16) // 2 + 60
    if mode in ("I;16", "I"):
        picture = PIL.Image.fromarray(gray.astype(np.uint16) * 257)
        picture = picture.convert("I") if mode == "I" else picture
    else:
        picture = PIL.Image.fromarray(gray).convert("RGB" if mode in ("CMYK", "P") else mode).convert(mode)
    (result,) = tiny([picture], [CAPTION]).images
    assert result.size == (16, 20)
    shown = gray if mode in ("I;16", "I") else np.asarray(picture.convert("RGB"))
    assert largest_lightness_change(result, shown) <= 1


@pytest.mark.slow
def test_sixteen_bit_and_float_arrays_give_what_eight_bits_give(tiny, noise_image):
    gray = noise_image(20, 16)
    eight, sixteen, real = tiny([gray, gray.astype(np.uint16) * 257, gray / 255], [CAPTION] * 3).images
    assert difference(eight, sixteen) <= 1
    assert difference(eight, real) <= 1


@pytest.mark.slow
def test_a_result_does_not_depend_on_its_batch(tiny, noise_image, mask):
    sources = [noise_image(40, 30, seed=seed) for seed in range(3)] + [noise_image(20, 60)]
    captions = [CAPTION, "a yellow bird", "", CAPTION]
    regions = [[Region("a red cup", mask)], [], [], []]
    together = tiny(sources, captions, regions, seeds=[5, 6, 7, 8]).images
    for number, source in enumerate(sources):
        (alone,) = tiny([source], [captions[number]], [regions[number]], seeds=[5 + number]).images
        assert difference(together[number], alone) <= 1, number
    one_by_one = tiny(sources, captions, regions, seeds=[5, 6, 7, 8], batch_size=1).images
    assert max(map(difference, together, one_by_one)) <= 1


@pytest.mark.slow
def test_seeds_repeat_and_differ(tiny, noise_image):
    source = noise_image(40, 30)
    first, again, other, default = tiny([source] * 4, [CAPTION] * 4, seeds=[1, 1, 2, 0]).images
    assert difference(first, again) <= 1
    assert difference(first, other) > 3
    assert difference(default, tiny([source], [CAPTION]).images[0]) <= 1


def test_captions_of_one_picture_share_its_features(tiny, noise_image):
    sizes = []
    handle = tiny.autoencoder.luminance_encoder.conv_in.register_forward_hook(lambda m, inputs, output: sizes.append(len(output)))
    source = noise_image(32, 32)
    results = tiny([source, source, noise_image(32, 32, seed=1)], [CAPTION, "a yellow bird", CAPTION]).images
    handle.remove()
    assert sizes == [2]
    assert difference(results[0], results[1]) > 0


@pytest.mark.slow
def test_a_caption_is_embedded_once(tiny, noise_image):
    calls = []
    handle = tiny.text_encoder.register_forward_hook(lambda *_: calls.append(1))
    for _ in range(2):
        tiny([noise_image(32, 32)], ["a green bird on a table"])
    handle.remove()
    assert len(calls) <= 2  # the caption's, and the empty one's if no test asked for it before


def test_a_color_that_the_decoder_puts_outside_of_srgb_loses_chroma_and_keeps_its_hue(tiny, monkeypatch):
    """Clipped as RGB, a pale orange would become yellow: its hue of 62 degrees would be 78."""
    beyond_srgb = torch.tensor([88.0, 38.0, 71.5])[:, None, None].expand(3, 32, 32)
    rgb = lab_to_rgb(beyond_srgb)
    assert rgb.max() > 1.1
    source = np.full((32, 32), round(255 * float(lab_to_rgb(torch.tensor([88.0, 0, 0])[:, None, None])[0])), np.uint8)
    jobs = tiny.read([source], [CAPTION])
    seen = tiny.encode(jobs)
    decoded = SimpleNamespace(sample=(2 * rgb - 1)[None])
    monkeypatch.setattr(tiny.autoencoder, "decode", lambda *_args, **_kwargs: decoded)
    chroma = predicted_chroma(jobs[0], tiny.decode(torch.zeros(1), seen.features)[0])
    result, *_ = tiny.finish(jobs[0], [], {jobs[0]: chroma}, 0.0)
    lab = rgb2lab(np.asarray(result)).mean((0, 1))
    assert abs(np.degrees(np.arctan2(lab[2], lab[1])) - 62) < 3
    assert abs(lab[0] - 88) < 1


def test_embeddings_are_right_after_the_cache_was_emptied(tiny, monkeypatch):
    prompts = [read_prompt(tiny.tokenizer, caption, 24) for caption in ("a red cup", "a blue dog")]
    kept = tiny.embed(prompts)
    monkeypatch.setattr("lcad.pipeline.CACHED_CAPTIONS", 0)
    fresh = read_prompt(tiny.tokenizer, "a yellow bird on a red table", 24)
    again = tiny.embed([prompts[1], fresh, prompts[0]])
    torch.testing.assert_close(again[[2, 0]], kept)
    assert len(tiny._embeddings) == 3


@pytest.mark.slow
def test_masks_change_the_result_and_strength_zero_does_not(tiny, noise_image, mask):
    source, regions = noise_image(40, 30), [[Region("a red cup", mask), Region((16, 24), ~mask)]]
    plain, off, on = (
        tiny([source], [CAPTION], own_regions, instance=InstanceGuidance(strength=strength)).images[0]
        for own_regions, strength in ((None, 0.0), (regions, 0.0), (regions, 8.0))
    )
    assert difference(on, off) > 0
    assert largest_lightness_change(on, source) <= 1
    assert off.size == plain.size


@pytest.mark.slow
def test_steps_guidance_and_solver_override_the_settings(tiny, noise_image):
    source, counts = noise_image(32, 32), []
    base = tiny([source], [CAPTION]).images[0]
    tiny([source], [CAPTION], steps=5, progress=lambda *at: counts.append(at))
    assert counts[-1] == (5, 5)
    for options in ({"steps": 6}, {"guidance": 9.0}, {"solver_name": "ddim"}):
        assert difference(tiny([source], [CAPTION], **options).images[0], base) > 0, options
    for options in ({"steps": 0}, {"guidance": -1.0}, {"solver_name": "euler"}):
        with pytest.raises(ValueError, match="expected"):
            tiny([source], [CAPTION], **options)


@pytest.mark.slow
def test_progress_runs_over_all_batches_and_can_cancel(tiny, noise_image):
    seen = []
    tiny([noise_image(32, 32), noise_image(20, 60)], [CAPTION] * 2, progress=lambda *at: seen.append(at))
    assert seen == [(number, 6) for number in range(1, 7)]
    with pytest.raises(SamplingCancelledError):
        tiny([noise_image(32, 32)], [CAPTION], progress=lambda done, total: False)


@pytest.mark.slow
def test_facts_come_with_every_result(tiny, noise_image, mask):
    uncolored = [Region("cup", mask)]
    results = tiny([noise_image(40, 30)] * 3, [CAPTION] * 3, [[Region("a red cup", mask)], uncolored, []], seeds=[3, 4, 5])
    assert results.seeds == [3, 4, 5]
    assert min(results.seconds) > 0
    assert results.adherence[0].regions[0].terms == ("red",)
    assert 0 <= results.adherence[0].score <= 1
    assert [judged.score for judged in results.adherence[1:]] == [None, None]
    assert results.lost_words == ["", "", ""]


@pytest.mark.slow
def test_colors_that_were_read_elsewhere_count_instead_of_the_phrase_s_own_words(tiny, noise_image, mask):
    regions = [Region("cup", mask, ("cyan",)), Region("a red cup", mask, ())]
    output = tiny([noise_image(40, 30)], [CAPTION], [regions], caption_colors=[("cyan",)])
    first, second = output.adherence[0].regions
    assert first.terms == ("cyan",)
    assert second is None
    with pytest.raises(ValueError, match=r"image 0: colors must be a list of the color terms red, orange, .*, got 'teal'"):
        tiny([noise_image(40, 30)], [CAPTION], [[Region("cup", mask, "teal")]])
    with pytest.raises(ValueError, match="got 1 images and 2 caption_colors"):
        tiny([noise_image(40, 30)], [CAPTION], caption_colors=[None, None])


@pytest.mark.slow
def test_a_color_that_is_said_outside_of_a_phrase_is_steered_with_it(tiny, noise_image, mask):
    caption, phrase, color = "a red bunch of grapes", (15, 21), (2, 5)
    plain, colored = (
        tiny.read([noise_image(64, 64)], [caption], [[Region(phrase, None, ["red"], color_spans=spans)]])[0].tokens[0]
        for spans in ((), (color,))
    )
    words = tiny.read([noise_image(64, 64)], [caption], [[Region(color)]])[0].tokens[0]
    assert words.any()
    assert torch.equal(colored, torch.maximum(plain, words))
    assert not torch.equal(colored, plain)


def test_a_caption_of_three_hundred_words_is_colored_with_a_warning(tiny, noise_image, mask):
    caption = "a red cup " + "and a word " * 100
    with pytest.warns(CaptionTruncated, match="not read"):
        (result,) = tiny([noise_image(40, 30)], [caption], [[Region("a red cup", mask)]]).images
    assert result.size == (30, 40)


def test_what_does_not_fit_is_named(tiny, noise_image, mask):
    source = noise_image(40, 30)
    with pytest.raises(ValueError, match=r"image 0: the mask of “a red cup” is \(30, 40\), the image \(40, 30\)"):
        tiny([source], [CAPTION], [[Region("a red cup", mask.T)]])
    with pytest.raises(ValueError, match="the phrase “a green cup” does not stand in the caption"):
        tiny([source], [CAPTION], [[Region("a green cup", mask)]])
    with pytest.raises(ValueError, match="got 1 images and 2 captions"):
        tiny([source], [CAPTION] * 2)
    with pytest.raises(ValueError, match="got 1 images and 0 seeds"):
        tiny([source], [CAPTION], seeds=[])
    with pytest.raises(ValueError, match="must be lists"):
        tiny(source, [CAPTION])
    with pytest.raises(ValueError, match="must be lists"):
        tiny([source], CAPTION)
    with pytest.raises(ValueError, match="must be a Pillow image or an array, got str"):
        tiny(["photo.jpg"], [CAPTION])
    with pytest.raises(ValueError, match=r"shape \(H, W\) or \(H, W, 3\), got \(3, 40, 30\)"):
        tiny([np.zeros((3, 40, 30), np.uint8)], [CAPTION])
    with pytest.raises(ValueError, match="uint8, uint16 or float"):
        tiny([np.zeros((4, 4), np.int64)], [CAPTION])


@pytest.mark.slow
def test_the_example_of_the_documentation_runs():
    outcome = doctest.testmod(lcad.pipeline)
    assert outcome.attempted > 5
    assert outcome.failed == 0


def test_no_images_are_no_results(tiny):
    assert tiny([], []).images == []


@pytest.mark.slow
def test_half_precision_is_near_full(tiny_folder, noise_image):
    pipeline = LCADPipeline.from_pretrained(tiny_folder)
    source = noise_image(32, 32)
    full = pipeline([source], [CAPTION]).images[0]
    half = pipeline.to(dtype=torch.bfloat16)([source], [CAPTION])[0]
    assert pipeline.unet.dtype == torch.bfloat16
    assert np.abs(np.asarray(full).astype(int) - np.asarray(half)).mean() < 8
    assert largest_lightness_change(half, source) <= 1


@pytest.mark.slow
def test_no_warnings_come_from_a_plain_call(tiny, noise_image):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        tiny([noise_image(16, 16)], [CAPTION])
