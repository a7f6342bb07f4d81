import pytest

from lcad.grounding.nouns import NounTable
from lcad.grounding.phrase_context import read_phrases, side_of
from lcad.prompts import find_phrases

NAMES = ["man", "woman", "dog", "cup", "shirt", "dress", "hat", "pants", "wall"]


@pytest.fixture
def table():
    return NounTable(NAMES, [[0] if name in ("man", "woman") else [] for name in NAMES], [[]] * len(NAMES))


@pytest.mark.parametrize(
    ("caption", "phrase", "side"),
    [
        ("the red cup on the left and a dog", "the red cup", "left"),
        ("a dog, a blue cup that is on the far right", "a blue cup", "right"),
        ("the leftmost dog barks", "the leftmost dog", "left"),
        ("a dog in the background", "a dog", "back"),
        ("a man standing in the middle", "a man", "middle"),
        ("a red cup on the left of a dog", "a red cup", None),
        ("a red cup on a wall", "a red cup", None),
    ],
)
def test_a_caption_says_on_which_side_a_thing_is(caption, phrase, side):
    assert side_of(caption, find_phrases(caption, [phrase])[0]) == side


def owners(table, caption, phrases):
    read = read_phrases(caption, find_phrases(caption, phrases), table)
    return [None if phrase.owner is None else phrases[phrase.owner] for phrase in read]


def test_a_garment_belongs_to_whoever_is_named_before_it(table):
    caption = "a man in a red shirt and blue pants and a woman wearing a green dress"
    phrases = ["a man", "a red shirt", "blue pants", "a woman", "a green dress"]
    assert owners(table, caption, phrases) == [None, "a man", "a man", None, "a woman"]


def test_what_is_no_garment_belongs_to_nobody(table):
    assert owners(table, "a man with a red dog", ["a man", "a red dog"]) == [None, None]
    assert owners(table, "a man stands. A red shirt hangs there", ["a man", "A red shirt"]) == [None, None]


def test_a_phrase_of_unknown_words_names_nothing(table):
    (phrase,) = read_phrases("a red zorb", [(0, 10)], table)
    assert phrase.noun is None
    assert not phrase.worn


def test_a_phrase_in_the_plural_names_several_things(table):
    caption = "two red dogs beside a man in blue pants"
    phrases = ["two red dogs", "a man", "blue pants"]
    assert [phrase.several for phrase in read_phrases(caption, find_phrases(caption, phrases), table)] == [True, False, True]
