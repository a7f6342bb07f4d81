import pytest
import torch

from lcad.models.phrase_grounder import CELLS, SEEN, SIDE, PhraseGrounder, PhraseHints

HINTS = ("row", "words", "boxes", "people", "classes")


@pytest.fixture
def grounder():
    torch.manual_seed(0)
    return PhraseGrounder(words=8, wide=16, middle=8, inner=4, hidden=16).eval()


def features(pictures=1, seed=0):
    draw = torch.Generator().manual_seed(seed)
    sides = (SIDE // 8, SIDE // 16, SIDE // 32)
    return tuple(torch.randn(pictures, channels, side, side, generator=draw) for channels, side in zip(SEEN, sides, strict=True))


def hints(rows, seed=0):
    draw, count = torch.Generator().manual_seed(seed), len(rows)
    maps = [torch.rand(count, 1, CELLS, CELLS, generator=draw) for _ in range(2)]
    return PhraseHints(torch.tensor(rows), torch.randn(count, 8, generator=draw), *maps, torch.rand(count, 2, 10, 10, generator=draw))


@torch.no_grad()
def test_each_phrase_has_a_mask_and_two_judgements(grounder):
    masks, judged = grounder(grounder.see(features(2)), hints([0, 1, 1]))
    assert masks.shape == (3, 1, CELLS, CELLS)
    assert judged.shape == (3, 2)


@torch.no_grad()
def test_a_phrase_is_answered_alike_whatever_else_is_asked(grounder):
    seen, both = grounder.see(features(2)), hints([0, 1])
    alone = grounder(seen, PhraseHints(*(getattr(both, name)[1:] for name in HINTS)))
    for together, one in zip(grounder(seen, both), alone, strict=True):
        assert torch.allclose(together[1:], one, atol=1e-5)


@pytest.mark.parametrize("changed", HINTS[1:])
@torch.no_grad()
def test_a_mask_depends_on_the_words_and_on_every_hint(grounder, changed):
    seen, one, other = grounder.see(features()), hints([0]), hints([0], seed=1)
    moved = PhraseHints(**{name: getattr(other if name == changed else one, name) for name in HINTS})
    assert not torch.allclose(grounder(seen, one)[0], grounder(seen, moved)[0], atol=1e-5)


@torch.no_grad()
def test_features_are_taken_in_units_of_their_deviations(grounder):
    levels = features()
    before = grounder(grounder.see(levels), hints([0]))[0]
    for number in range(len(SEEN)):
        getattr(grounder, f"mean{number}").fill_(3.0)
        getattr(grounder, f"deviation{number}").fill_(2.0)
    after = grounder(grounder.see(tuple(2 * level + 3 for level in levels)), hints([0]))[0]
    assert torch.allclose(before, after, atol=1e-4)


def test_it_can_be_made_again_from_its_config(grounder):
    PhraseGrounder(**grounder.config).load_state_dict(grounder.state_dict())
