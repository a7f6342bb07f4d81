"""What the table of nouns takes captions to mean, on a WordNet of a few lines in WordNet's own format."""

import pytest

from pipelines.pretraining.noun_table import WordNet

DATA = """\
00000001 03 n 01 entity 0 000 | that which is
00000002 18 n 01 person 0 001 @ 00000001 n 0000 | a human being
00000003 18 n 02 Sand 0 George_Sand 0 001 @i 00000002 n 0000 | French writer
00000004 27 n 01 sand 0 001 @ 00000001 n 0000 | loose grains
00000005 18 n 01 Homer 0 001 @i 00000002 n 0000 | ancient Greek poet
"""
INDEX = """\
sand n 2 1 @ 2 1 00000003 00000004
homer n 1 1 @ 1 1 00000005
person n 1 1 @ 1 1 00000002
"""


@pytest.fixture
def wordnet(tmp_path):
    (tmp_path / "data.noun").write_text(DATA)
    (tmp_path / "index.noun").write_text(INDEX)
    return WordNet(tmp_path)


def test_sand_is_no_writer(wordnet):
    assert wordnet.synsets[wordnet.sense("sand")].words == ("sand",)


def test_a_name_that_means_nothing_else_is_a_person(wordnet):
    assert "00000002" in wordnet.above(wordnet.sense("homer"))


def test_a_folder_without_wordnet_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"data\.noun"):
        WordNet(tmp_path)
