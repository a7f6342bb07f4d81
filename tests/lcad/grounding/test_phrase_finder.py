import numpy as np
import pytest
import torch

from lcad.checkpoints import EMBEDDED
from lcad.grounding.box_choice import by_side, choose_boxes
from lcad.grounding.detector import Box, ThingDetector
from lcad.grounding.finder_files import read_finder
from lcad.grounding.letterbox import Letterbox
from lcad.grounding.nouns import NounTable
from lcad.grounding.phrase_context import read_phrases
from lcad.grounding.phrase_finder import UNTAUGHT, FrozenClassifier, PhraseFinder, apart, confidence_of
from lcad.models.phrase_grounder import CELLS, SIDE, PhraseGrounder

MINI = EMBEDDED / "mini" / "grounder"
NAMES, KINDS, CLASSES = ["dog", "man", "shirt", "sky"], [[16], [0], [], []], [[151, 152], [], [610], []]


class DrawnBoxes:
    """A detector that draws the boxes it was given: what the finder makes of boxes is in question, not where they are from."""

    def __init__(self, *boxes):
        self._boxes = list(boxes)

    def boxes(self, image):
        return self._boxes


@pytest.fixture(scope="module")
def parts():
    torch.manual_seed(0)
    return FrozenClassifier(), PhraseGrounder(words=8, wide=16, middle=8, inner=4, hidden=16), torch.randn(4, 8)


@pytest.fixture
def finder(parts):
    def make(*boxes, calibration=(0, 0, 1, 0, 0, 0, 0)):
        return PhraseFinder(*parts, NounTable(NAMES, KINDS, CLASSES), DrawnBoxes(*boxes), calibration)

    return make


@pytest.fixture
def lightness():
    return 100 * np.random.default_rng(0).random((60, 90)).astype(np.float32)


def box(left, top, right, bottom, kind=16, score=0.8):
    return Box(kind, score, left, top, right, bottom)


def phrases_of(caption, *spans):
    return read_phrases(
        caption, [(caption.index(words), caption.index(words) + len(words)) for words in spans], NounTable(NAMES, KINDS, CLASSES)
    )


@pytest.mark.slow
def test_each_phrase_has_a_mask_of_the_pictures_size_and_a_chance(finder, lightness):
    matches = finder().find(lightness, "a red dog under a blue sky", [(0, 9), (16, 26)])
    for one in matches:
        assert one.mask.shape == lightness.shape
        assert 0 <= one.mask.min() <= one.mask.max() <= 1
        assert 0 <= one.confidence <= 1


@pytest.mark.slow
def test_the_same_picture_and_words_give_the_same_masks(finder, lightness):
    first, second = (finder(box(10, 10, 50, 50)).find(lightness, "a red dog", [(0, 9)])[0] for _ in range(2))
    assert np.array_equal(first.mask, second.mask)
    assert first.confidence == second.confidence


def test_what_two_phrases_claim_alike_is_shared_out_from_left_to_right(finder, lightness):
    make, both = finder(), np.zeros((CELLS, CELLS), np.float32)
    both[16:24, 4:12] = both[16:24, 28:36] = 0.9
    make._masks = lambda _question: ([both, both], [0.9, 0.9])
    left, right = (one.mask >= 0.5 for one in make.find(lightness, "a red dog and a blue dog", [(0, 9), (14, 24)]))
    assert left.any()
    assert right.any()
    assert not left[:, 45:].any()
    assert not right[:, :45].any()


def test_words_that_it_does_not_know_are_not_found(finder, lightness):
    assert finder().find(lightness, "a red zorb and a red dog", [(0, 10), (15, 24)])[0] is None
    assert finder().find(lightness, "a red zorb", [(0, 10)]) == [None]


def test_a_phrase_with_a_box_keeps_to_it(finder, lightness):
    (match,) = finder(box(30, 10, 60, 50)).find(lightness, "a red dog", [(0, 9)])
    assert match.mask[:, 75:].max() < 0.05
    assert match.mask[:, :15].max() < 0.05


def test_phrases_of_one_name_take_its_boxes_from_left_to_right():
    phrases = phrases_of("a red dog and a blue dog", "a red dog", "a blue dog")
    left, right = box(0, 0, 20, 20, score=0.5), box(40, 0, 60, 20, score=0.9)
    assert choose_boxes(phrases, [right, left]) == [[left], [right]]


def test_a_side_chooses_the_box_and_the_other_phrase_takes_what_is_left():
    phrases = phrases_of("a red dog and the blue dog on the left", "a red dog", "the blue dog")
    left, middle, right = box(0, 0, 20, 20), box(30, 0, 50, 20, score=0.6), box(60, 0, 80, 20)
    chosen = choose_boxes(phrases, [left, middle, right])
    assert chosen[1] == [left]
    assert left in chosen[0]  # one phrase alone without a side means all of the name


def test_another_one_comes_after_what_stands_out_more():
    small, large = box(0, 0, 10, 10), box(40, 0, 90, 60)
    phrases = phrases_of("a red dog watches another dog", "a red dog", "another dog")
    assert choose_boxes(phrases, [small, large]) == [[large], [small]]


def test_one_phrase_means_all_things_of_its_name():
    boxes = [box(0, 0, 20, 20), box(40, 0, 60, 20)]
    assert choose_boxes(phrases_of("red dogs under the sky", "red dogs"), boxes) == [boxes]


@pytest.mark.parametrize(("side", "number"), [("left", 0), ("right", 2), ("middle", 1), ("front", 1), ("back", 2)])
def test_sides_are_those_of_the_picture(side, number):
    boxes = [box(0, 20, 30, 60), box(40, 30, 70, 90), box(80, 5, 110, 45)]
    assert by_side(boxes, side) is boxes[number]


def test_a_tiny_thing_at_the_edge_is_not_the_left_one():
    large, tiny = box(40, 0, 90, 60), box(0, 0, 5, 5)
    assert by_side([tiny, large], "left") is large


def test_the_chance_is_none_where_nothing_is_inside_and_grows_with_the_judgement():
    mask = np.zeros((80, 80))
    assert confidence_of(mask, (3.0, 3.0), 0.9, (0, 0, 1, 0, 0, 0, 0)) == 0
    mask[:40] = 0.9
    chances = [confidence_of(mask, (0.0, judged), 0.9, (0, 0, 1, 0, 0, 0, 0)) for judged in (-4, 0, 4)]
    assert chances[0] < 0.1 < chances[1] < 0.9 < chances[2]


def test_a_shirt_is_taken_out_of_the_man_who_wears_it_and_not_the_other_way_round():
    man, shirt = np.zeros((20, 20)), np.zeros((20, 20))
    man[2:18, 5:15], shirt[6:10, 6:14] = 1, 1
    phrases = phrases_of("a man in a shirt", "a man", "a shirt")
    whole, worn = apart([man, shirt], phrases, [0.9, 0.9])
    assert whole[7, 8] == 0
    assert whole[3, 8] == 1
    assert np.array_equal(worn, shirt)


def test_what_is_hardly_believed_takes_nothing_away():
    man, shirt = np.ones((20, 20)), np.zeros((20, 20))
    shirt[6:10, 6:14] = 1
    assert np.array_equal(apart([man, shirt], phrases_of("a man in a shirt", "a man", "a shirt"), [0.9, 0.1])[0], man)


def test_a_garment_is_looked_for_on_the_person_whose_side_the_caption_names(finder, lightness):
    caption, here = "a man on the left in a red shirt", [(0, 5), (21, 32)]
    left, right = box(0, 0, 30, 60, kind=0), box(60, 0, 90, 60, kind=0)
    calls, make = [], finder(left, right)
    hints = make.hints
    make.hints = lambda groups, *rest: calls.append(groups) or hints(groups, *rest)
    make.find(lightness, caption, here)
    assert calls[-1][1][2] == [left]


@pytest.mark.slow
def test_of_people_whom_nothing_tells_apart_each_wears_what_suits_best(finder, lightness):
    caption = "a man in a red shirt"
    left, right = box(0, 0, 30, 60, kind=0), box(60, 0, 90, 60, kind=0)
    calls, make = [], finder(left, right)
    hints = make.hints
    make.hints = lambda groups, *rest: calls.append(groups) or hints(groups, *rest)
    make.find(lightness, caption, [(0, 5), (9, 20)])
    tried, last = calls[0], calls[-1]
    question = make.ask(lightness, caption, [(0, 5), (9, 20)])
    _, judged = make.grounder(question.seen, hints(tried, question.odds, question.view))
    assert last[1][2] == tried[int(judged[:, 1].argmax())][2]


@pytest.mark.parametrize("shape", [(60, 90), (90, 60), (3, 4), (700, 500)])
def test_a_letterbox_gives_back_what_it_placed(shape):
    view = Letterbox.of(shape)
    canvas = view.place(np.full(shape, 80.0))
    assert canvas.shape == (SIDE, SIDE)
    inner = view.crop(canvas)
    assert abs(inner.shape[0] / inner.shape[1] - shape[0] / shape[1]) < 0.02 * shape[0] / shape[1]
    assert np.median(inner) == pytest.approx(80, abs=0.5)


def test_boxes_are_drawn_on_the_cells_that_they_cover():
    drawn = Letterbox.of((100, 100)).box_map([box(0, 0, 50, 50, score=0.4), box(25, 25, 50, 50, score=0.9)])
    assert drawn.shape == (CELLS, CELLS)
    assert drawn[2, 2] == pytest.approx(0.4)
    assert drawn[15, 15] == pytest.approx(0.9)
    assert drawn[30, 30] == 0


def test_a_grounder_that_is_incomplete_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"config\.json, model\.safetensors"):
        read_finder(tmp_path, {})


def test_the_embedded_detector_is_the_one_of_the_package():
    assert ThingDetector(MINI / "nanodet_m.onnx").path.stat().st_size < 4.2e6


@pytest.mark.slow
def test_of_a_noun_that_no_picture_taught_the_chance_is_less_unless_a_box_shows_it(parts, lightness):
    def chance(taught, *boxes):
        finder = PhraseFinder(*parts, NounTable(NAMES, KINDS, CLASSES), DrawnBoxes(*boxes), (2, 0, 0, 0, 0, 0, 0), taught)
        return finder.find(lightness, "a red dog", [(0, 9)])[0].confidence

    parts[1].mask.bias.data.fill_(3.0)
    assert chance(["sky"]) == pytest.approx(UNTAUGHT * chance(["dog"]))
    assert chance(["sky"], box(10, 10, 50, 50)) == pytest.approx(chance(["dog"], box(10, 10, 50, 50)))
