"""Color names: words to basic terms, terms to chips, measured colors to names."""

import numpy as np
import pytest
from PIL import ImageColor
from skimage.color import rgb2lab

from workbench.imaging import BASIC_TERMS, basic_term, lab_of_rgb, names_of_colors, representative
from workbench.imaging.color_names import TERM_OF_WORD, name_of_color

# Where usage and the nearest focus disagree for a CSS name: the word decides for words, the measurement for measurements.
DIVIDED = """
    aliceblue azure beige brown chocolate coral cornsilk darkgoldenrod darkkhaki darkmagenta darkslateblue darkslategray darkslategrey
    gainsboro greenyellow khaki lavender lavenderblush lightcyan lightslategray lightslategrey mediumslateblue mediumvioletred
    midnightblue mistyrose navajowhite palevioletred papayawhip peachpuff peru rosybrown sandybrown slateblue slategray slategrey
    tomato whitesmoke lightseagreen indianred blanchedalmond oldlace
"""


@pytest.mark.parametrize(
    ("word", "term"),
    [
        *((term, term) for term in BASIC_TERMS),
        ("crimson", "red"),
        ("maroon", "red"),
        ("navy", "blue"),
        ("navy-blue", "blue"),
        ("ivory", "white"),
        ("snow-white", "white"),
        ("off-white", "white"),
        ("silver", "gray"),
        ("grey", "gray"),
        ("beige", "brown"),
        ("tan", "brown"),
        ("gold", "yellow"),
        ("golden", "yellow"),
        ("teal", "blue"),
        ("Turquoise", "blue"),
        ("light blue", "blue"),
        ("dark olive green", "green"),
        ("darkolivegreen", "green"),
        ("lightgoldenrodyellow", "yellow"),
        ("grayish-brown", "brown"),
        ("blue-green", "green"),
        ("reddish", "red"),
        ("blonde", "yellow"),
        ("red-colored", "red"),
        ("grey coloured", "gray"),
        ("burnt orange", "orange"),
    ],
)
def test_a_color_word_has_the_basic_term_that_speakers_would_use(word, term):
    assert basic_term(word) == term


@pytest.mark.parametrize("word", ["", "multicolored", "colorful", "wooden", "tower", "rainbow", "striped", "dark", "🟥", "赤", "123", "-"])
def test_a_word_that_names_no_color_has_no_basic_term(word):
    assert basic_term(word) is None


def test_every_css_name_has_a_term_and_most_agree_with_the_measured_color():
    names = set(ImageColor.colormap)
    assert {name for name in names if basic_term(name) is None} == set()
    disagreeing = {name for name in names if basic_term(name) != name_of_color(lab_of_rgb(ImageColor.getrgb(name)))}
    assert disagreeing <= set(DIVIDED.split())


def test_a_word_means_the_same_to_the_workbench_and_to_the_model():
    words = pytest.importorskip("lcad.terms.words", reason="needs the model extra")
    assert set(TERM_OF_WORD) == set(words.TERM_OF_WORD)
    assert {words.TERM_OF_WORD[word] for word in TERM_OF_WORD} == {*BASIC_TERMS, "cyan"}
    of_model = {word: "blue" if term == "cyan" else term for word, term in words.TERM_OF_WORD.items()}
    assert {word for word in TERM_OF_WORD if basic_term(word) != of_model[word]} == set()


def test_every_chip_is_named_by_its_own_term():
    assert [name_of_color(lab_of_rgb(ImageColor.getrgb(representative(term)))) for term in BASIC_TERMS] == list(BASIC_TERMS)


def test_a_chip_of_an_unknown_term_is_refused_by_name():
    with pytest.raises(ValueError, match="'teal'"):
        representative("teal")


def test_lab_equals_that_of_scikit_image():
    rgb = np.random.default_rng(0).integers(0, 256, (50, 3))
    np.testing.assert_allclose(lab_of_rgb(rgb), rgb2lab(rgb[None] / 255)[0], atol=0.02)  # the matrices differ in the sixth digit


def test_grays_are_named_by_lightness_alone():
    assert [name_of_color((lightness, 0, 0)) for lightness in (0, 10, 50, 97)] == ["black", "black", "gray", "white"]


def test_names_keep_the_shape_of_the_image():
    image = np.array([[[255, 0, 0], [0, 128, 0]], [[0, 0, 255], [255, 255, 255]]])
    assert names_of_colors(lab_of_rgb(image)).tolist() == [["red", "green"], ["blue", "white"]]
