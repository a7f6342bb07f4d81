"""A grounder that a training made answers about what it taught, the one from before about the rest; also after a second training."""

import copy

import numpy as np
import pytest
import torch

from lcad.checkpoints import EMBEDDED
from lcad.grounding.finder_files import load_finder, read_finder, write_finder
from lcad.grounding.nouns import NounTable
from lcad.grounding.phrase_finder import Earlier, FrozenClassifier, PhraseFinder
from lcad.models.phrase_grounder import PhraseGrounder
from tests.lcad.grounding.test_phrase_finder import DrawnBoxes, box

MINI = EMBEDDED / "mini" / "grounder"
CALIBRATION = (0, 1, 1, 1, 0, 0, 0)


@pytest.fixture(scope="module")
def grounders():
    torch.manual_seed(0)
    return [PhraseGrounder(words=8, wide=16, middle=8, inner=4, hidden=16).eval() for _ in range(2)]


@pytest.fixture(scope="module")
def finder(grounders):
    classifier, vectors = FrozenClassifier(), torch.randn(3, 8, generator=torch.Generator().manual_seed(1))
    nouns = NounTable(["dog", "man", "shirt"], [[16], [0], []], [[151, 152], [], [610]])

    def make(grounder, earlier=None, boxes=()):
        return PhraseFinder(classifier, grounder, vectors, nouns, DrawnBoxes(*boxes), CALIBRATION, (), earlier)

    return make


@pytest.fixture
def lightness():
    return 100 * np.random.default_rng(0).random((60, 90)).astype(np.float32)


@pytest.mark.parametrize(("caption", "who"), [("a dog", 1), ("a shirt", 0)])
def test_each_noun_is_found_by_who_was_taught_it(finder, grounders, lightness, caption, who):
    before, after = grounders
    both = finder(after, Earlier(before, frozenset({"dog"})))
    asked = lightness, caption, [(0, len(caption))]
    (found,), (alone,), (other,) = both.find(*asked), finder(grounders[who]).find(*asked), finder(grounders[1 - who]).find(*asked)
    assert np.array_equal(found.mask, alone.mask)
    assert found.confidence == alone.confidence
    assert not np.allclose(found.mask, other.mask, atol=1e-3)


def test_a_caption_of_both_is_answered_by_both(finder, grounders, lightness):
    before, after = grounders
    both = finder(after, Earlier(before, frozenset({"dog"})))
    question = both.ask(lightness, "a dog and a shirt", [(0, 5), (10, 17)])
    masks, judged = both.answers(question, question.hints, [phrase.noun for phrase, _, _ in question.queries])
    for row, (grounder, seen) in enumerate([(after, question.seen), (before, question.seen_before)]):
        with torch.no_grad():
            alone = grounder(seen, question.hints.some([row]))
        assert torch.allclose(masks[row], alone[0][0], atol=1e-5)
        assert torch.allclose(judged[row], alone[1][0], atol=1e-5)


@pytest.mark.parametrize(("taught", "asked"), [("glove", "gloves"), ("flowers", "flower"), ("knife", "knives")])
def test_one_and_several_are_the_same_thing(grounders, taught, asked):
    earlier = Earlier(grounders[0], frozenset({taught}))
    nouns = NounTable([taught, asked, "grass"], [[], [], []], [[], [], []])
    assert [earlier.answers(nouns.named(name)) for name in (taught, asked, "grass")] == [False, False, True]
    assert earlier.answers(None)


@pytest.mark.parametrize(("taught", "who"), [({"man"}, 0), ({"shirt"}, 1)])
def test_who_wears_a_garment_is_judged_by_who_was_taught_the_garment(finder, grounders, lightness, taught, who):
    left, right = box(0, 0, 30, 60, kind=0), box(60, 0, 90, 60, kind=0)
    caption, spans = "a man in a red shirt", [(0, 5), (9, 20)]
    before, after = grounders[0], copy.deepcopy(grounders[0])
    with torch.no_grad():
        after.judge[-1].weight.neg_()
        after.judge[-1].bias.neg_()
    both = finder(after, Earlier(before, frozenset(taught)), (left, right))
    _, (_, _, wearers) = both.ask(lightness, caption, spans).queries
    first, second = (finder(one, None, (left, right)).ask(lightness, caption, spans).queries[1][2] for one in (before, after))
    assert first != second, "the two would choose alike, and nothing would be told apart"
    assert wearers == (first, second)[who]


@pytest.mark.slow
def test_the_first_grounder_stays_beside_through_two_trainings(tmp_path):
    start = load_finder()
    classifier = {name: tensor.clone() for name, tensor in start.classifier.network.state_dict().items()}
    trained = copy.deepcopy(start.grounder)
    for number, taught in enumerate(({"kimono"}, {"abacus", "dog"})):
        with torch.no_grad():
            trained.mask.bias += 1
        write_finder(tmp_path / str(number), MINI if number == 0 else tmp_path / "0", trained, frozenset(taught))
    child = read_finder(tmp_path / "1", classifier)
    assert child.earlier is not None
    assert child.earlier.taught_since == {"kimono", "abacus", "dog"}
    assert child.taught >= start.taught | {"kimono", "abacus"}
    assert torch.allclose(child.grounder.mask.bias, start.grounder.mask.bias + 2, atol=0.01)
    for name, tensor in start.grounder.state_dict().items():
        assert torch.equal(child.earlier.grounder.state_dict()[name], tensor), name
    assert start.earlier is None
