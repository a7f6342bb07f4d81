"""Articles by sound."""

import pytest

from workbench.levels import article_for


@pytest.mark.parametrize(
    ("word", "article"),
    [
        ("cup", "a"),
        ("apple", "an"),
        ("umbrella", "an"),
        ("uniform", "a"),
        ("hour", "an"),
        ("honest", "an"),
        ("house", "a"),
        ("one", "a"),
        ("onion", "an"),
        ("European", "a"),
        ("ukulele", "a"),
        ("uninteresting", "an"),
    ],
)
def test_the_article_follows_the_sound_of_the_next_word(word, article):
    assert article_for(word) == article
