import numpy as np
import pytest

from lcad.checkpoints import EMBEDDED
from lcad.grounding.detector import DISTANCES, KINDS, STRIDES, ThingDetector, _apart, _read

DETECTOR = EMBEDDED / "mini" / "grounder" / "nanodet_m.onnx"


def test_it_knows_cocos_eighty_kinds():
    assert len(KINDS) == len(set(KINDS)) == 80
    assert (KINDS[0], KINDS[16], KINDS[79]) == ("person", "dog", "toothbrush")


def test_a_package_without_the_detector_is_named_as_incomplete(tmp_path):
    with pytest.raises(FileNotFoundError, match="incomplete"):
        ThingDetector(tmp_path / "nowhere.onnx")


def test_a_side_of_a_box_is_the_mean_of_its_distances():
    outputs = []
    for stride in STRIDES:
        cells = (416 // stride) ** 2
        logits = np.full((1, cells, 4, DISTANCES), -50.0, np.float32)
        logits[0, :, :, 2] = 0  # two strides away on every side
        outputs += [np.zeros((1, cells, 80), np.float32), logits.reshape(1, cells, -1)]
    _, boxes = _read(outputs)
    assert np.allclose(boxes[0], [4 - 16, 4 - 16, 4 + 16, 4 + 16], atol=1e-3)
    assert np.allclose(boxes[-1], [400 - 64, 400 - 64, 400 + 64, 400 + 64], atol=1e-3)


def test_of_two_boxes_of_one_thing_the_surer_one_is_left_and_other_kinds_stay():
    sides = np.array([[0, 0, 10, 10], [1, 0, 10, 10], [0, 0, 10, 10], [50, 50, 60, 60]], float)
    scores = np.zeros((4, 80))
    scores[[0, 1, 3], 16], scores[2, 0] = [0.6, 0.9, 0.7], 0.5
    assert [(kind, score) for kind, score, _ in _apart(scores, sides, 0.3)] == [(16, 0.9), (16, 0.7), (0, 0.5)]


def test_a_picture_of_nothing_has_no_boxes_and_one_of_any_size_is_read():
    detector = ThingDetector(DETECTOR)
    for shape in ((1, 1, 3), (3, 500, 3), (300, 200, 3)):
        assert detector.boxes(np.full(shape, 128, np.uint8)) == []
