"""What a person may get wrong, through the public API with the embedded checkpoint: a right result, or an error that names it."""

import json
import shutil
import warnings

import numpy as np
import PIL.Image
import pytest
import torch
from safetensors.torch import load_file, save_file
from skimage.color import rgb2lab

from lcad import LCADPipeline, Region, load_pipeline
from lcad.checkpoints import folder_of
from lcad.chroma import Constraints, Pin
from lcad.guidance import CaptionGuidance, InstanceGuidance
from lcad.prompts import CaptionTruncated
from pipelines.demo import demo_photos

CAPTION, PHRASE = "a red ball on a table", "a red ball"
WEIGHTS = {
    "autoencoder": "autoencoder/diffusion_pytorch_model.safetensors",
    "unet": "unet/diffusion_pytorch_model.safetensors",
    "text_encoder": "text_encoder/model.safetensors",
}


@pytest.fixture(scope="module")
def mini():
    return load_pipeline("mini")


@pytest.fixture
def copy(tmp_path):
    """The embedded checkpoint's files, to be damaged."""
    return shutil.copytree(folder_of("mini"), tmp_path / "copy")


def color(pipeline, source, caption=CAPTION, regions=(), **options):
    """One result, in two steps."""
    return output_of(pipeline, source, caption, regions, **options).images[0]


def output_of(pipeline, source, caption=CAPTION, regions=(), **options):
    """What comes of one picture, in two steps."""
    return pipeline([source], [caption], [list(regions)], steps=2, **options)


def lightness_change(result, gray):
    """The largest |ΔL| between a result and an 8-bit picture (H, W) or (H, W, 3)."""
    shown = np.repeat(gray[..., None], 3, -1) if gray.ndim == 2 else gray
    return np.abs(rgb2lab(np.asarray(result))[..., 0] - rgb2lab(shown)[..., 0]).max()


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 3), (1, 4000), (4000, 1), (1, 1), (2, 3, 3)])
@pytest.mark.slow
def test_the_smallest_and_the_longest_pictures_come_back_whole(mini, noise_image, shape):
    source = noise_image(*shape)
    result = color(mini, source, regions=[Region(PHRASE, np.ones(shape[:2], bool))])
    assert (result.mode, result.size) == ("RGB", shape[1::-1])
    assert lightness_change(result, source) <= 1


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.slow
def test_black_stays_black_and_white_stays_white(mini, level):
    result = np.asarray(color(mini, np.full((40, 50), level, np.uint8)))
    assert result.shape == (40, 50, 3)
    assert (result == level).all()


@pytest.mark.parametrize("caption", ["", "   ", "🍎 ein röter Bäll\n\x00", "ball " * 300, "nothing of this word list " * 60])
@pytest.mark.slow
def test_any_caption_gives_a_picture(mini, noise_image, caption):
    source = noise_image(40, 50)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CaptionTruncated)
        result = color(mini, source, caption)
    assert result.size == (50, 40)
    assert lightness_change(result, source) <= 1


@pytest.mark.slow
def test_of_three_hundred_words_those_past_the_cut_are_named_and_their_phrase_too(mini, noise_image):
    source, caption = noise_image(40, 50), "word " * 297 + "a red ball"
    with pytest.warns(CaptionTruncated) as caught:
        output = output_of(mini, source, caption, [Region(PHRASE, source > 128)])
    messages = [str(warning.message) for warning in caught if warning.category is CaptionTruncated]
    assert any("cut at 77 tokens" in message and message.endswith("word a red ball”") for message in messages)
    assert any("“a red ball” lies past the cut" in message for message in messages)
    assert output.lost_words[0].endswith("a red ball")
    assert lightness_change(output.images[0], source) <= 1


@pytest.mark.slow
def test_an_empty_mask_guides_and_judges_nothing(mini, noise_image):
    source, nowhere = noise_image(40, 50), np.zeros((40, 50), bool)
    for rule in ("add", "push", "hard"):
        output = output_of(mini, source, regions=[Region(PHRASE, nowhere)], instance=InstanceGuidance(rule))
        assert lightness_change(output.images[0], source) <= 1
        assert output.adherence[0].score is None
    pinned = color(mini, source, constraints=[Constraints([Pin(nowhere, "red")])])
    assert np.abs(np.asarray(pinned).astype(int) - np.asarray(color(mini, source))).max() <= 1


@pytest.mark.parametrize(
    ("mask", "says"),
    [
        (np.ones((50, 40), bool), r"image 0: the mask of “a red ball” is \(50, 40\), the image \(40, 50\) \(height, width\)"),
        (np.ones((40, 50, 1), bool), r"is \(40, 50, 1\), the image \(40, 50\)"),
        (np.ones((8, 8), bool), r"is \(8, 8\), the image \(40, 50\)"),
        (np.full((40, 50), 255, np.uint8), "has values from 255 to 255, expected bool, or from 0 outside to 1 inside"),
        (np.full((40, 50), np.nan), "has values from nan to nan"),
        (np.full((40, 50), -3.0), "has values from -3 to -3"),
    ],
)
def test_a_mask_of_another_size_or_range_is_named(mini, noise_image, mask, says):
    with pytest.raises(ValueError, match=says):
        color(mini, noise_image(40, 50), regions=[Region(PHRASE, mask)])
    with pytest.raises(ValueError, match=says.replace("“a red ball”", "").split("is ")[-1]):
        color(mini, noise_image(40, 50), constraints=[Constraints([Pin(mask, "red")])])


@pytest.mark.slow
def test_alpha_is_dropped_and_sixteen_bits_and_floats_show_the_same(mini, noise_image):
    gray = noise_image(40, 50)
    plain = np.asarray(color(mini, gray)).astype(int)
    alpha = PIL.Image.merge("RGBA", [PIL.Image.fromarray(plane) for plane in (gray, gray, gray, noise_image(40, 50, seed=1))])
    for same in (alpha, PIL.Image.fromarray(gray), np.repeat(gray[..., None], 3, -1), gray.astype(np.uint16) * 257, gray / 255):
        assert np.abs(np.asarray(color(mini, same)).astype(int) - plain).max() <= 1


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (np.zeros((40, 50, 4), np.uint8), r"shape \(H, W\) or \(H, W, 3\), got \(40, 50, 4\)"),
        (np.zeros((0, 5), np.uint8), r"got \(0, 5\)"),
        (PIL.Image.new("L", (0, 5)), "must have pixels, got 0 × 5"),
        (np.full((4, 4), np.nan), "floats must lie in"),
        (np.full((4, 4), 200.0), "floats must lie in .* got values from 200 to 200"),
        (np.ones((4, 4), bool), "uint8, uint16 or float in .* got bool"),
        ([[0, 255]], "a Pillow image or an array, got list"),
    ],
)
def test_what_is_no_picture_is_named(mini, source, says):
    with pytest.raises(ValueError, match=says):
        color(mini, source)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"caption": None}, "image 0: its caption must be text, got NoneType"),
        ({"caption": b"a red ball"}, "image 0: its caption must be text, got bytes"),
        ({"seeds": ["a"]}, "image 0: its seed must be a whole number .* got 'a'"),
        ({"seeds": [1.5]}, "its seed must be a whole number"),
        ({"seeds": [2**64]}, "its seed must be a whole number"),
        ({"batch_size": 0}, "expected batch_size ≥ 1, got 0"),
        ({"guidance": float("nan")}, "expected a finite scale"),
        ({"regions": [(PHRASE, np.ones((40, 50), bool))]}, r"image 0: its regions must be a list of Region\(phrase, mask\)"),
        ({"regions": [Region("a blue ball", np.ones((40, 50), bool))]}, "“a blue ball” does not stand in the caption"),
    ],
)
def test_what_is_asked_for_in_another_way_is_named(mini, noise_image, options, says):
    with pytest.raises(ValueError, match=says):
        color(mini, noise_image(40, 50), **options)


def test_a_region_that_is_not_in_a_list_of_its_image_is_named(mini, noise_image):
    with pytest.raises(ValueError, match="its regions must be a list of Region"):
        mini([noise_image(40, 50)], [CAPTION], [Region(PHRASE, np.ones((40, 50), bool))])


def test_more_steps_than_the_noise_schedule_has_are_refused(mini, noise_image):
    with pytest.raises(ValueError, match="at most 1000 steps, as the noise schedule has, got 1001"):
        mini([noise_image(8, 8)], [CAPTION], steps=1001)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0])
def test_a_strength_that_is_no_finite_number_is_refused(value):
    for make in (CaptionGuidance, lambda scale: InstanceGuidance(strength=scale), lambda decay: InstanceGuidance(decay=decay)):
        with pytest.raises(ValueError, match="finite"):
            make(value)


@pytest.mark.parametrize("part", WEIGHTS)
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.slow
def test_weights_of_the_right_shape_that_are_no_numbers_are_named(copy, part, value):
    weights = load_file(copy / WEIGHTS[part])
    name = sorted(weights)[-1]
    weights[name].view(-1)[-1] = value
    save_file(weights, copy / WEIGHTS[part], metadata={"format": "pt"})
    with pytest.raises(ValueError, match="not finite numbers") as raised:
        load_pipeline(copy)
    assert str(copy / part) in str(raised.value)
    assert name.removeprefix("text_model.") in str(raised.value)


@pytest.mark.parametrize("part", WEIGHTS)
@pytest.mark.slow
def test_weights_that_lack_a_tensor_or_have_one_of_another_shape_are_refused(copy, part):
    path = copy / WEIGHTS[part]
    weights = load_file(path)
    name = next(name for name, tensor in weights.items() if tensor.ndim > 1)
    for wrong in ({key: w for key, w in weights.items() if key != name}, weights | {name: weights[name][:-1].clone()}):
        save_file(wrong, path, metadata={"format": "pt"})
        with pytest.raises(ValueError, match="fetch or convert the checkpoint again") as raised:
            load_pipeline(copy)
        assert str(copy / part) in str(raised.value)


@pytest.mark.parametrize("part", WEIGHTS)
@pytest.mark.parametrize("damage", [lambda content: content[: len(content) // 2], lambda content: b"", lambda content: b"x" * 4000])
@pytest.mark.slow
def test_a_truncated_empty_or_foreign_file_of_weights_is_named(copy, part, damage):
    path = copy / WEIGHTS[part]
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match="damaged or of another model") as raised:
        load_pipeline(copy)
    assert str(copy / part) in str(raised.value)


@pytest.mark.parametrize("part", WEIGHTS)
@pytest.mark.slow
def test_a_missing_file_of_weights_is_named(copy, part):
    (copy / WEIGHTS[part]).unlink()
    with pytest.raises(FileNotFoundError, match=rf"incomplete, it lacks {part}/\*\.safetensors"):
        load_pipeline(copy)


def test_settings_that_are_not_known_here_are_named(copy):
    settings = json.loads((copy / "lcad.json").read_text())
    (copy / "lcad.json").write_text(json.dumps(settings | {"flavor": "sweet"}))
    with pytest.raises(ValueError, match=r"settings of the checkpoint .* are not known here: .*flavor"):
        load_pipeline(copy)


@pytest.mark.slow
def test_numbers_that_overflow_are_an_error_and_no_black_picture(tiny_folder, noise_image):
    pipeline = LCADPipeline.from_pretrained(tiny_folder)
    with torch.no_grad():
        pipeline.unet.conv_out.weight.fill_(1e38)
    with pytest.raises(ValueError, match="no numbers in float32: the checkpoint's weights or its settings are wrong"):
        color(pipeline, noise_image(16, 16))
    pipeline.to(dtype=torch.float16)
    with pytest.raises(ValueError, match="no numbers in float16: use bfloat16 or float32"):
        color(pipeline, noise_image(16, 16))


@pytest.mark.slow
def test_every_photo_of_the_demo_keeps_its_lightness_at_full_size(mini):
    for photo in demo_photos().items:
        (result,) = mini([photo.rgb], [photo.captions[0].text], steps=1).images
        assert result.size == photo.rgb.shape[1::-1]
        assert lightness_change(result, photo.rgb) <= 1, photo.name
