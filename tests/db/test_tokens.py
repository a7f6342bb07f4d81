"""Tokens are counted as CLIP counts them."""

import subprocess
import sys

import pytest

from db.tokens import MOST_TOKENS, count_tokens, first_lost


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 2),
        ("a photo of a cat", 7),
        ("a red cup, and a cat.", 10),
        ("a navy-blue refrigerator, 12 dogs", 11),
        ("A NAVY-BLUE REFRIGERATOR, 12 DOGS", 11),
        ("don't", 4),
        ("antidisestablishmentarianism", 8),
        ("Café’s 赤い 🟥", 13),
    ],
)
def test_the_count_is_that_of_the_encoder_with_its_marks(text, tokens):
    assert count_tokens(text) == tokens


def test_the_words_that_do_not_fit_are_lost_from_the_beginning_of_a_word_on():
    text = "cat " * 74 + "antidisestablishmentarianism dog"
    assert count_tokens("cat " * 75) == MOST_TOKENS
    assert text[first_lost(text) :] == "antidisestablishmentarianism dog"
    assert first_lost("cat " * 75) is None


def test_a_word_that_is_cut_within_a_hyphen_is_lost_whole():
    text = "cat " * 74 + "snow-white"
    assert text[first_lost(text) :] == "snow-white"


@pytest.mark.slow
def test_counting_loads_neither_torch_nor_transformers():
    code = "import sys; from db.tokens import count_tokens; count_tokens('a cat'); print({'torch', 'transformers'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "set()"
