"""Cases are changed in one way and in no other."""

import numpy as np
import pytest

from db.enums import Split
from pipelines.experiments.cases import Case, Phrase, cases_of, colors_of, rewritten, without_colors
from tests.pipelines.experiments.things import case_of_three
from workbench import releases
from workbench.errors import NotFoundError


def words(case: Case) -> list[str]:
    return [case.caption[phrase.start : phrase.end] for phrase in case.phrases]


def test_phrases_move_along_with_the_words():
    case = case_of_three()
    changed = rewritten(case, [((2, 5), "crimson"), ((11, 17), "an azure")])
    assert changed.caption == "a crimson cup, an azure plate and an orange table"
    assert words(changed) == ["a crimson cup", "an azure plate", "an orange table"]
    assert words(case) == ["a red cup", "a blue plate", "an orange table"], "the case itself stays"


def test_a_phrase_of_which_nothing_is_left_is_none():
    case = case_of_three()
    assert words(rewritten(case, [((11, 23), "")])) == ["a red cup", "an orange table"]


@pytest.mark.parametrize(
    ("kept", "caption"),
    [
        (3, "a red cup, a blue plate and an orange table"),
        (1, "a red cup, a plate and a table"),
        (0, "a cup, a plate and a table"),
    ],
)
def test_colors_beyond_the_first_are_left_unsaid_with_their_articles_mended(kept, caption):
    changed = without_colors(case_of_three(), kept)
    assert changed.caption == caption
    assert len(changed.phrases) == 3
    assert len(colors_of(changed)) == kept


def test_items_of_a_release_become_cases_with_masks_by_people(store, library):
    library(8)
    with store.writing() as session:
        releases.create(session, store.media, name="small", author="tester")
    cases = cases_of(store, "small", "1.0.0", Split.TRAIN, None)
    assert cases
    assert all(np.array_equal(phrase.mask, phrase.steering_mask) for case in cases for phrase in case.phrases)
    assert {len(case.colored) for case in cases} == {0, 1, 2}, "of the three levels"
    assert len(cases_of(store, "small", "1.0.0", Split.TRAIN, 3)) == 3
    with pytest.raises(NotFoundError):
        cases_of(store, "other", "1.0.0", Split.TRAIN, None)


def test_a_phrase_without_a_given_mask_is_looked_for():
    case = case_of_three()
    phrase = case.phrases[0]
    alone = Case(1, "i", "s", "complete", case.rgb, case.seen, case.caption, (Phrase(phrase.start, phrase.end, phrase.mask, None),))
    assert not alone.picture.masked
