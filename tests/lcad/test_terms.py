import numpy as np
import pytest
from PIL.ImageColor import getrgb
from skimage.color import rgb2lab

from lcad.terms import ACHROMATIC, EXAMPLES, TERM_OF, membership, targets, terms_in


def lab_of(name):
    return rgb2lab(np.array([[getrgb(name)[:3]]], np.uint8))[0, 0]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("a red cup", ("red",)), ("A Crimson Hat", ("red",)), ("a sky blue car", ("blue",)), ("dark green apples", ("green",)),
        ("a navy-blue and white boat", ("blue", "white")), ("a red and red flag", ("red",)), ("a hot pink dress", ("pink",)),
        ("a grey cat", ("gray",)), ("a beige sofa", ("brown",)), ("a turquoise vase", ("cyan",)), ("a dog", ()), ("", ()),
        ("a bored reddit reader", ()), ("a light steel blue jar", ("blue",)), ("brownish toast, purplish haze", ("brown", "purple")),
    ],
)  # fmt: skip
def test_color_words_are_read_as_basic_terms(text, terms):
    assert terms_in(text) == terms


def test_every_name_stands_for_one_of_twelve_terms():
    assert set(TERM_OF.values()) == set(EXAMPLES)
    assert len(EXAMPLES) == 12


@pytest.mark.parametrize("term", [term for term in EXAMPLES if term not in ACHROMATIC])
def test_the_named_colors_of_a_term_belong_to_it(term):
    for name in EXAMPLES[term].split():
        lightness, *ab = lab_of(name)
        score = membership(term, lightness, np.array(ab))
        assert np.isnan(score) or score > 0.5, (name, score)


def test_opposite_colors_do_not_belong():
    for asked, given in (("red", "green"), ("blue", "orange"), ("yellow", "purple"), ("pink", "seagreen"), ("brown", "royalblue")):
        lightness, *ab = lab_of(given)
        assert membership(asked, lightness, np.array(ab)) < 0.05


def test_gray_is_no_color_and_a_color_is_not_gray():
    assert membership("red", 50, np.zeros(2)) == 0
    assert membership("gray", 50, np.zeros(2)) == 1
    assert membership("gray", 50, np.array([50.0, 30.0])) < 0.01
    assert membership("black", 10, np.zeros(2)) == 1
    assert membership("black", 90, np.zeros(2)) == 0
    assert membership("white", 95, np.zeros(2)) == 1
    assert membership("white", 20, np.zeros(2)) == 0


def test_targets_are_clipped_to_what_the_lightness_allows():
    """School-bus yellow cannot exist at L = 20, so a dark yellow needs no more chroma than there is."""
    light, dark = (np.hypot(*targets("yellow", lightness).T).max() for lightness in (90, 20))
    assert dark < light / 2
    (goal,) = targets("yellow", 20)[:1]
    assert membership("yellow", 20, goal) == pytest.approx(1)


def test_where_the_lightness_leaves_no_room_nothing_can_be_told():
    assert np.isnan(membership("red", 0.5, np.array([1.0, 1.0])))
    assert np.isnan(membership("blue", 99.8, np.array([0.0, -1.0])))


def test_more_chroma_never_lowers_a_score_and_half_of_the_targets_is_enough():
    goal = targets("red", 50)[0]
    scores = [membership("red", 50, goal * part) for part in (0.1, 0.25, 0.5, 0.75, 1.0)]
    assert scores == sorted(scores)
    assert scores[2] > 0.99


def test_an_unknown_term_is_named():
    with pytest.raises(ValueError, match="unknown color term 'reddish', expected one of red"):
        membership("reddish", 50, np.zeros(2))
