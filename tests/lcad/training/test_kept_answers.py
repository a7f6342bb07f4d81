"""What a grounder that learns keeps: answers about nouns that the release does not name, most of them about what is there."""

import numpy as np
import pytest
import torch

from lcad.grounding import PhraseFinder
from lcad.grounding.nouns import NounTable
from lcad.grounding.phrase_finder import FrozenClassifier
from lcad.models.phrase_grounder import SIDE, PhraseGrounder
from lcad.training.kept_answers import JUDGED_UNIT, OTHERS, SURE, changes, kept_answers

NAMES = [f"thing {letter}" for letter in "abcdefghijklmnopqrst"]


class NoBoxes:
    def boxes(self, _image):
        return []


@pytest.fixture
def finder():
    torch.manual_seed(0)
    nouns = NounTable(NAMES, [[] for _ in NAMES], [[] for _ in NAMES])
    grounder = PhraseGrounder(words=8, wide=16, middle=8, inner=4, hidden=16).eval()
    vectors = torch.randn(len(NAMES), 8)
    return PhraseFinder(FrozenClassifier(), grounder, vectors, nouns, NoBoxes(), (0, 0, 1, 0, 0, 0, 0), NAMES[:15])


def kept_of(finder, named=frozenset(), seed=0):
    lightness = np.random.default_rng(3).uniform(0, 100, (SIDE, SIDE)).astype(np.float32)
    question = finder.ask(lightness, "a thing a", [(2, 9)])
    return question, kept_answers(finder, question, frozenset(named), np.random.default_rng(seed))


def names_of(finder, kept):
    return [NAMES[int((finder.vectors == words).all(1).nonzero()[0, 0])] for words in kept.hints.words]


def test_most_are_about_what_is_most_surely_there_and_none_about_what_the_release_names(finder):
    _, everything = kept_of(finder)
    first = names_of(finder, everything)
    assert len(first) == SURE + OTHERS
    sure = everything.judged[:, 0].tolist()
    assert sure[:SURE] == sorted(sure, reverse=True)[:SURE]
    _, without = kept_of(finder, named=first[:SURE])
    assert not set(first[:SURE]) & set(names_of(finder, without))
    assert without.judged[:SURE, 0].min() <= min(sure[:SURE])


def test_nothing_is_changed_at_first_and_judging_or_finding_otherwise_is(finder):
    question, kept = kept_of(finder)
    with torch.no_grad():
        assert changes(finder.grounder, question.seen, [kept]).max() < 1e-9
        finder.grounder.judge[-1].bias += JUDGED_UNIT
        masks, judged, faint = changes(finder.grounder, question.seen, [kept]).tolist()
        assert max(masks, faint) < 1e-9
        assert judged == pytest.approx(1, rel=1e-4)
        finder.grounder.mask.bias += 50
        assert 0.5 < changes(finder.grounder, question.seen, [kept])[0] <= 1


def test_a_small_mask_that_is_lost_counts_as_much_as_a_large_one(finder):
    question, kept = kept_of(finder)
    told = []
    for cells in (200, 1400):
        kept.masks.zero_()
        kept.masks.flatten(1)[:, :cells] = 1
        with torch.no_grad():
            finder.grounder.mask.bias.fill_(-50)
            told.append(changes(finder.grounder, question.seen, [kept])[0].item())
    assert told[0] == pytest.approx(told[1], abs=0.02)
    assert told[0] > 0.9


def test_a_faint_mask_that_is_lost_counts_though_its_squares_are_next_to_nothing(finder):
    question, kept = kept_of(finder)
    kept.masks.fill_(0.04)
    with torch.no_grad():
        finder.grounder.mask.weight.zero_()
        finder.grounder.direct.zero_()
        finder.grounder.mask.bias.fill_(-50)
        squares, _, faint = changes(finder.grounder, question.seen, [kept]).tolist()
        assert squares < 0.6 < 0.9 < faint
        finder.grounder.mask.bias.fill_(float(torch.tensor(0.04).logit()))
        assert changes(finder.grounder, question.seen, [kept])[2] < 1e-3, "a faint mask that stays costs nothing"
