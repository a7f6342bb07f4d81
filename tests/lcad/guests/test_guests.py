"""An ONNX file with a manifest is a colorizer like the others: its colors, the source's lightness, and nothing that it cannot do."""

import json

import numpy as np
import PIL.Image
import pytest
from skimage.color import rgb2lab

pytestmark = pytest.mark.model
onnx = pytest.importorskip("onnx")

from lcad import Region, load_pipeline  # noqa: E402
from lcad.chroma import Constraints, Pin  # noqa: E402
from lcad.guests import GuestColorizer, read_manifest  # noqa: E402

GRAY = np.linspace(60, 190, 40 * 56).astype(np.uint8).reshape(40, 56)


def write_guest(folder, kind: str, *, tokens: bool = False, channels: int = 1, values=(0.7, 0.35), **changes):
    """A guest that colors everything alike: `values` in its output's range of 0 to 1, plus next to nothing of its input."""
    from onnx import TensorProto, helper

    folder.mkdir(exist_ok=True)
    outputs = 2 if kind == "ab" else 3
    weight = helper.make_tensor("w", TensorProto.FLOAT, [outputs, channels, 1, 1], [1e-6] * outputs * channels)
    bias = helper.make_tensor("b", TensorProto.FLOAT, [outputs], list(values))
    inputs = [helper.make_tensor_value_info("gray", TensorProto.FLOAT, [1, channels, "h", "w"])]
    nodes, last = [helper.make_node("Conv", ["gray", "w", "b"], ["plain"])], "plain"
    extra = []
    if tokens:  # the first token's number moves the color
        inputs.append(helper.make_tensor_value_info("ids", TensorProto.INT64, [1, 4]))
        extra = [helper.make_tensor("zero", TensorProto.INT64, [1], [0]), helper.make_tensor("tenth", TensorProto.FLOAT, [1], [0.1])]
        nodes += [
            helper.make_node("Gather", ["ids", "zero"], ["first"], axis=1),
            helper.make_node("Cast", ["first"], ["number"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["number", "tenth"], ["moved"]),
            helper.make_node("Add", ["plain", "moved"], ["told"]),
        ]
        last = "told"
    output = helper.make_tensor_value_info(last, TensorProto.FLOAT, [1, outputs, "h", "w"])
    graph = helper.make_graph(nodes, "guest", inputs, [output], [weight, bias, *extra])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, folder / "model.onnx")
    manifest = {
        "model": "model.onnx",
        "input": {"name": "gray", "kind": "lightness", "range": [0, 1], "channels": channels},
        "output": {"name": last, "kind": kind, "range": [0, 1]},
        "size": 32,
        "multiple": 8,
        "license": "CC0",
        **({"text": {"name": "ids", "kind": "tokens", "length": 4}} if tokens else {}),
        **changes,
    }
    (folder / "guest.json").write_text(json.dumps(manifest))
    return folder


def lab(image: PIL.Image.Image) -> np.ndarray:
    return rgb2lab(np.asarray(image.convert("RGB")))


def test_a_guest_gives_its_chroma_with_the_sources_lightness_at_full_size(tmp_path):
    guest = load_pipeline(write_guest(tmp_path / "guest", "ab", values=(0.6, 0.65)))
    output = guest([GRAY], ["a wall"], seeds=[5])
    (result,) = output.images
    made, source = lab(result), rgb2lab(np.repeat(GRAY[..., None], 3, -1))
    assert result.size == (56, 40)
    assert np.abs(made[..., 0] - source[..., 0]).max() <= 1
    assert np.median(made[..., 1]) == pytest.approx(0.2 * 110, abs=2)
    assert np.median(made[..., 2]) == pytest.approx(0.3 * 110, abs=2)
    assert (output.seeds, output.lost_words, output.adherence[0].score) == ([5], [""], None)


def test_of_a_guest_that_gives_rgb_only_the_chroma_is_taken(tmp_path):
    guest = GuestColorizer.from_folder(write_guest(tmp_path / "guest", "rgb", channels=3, values=(0.8, 0.4, 0.4)))
    (result,) = guest([GRAY], ["a wall"]).images
    made, source = lab(result), rgb2lab(np.repeat(GRAY[..., None], 3, -1))
    assert np.abs(made[..., 0] - source[..., 0]).max() <= 1
    expected = rgb2lab(np.array([[[0.8, 0.4, 0.4]]]))[0, 0, 1:]
    assert np.median(made[..., 1:].reshape(-1, 2), 0) == pytest.approx(expected, abs=2)


@pytest.mark.slow
def test_a_guests_masks_judge_and_do_not_steer(tmp_path):
    guest = GuestColorizer.from_folder(write_guest(tmp_path / "guest", "ab", values=(0.8, 0.7)))
    mask = np.zeros(GRAY.shape, bool)
    mask[10:30, 10:40] = True
    red, blue = (guest([GRAY], [f"a {color} wall"], [[Region(f"a {color} wall", mask)]]) for color in ("red", "blue"))
    assert red.adherence[0].score > blue.adherence[0].score
    assert (np.asarray(red.images[0]) == np.asarray(blue.images[0])).all()


@pytest.mark.slow
def test_a_guest_that_reads_captions_gets_their_tokens_and_says_what_it_lost(tmp_path):
    folder = write_guest(tmp_path / "guest", "ab", tokens=True, values=(0.5, 0.5))
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"?": 0, "red": 2, "wall": 1}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    guest = GuestColorizer.from_folder(folder)
    plain, red, long = (guest([GRAY], [caption]) for caption in ("the wall", "red wall", "red wall red wall and more"))
    assert np.median(lab(red.images[0])[..., 1]) > np.median(lab(plain.images[0])[..., 1]) + 20
    assert (red.lost_words, long.lost_words) == ([""], ["and more"])


def test_what_a_guest_cannot_keep_is_refused(tmp_path):
    guest = GuestColorizer.from_folder(write_guest(tmp_path / "guest", "ab"))
    pins = Constraints([Pin(np.ones(GRAY.shape, bool), "red")])
    with pytest.raises(ValueError, match="cannot keep pinned colors"):
        guest([GRAY], ["a wall"], constraints=[pins])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"output": {"name": "plain", "kind": "luma", "range": [0, 1]}}, "output"),
        ({"input": {"name": "gray", "kind": "lightness", "range": [1, 0]}}, "range"),
        ({"input": {"name": "gray", "kind": "lightness", "range": [0, 1], "channels": 2}}, "channels"),
        ({"size": 3}, "size"),
        ({"colour": 1}, "expected an object"),
        ({"text": {"name": "ids", "kind": "speech"}}, "text"),
    ],
)
def test_a_manifest_that_cannot_be_used_names_its_field(tmp_path, changes, told):
    folder = write_guest(tmp_path / "guest", "ab", **changes)
    with pytest.raises(ValueError, match=told):
        read_manifest(folder)


def test_missing_files_and_foreign_names_are_named(tmp_path):
    folder = write_guest(tmp_path / "guest", "ab", model="other.onnx")
    with pytest.raises(FileNotFoundError, match=r"other\.onnx"):
        read_manifest(folder)
    folder = write_guest(tmp_path / "guest", "ab", input={"name": "luma", "kind": "lightness", "range": [0, 1]})
    with pytest.raises(ValueError, match=r"takes gray.*says it takes luma"):
        GuestColorizer.from_folder(folder)
    (folder / "model.onnx").write_bytes(b"no model")
    with pytest.raises(ValueError, match="cannot be read as an ONNX file"):
        GuestColorizer.from_folder(folder)


def test_an_output_of_another_shape_is_refused(tmp_path):
    folder = write_guest(tmp_path / "guest", "ab", output={"name": "plain", "kind": "rgb", "range": [0, 1]})
    with pytest.raises(ValueError, match="expected finite numbers"):
        GuestColorizer.from_folder(folder)([GRAY], ["a wall"])
