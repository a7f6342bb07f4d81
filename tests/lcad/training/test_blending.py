import pytest
import torch

from lcad.training.blending import ALL_OF_GAIN, HALF_OF_GAIN, MOST_OF_GAIN, SHARES, shortest_share
from lcad.training.loop import Training
from tests.lcad.training.test_loop import CONFIG, Line

BEFORE = 2.0


def trained_line(tmp_path):
    """A line that was trained, and what it was before."""
    training = Training(Line(), CONFIG, tmp_path)
    start = [p.detach().clone() for p in training.objective.modules.parameters()]
    training.run()
    return training, start


@pytest.mark.parametrize(("losses", "part", "expected"), [
    ({0.3: 2.0, 0.4: 1.5, 0.5: 1.2, 0.6: 1.05, 1.0: 1.0}, MOST_OF_GAIN, 0.6),  # of 1.0 in all, 0.95
    ({0.3: 2.0, 0.4: 1.5, 0.5: 1.2, 0.6: 1.05, 1.0: 1.0}, HALF_OF_GAIN, 0.4),
    ({0.3: 2.0, 0.4: 1.5, 0.5: 1.2, 0.8: 1.05, 0.9: 1.0, 1.0: 1.1}, ALL_OF_GAIN, 0.9),
    ({0.7: 0.5, 1.0: 3.0}, MOST_OF_GAIN, 0.7),  # beyond, it gets worse
    ({1.0: 1.0}, MOST_OF_GAIN, 1.0),
    ({}, MOST_OF_GAIN, SHARES[0]),  # nothing is gained anywhere: the caller takes it back
])  # fmt: skip
def test_the_way_ends_where_enough_of_the_gain_is_there(tmp_path, losses, part, expected):
    training, start = trained_line(tmp_path)
    trained = [value.clone() for value in training.average.shadow_params]
    given = iter((0.0, *SHARES))
    found = shortest_share(training, start, lambda: losses.get(next(given), BEFORE), part)
    assert found == (expected, losses.get(expected, BEFORE), BEFORE)
    for a, b, between in zip(start, trained, training.average.shadow_params, strict=True):
        assert torch.allclose(between, a + expected * (b - a))


def test_what_was_measured_before_is_not_measured_again(tmp_path):
    training, start = trained_line(tmp_path)
    anew = []

    def loss():
        return training.objective.validation_loss(training.objective.modules)

    training.take_best()
    found = shortest_share(training, start, lambda: anew.append(loss()) or anew[-1], known=training.known_losses)
    assert len(anew) == len(SHARES) - 1
    training.take_best()
    assert found == pytest.approx(shortest_share(training, start, loss)), "the two ends are those of the way"
    assert set(training.known_losses) == {0.0, 1.0}


def test_what_is_measured_are_the_weights_on_the_way(tmp_path):
    training, start = trained_line(tmp_path)
    seen = []
    shortest_share(training, start, lambda: seen.append(torch.cat([p.detach().flatten().clone() for p in training.trained])) or 0.0)
    assert len(seen) == 1 + len(SHARES)
    first, last = seen[0], seen[-1]
    assert torch.equal(first, torch.cat([p.flatten() for p in start]))
    for share, weights in zip(SHARES, seen[1:], strict=True):
        assert torch.allclose(weights, first + share * (last - first), atol=1e-6)
