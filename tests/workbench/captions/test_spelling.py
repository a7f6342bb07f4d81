"""Words that look misspelled are found with what may be meant; completions do not learn them."""

import pytest

from tests.stores import add_caption, add_image
from workbench.captions import completions, spelling


@pytest.mark.parametrize(
    ("text", "word", "meant"),
    [
        ("a yelow kite", "yelow", "yellow"),
        ("An oragne on a plate", "oragne", "orange"),
        ("brocolli in a bowl", "brocolli", "broccoli"),
        ("a dog catches a fribee", "fribee", "frisbee"),
    ],
)
@pytest.mark.slow
def test_a_slip_is_found_with_what_is_meant(text, word, meant):
    (slip,) = spelling.check(text)
    assert (text[slip.start : slip.end], slip.word) == (word, word)
    assert meant in slip.suggestions


@pytest.mark.parametrize("text", ["two snowboarders in teal hoodies take a selfie", "The White House in Washington", "a man w/ a cup", ""])
def test_what_is_right_or_a_name_is_left_alone(text):
    assert spelling.check(text) == []


@pytest.mark.slow
def test_a_word_that_the_library_means_is_no_slip():
    assert spelling.check("a wugglet on a mat", {"wugglet"}) == []
    assert [slip.word for slip in spelling.check("a wugglet on a mat")] == ["wugglet"]


def test_completions_learn_a_word_by_its_use_and_no_slip(session, media):
    image = add_image(session, media)
    add_caption(session, image, "a red cup beside a brocolli")
    for number in range(spelling.OFTEN):
        add_caption(session, image, f"a wugglet {number} on the mat")
    words = completions.words(session)
    assert {"cup", "wugglet", "mat"} <= set(words)
    assert "brocolli" not in words
