"""The grammar explains itself: every key has an example that can be read, and color keys say what they include."""

import pytest

from workbench.search import GUIDE, notes, parse
from workbench.search.query_values import KEYS


@pytest.mark.parametrize("example", [example for example, _finds in GUIDE])
def test_every_example_can_be_read(example):
    assert parse(example).root


def test_every_key_has_an_example():
    shown = " ".join(f"{example} {finds}" for example, finds in GUIDE)
    assert not [key for key in KEYS if f"{key}:" not in shown]


def test_a_basic_color_says_which_words_are_under_it():
    (note,) = notes(parse("color:red NOT table"))
    assert note.startswith("color:red includes")
    assert "maroon" in note


def test_another_color_word_means_itself():
    (note,) = notes(parse("color:teal"))
    assert note == 'color:teal finds captions that say "teal" of a thing; color:blue finds every color under blue.'


def test_a_word_beside_a_color_is_not_taken_for_one():
    (note,) = notes(parse("color:black dog"))
    assert note.startswith("color:black includes")


def test_a_query_without_colors_needs_no_note():
    assert notes(parse("dog OR has:mask")) == []
