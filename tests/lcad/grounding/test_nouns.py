import pytest
import torch

from lcad.grounding.nouns import NounTable, int8_of, names_several, singulars


@pytest.fixture
def table():
    names = ["dog", "shirt", "t-shirt", "vase", "rock", "rock wall", "wall", "alarm clock", "clock", "jean", "person", "leaf", "glass"]
    return NounTable(names, [[16] if name == "dog" else [] for name in names], [[]] * len(names))


@pytest.mark.parametrize(
    ("phrase", "noun"),
    [
        ("a red shirt", "shirt"),
        ("a blue T-shirt", "t-shirt"),
        ("two brown dogs", "dog"),
        ("a green vase of flowers", "vase"),
        ("an alarm clock that is purple", "alarm clock"),
        ("a yellow rock wall under a sky", "rock wall"),
        ("a pair of faded jeans", "jean"),
        ("a group of people", "person"),
        ("red leaves", "leaf"),
        ("a red vase on a wall", "vase"),
    ],
)
def test_a_phrase_is_about_its_head_noun_and_about_the_longest_compound_that_is_known(table, phrase, noun):
    assert table.meant(phrase).name == noun


def test_words_that_are_not_known_are_not_guessed(table):
    assert table.meant("a red zorb") is None
    assert table.meant("the dog zorb") is None


@pytest.mark.parametrize("phrase", ["red grapes", "two men", "a pair of blue shoes on the floor", "The Leaves", "jeans"])
def test_phrases_about_several_things(phrase):
    assert names_several(phrase)


@pytest.mark.parametrize("phrase", ["a red bus", "a glass of green grapes", "a white dress", "a vase of flowers", "the T-shirt", ""])
def test_phrases_about_one_thing(phrase):
    assert not names_several(phrase)


def test_glass_is_not_the_singular_of_a_word_without_its_last_letter(table):
    assert table.named("glass").name == "glass"
    assert "glas" not in singulars("glass")


def test_a_table_comes_back_from_its_file_as_it_was_written(table, tmp_path):
    table.write(tmp_path)
    assert NounTable.read(tmp_path).nouns == table.nouns
    first = (tmp_path / "nouns.json.gz").read_bytes()
    table.write(tmp_path)
    assert (tmp_path / "nouns.json.gz").read_bytes() == first


def test_vectors_in_eight_bits_are_off_by_half_a_step_at_most():
    vectors = torch.randn(50, 8, generator=torch.Generator().manual_seed(0))
    small, scale = int8_of(vectors)
    assert small.dtype == torch.int8
    assert ((small * scale - vectors).abs() <= scale / 2 + 1e-6).all()
