"""Words keep their place in the text, whatever the text."""

import pytest

from workbench.language.tagging import MAX_CHARACTERS, words_of


@pytest.mark.parametrize("text", ["a snow-white cat", "A RED\nbus", "İstanbul's red tram", "a 🟥 red - blue kite", "newly wed couple"])
def test_every_word_is_found_in_the_text_at_its_span(text):
    for word in words_of(text):
        assert word.text.strip() == text[word.start : word.end].strip() or word.text == text[word.start : word.end].lower()


def test_hyphened_words_are_one_word_and_loose_hyphens_are_not():
    assert [word.text for word in words_of("a navy-blue cap - a grayish-brown owl")] == [
        "a",
        "navy-blue",
        "cap",
        "-",
        "a",
        "grayish-brown",
        "owl",
    ]


def test_what_is_beyond_the_longest_caption_is_not_read():
    assert words_of("x" * 10 + " " * MAX_CHARACTERS + "car")[-1].text != "car"
