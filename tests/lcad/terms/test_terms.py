import numpy as np
import pytest
from PIL.ImageColor import colormap, getrgb
from skimage.color import rgb2lab

from lcad.imaging import image_to_lab
from lcad.terms import ACHROMATIC, BASIC_TERMS, TERMS, fit, membership, samples, targets, term_of_name, terms_in
from lcad.terms.distributions import named_colors

CHROMATIC = [term for term in TERMS if term not in ACHROMATIC]


def score(term, color):
    lightness, *ab = rgb2lab(np.array([[getrgb(color)[:3]]], np.uint8))[0, 0]
    return membership(term, lightness, np.array(ab))


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("a red cup", ("red",)), ("A Crimson Hat", ("red",)), ("a sky blue car", ("blue",)), ("dark green apples", ("green",)),
        ("a navy-blue and white boat", ("blue", "white")), ("a red and red flag", ("red",)), ("a hot pink dress", ("pink",)),
        ("a grey cat", ("gray",)), ("a beige sofa", ("brown",)), ("a turquoise vase", ("cyan",)), ("a dog", ()), ("", ()),
        ("a bored reddit reader", ()), ("a light steel blue jar", ("blue",)), ("brownish toast, purplish haze", ("brown", "purple")),
        ("a lightsteelblue jar", ("blue",)), ("a black-and-white dog", ("black", "white")), ("a rose-colored hat", ("pink",)),
        ("a brick colored wall", ("red",)), ("the car is orange", ("orange",)), ("red and orange", ("red", "orange")),
        ("orange", ("orange",)),        ("a man in orange", ("orange",)), ("peach and white tiles", ("orange", "white")), 
        ("an olive green coat", ("green",)),
        ("a rose gold watch", ("yellow",)), ("a salmon dress", ("pink",)), ("a pale olive", ("green",)),
    ],
)  # fmt: skip
def test_color_words_are_read_as_terms(text, terms):
    assert terms_in(text) == terms


@pytest.mark.parametrize(
    "text",
    [
        "an orange", "a rose", "a salmon on a plate", "the sand and the sea", "a fighter jet", "a brick wall", "a glass of wine", "a mint",
        "a blue-eyed cat", "a chocolate", "snow", "a plum next to a pear", "a greenhouse", "a blackboard", "a redhead",
    ],
)  # fmt: skip
def test_things_that_share_their_names_with_colors_and_colors_of_parts_ask_for_nothing(text):
    assert terms_in(text) == ()


def test_there_are_eleven_basic_terms_and_cyan():
    assert len(BASIC_TERMS) == 11
    assert set(TERMS) - set(BASIC_TERMS) == {"cyan"}


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("dark olive green", "green"), ("lightsteelblue", "blue"), ("rebeccapurple", "purple"), ("burnt sienna", "brown"),
        ("dusty rose", "pink"), ("robin egg blue", "blue"), ("teal", "cyan"), ("spruce", "green"), ("merlot", "red"),
        ("eggshell", "white"),        ("darkmagenta", "pink"), ("palegoldenrod", "yellow"), ("blue grey", "gray"),
    ],
)  # fmt: skip
def test_names_of_css_and_of_the_survey_stand_for_terms(name, term):
    assert term_of_name(name) == term


@pytest.mark.slow
def test_every_name_of_css_and_of_the_survey_has_a_term():
    assert len(named_colors()) > 1000
    assert set(colormap) < set(named_colors())
    assert {term_of_name(name) for name in named_colors()} == set(TERMS)
    with pytest.raises(ValueError, match="'octarine' is a color name neither"):
        term_of_name("octarine")


@pytest.mark.parametrize("term", CHROMATIC)
@pytest.mark.slow
def test_most_people_s_names_for_a_term_s_colors_are_that_term(term):
    scores = np.array([membership(term, color[0], color[1:]) for color in samples(term)])
    assert len(scores) > 15
    assert np.mean(scores[~np.isnan(scores)] >= 0.5) > 0.9


@pytest.mark.parametrize(
    ("term", "color"),
    [
        ("red", "green"), ("blue", "orange"), ("yellow", "purple"), ("pink", "seagreen"), ("brown", "royalblue"), ("brown", "#ff8c00"),
        ("orange", "#d2b48c"), ("pink", "#c8202f"), ("red", "#ffc0cb"), ("cyan", "#2050d0"), ("purple", "#2050d0"),
    ],
)  # fmt: skip
def test_other_colors_do_not_belong_not_even_those_of_the_same_hue(term, color):
    assert score(term, color) < 0.5


def test_gray_is_no_color_and_a_color_is_not_gray():
    for term in CHROMATIC:
        assert membership(term, 50, np.zeros(2)) < 0.2
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
    bus = image_to_lab(np.array([[[255, 216, 0]]], np.uint8))[0, 0, 1:]
    reachable = targets("yellow", 20)
    nearest = reachable[np.argmax(reachable @ bus / np.hypot(*reachable.T))]
    assert membership("yellow", 20, nearest) > 0.8


def test_where_the_lightness_leaves_no_room_nothing_can_be_told():
    assert np.isnan(membership("red", 0.5, np.array([1.0, 1.0])))
    assert np.isnan(membership("blue", 99.8, np.array([0.0, -1.0])))


@pytest.mark.slow
def test_scores_lie_between_none_and_one_and_some_term_always_has_one():
    rng = np.random.default_rng(0)
    for lightness, a, b in zip(rng.uniform(5, 95, 200), rng.uniform(-80, 80, 200), rng.uniform(-80, 80, 200), strict=True):
        scores = np.array([membership(term, lightness, np.array([a, b])) for term in TERMS])
        assert np.nanmax(scores) == 1
        assert np.nanmin(scores) >= 0


@pytest.mark.parametrize("term", ["red", "green", "blue", "yellow", "purple"])
def test_half_of_a_color_is_still_that_color_and_a_twentieth_is_gray(term):
    lightness, *ab = image_to_lab(np.array([[getrgb(term)]], np.uint8))[0, 0]
    assert membership(term, lightness, 0.5 * np.array(ab)) > 0.5
    assert membership(term, lightness, 0.05 * np.array(ab)) < 0.5


def test_an_unknown_term_is_named():
    with pytest.raises(ValueError, match="unknown color term 'reddish', expected one of red"):
        membership("reddish", 50, np.zeros(2))


def test_the_density_falls_with_the_distance_in_hue():
    middle = samples("blue")[:, 1:].mean(0)
    angles = np.radians([0, 20, 40, 60])
    turned = [np.array([[np.cos(x), -np.sin(x)], [np.sin(x), np.cos(x)]]) @ middle for x in angles]
    densities = [fit("blue", 45, ab) for ab in turned]
    assert densities == sorted(densities, reverse=True)
