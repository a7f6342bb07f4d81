import pytest
import torch

from lcad.training.blending import SHARES, choose_share, shortest_share
from lcad.training.loop import Training
from tests.lcad.training.test_loop import CONFIG, Line


def blended(tmp_path, score):
    """A trained line, blended with what it was: the share chosen, the base's weights, the trained and the blended ones."""
    objective = Line()
    start = [p.detach().clone() for p in objective.modules.parameters()]
    training = Training(objective, CONFIG, tmp_path)
    training.run()
    trained = [value.clone() for value in training.average.shadow_params]
    share, measures = choose_share(training, start, lambda: {"score": score(training)}, {"score": 0.5, "validation_loss": 1.0})
    return share, measures, start, trained, training.average.shadow_params


def test_all_of_the_way_is_gone_where_less_is_no_better(tmp_path):
    share, measures, _, trained, now = blended(tmp_path, lambda _: 0.4)
    assert (share, measures["score"]) == (1.0, 0.5)
    assert all(torch.equal(a, b) for a, b in zip(trained, now, strict=True))


def test_the_share_that_is_judged_best_is_taken_and_lies_between(tmp_path):
    seen = iter((0.6, 0.9))
    share, measures, start, trained, now = blended(tmp_path, lambda _: next(seen))
    assert share == SHARES[1]
    assert measures == {"score": 0.9, "validation_loss": 1.0}
    for a, b, between in zip(start, trained, now, strict=True):
        assert torch.allclose(between, a + share * (b - a))


def test_what_is_judged_are_the_weights_on_the_way(tmp_path):
    judged = []
    blended(tmp_path, lambda training: judged.append(torch.cat([p.detach().flatten().clone() for p in training.trained])) or 0.0)
    assert len(judged) == len(SHARES)
    assert not torch.equal(*judged)


@pytest.mark.parametrize(("losses", "expected"), [
    ({0.3: 2.0, 0.4: 1.5, 0.5: 1.2, 0.6: 1.05, 1.0: 1.0}, 0.6),  # of 1.0 in all, 0.95
    ({0.7: 0.5, 1.0: 3.0}, 0.7),  # beyond, it gets worse
    ({1.0: 1.0}, 1.0),
    ({}, 0.3),  # nothing is gained anywhere: the caller takes it back
])  # fmt: skip
def test_the_way_ends_where_most_of_the_gain_is_there(tmp_path, losses, expected):
    training = Training(Line(), CONFIG, tmp_path)
    start = [p.detach().clone() for p in training.objective.modules.parameters()]
    training.run()
    trained = [value.clone() for value in training.average.shadow_params]
    given = iter((0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0))
    share, loss = shortest_share(training, start, lambda: losses.get(next(given), 2.0), 2.0)
    assert (share, loss) == (expected, losses.get(expected, 2.0))
    for a, b, between in zip(start, trained, training.average.shadow_params, strict=True):
        assert torch.allclose(between, a + share * (b - a))
