"""What a vote would tell: checked against enumeration, and by what it must prefer."""

import numpy as np
import pytest

from workbench.analysis.information_gain import PRIOR_VARIANCE, information, posterior


def test_the_gain_is_the_mutual_information_that_sampling_finds():
    wins = np.array([[0, 6, 2], [2, 0, 1], [1, 3, 0]], float)
    mean, covariance = posterior(wins)
    drawn = np.random.default_rng(0).multivariate_normal(mean, covariance, 200_000)
    chance = 1 / (1 + np.exp(-(drawn[:, 0] - drawn[:, 2])))
    entropy = lambda p: -(p * np.log(p) + (1 - p) * np.log(1 - p))  # noqa: E731
    # Two hundred thousand draws leave an error of about 1e-3 in the means, less in their difference.
    assert information(wins)[0, 2] == pytest.approx(entropy(chance.mean()) - entropy(chance).mean(), abs=1e-3)


def test_the_posterior_is_where_the_likelihood_and_the_prior_balance():
    wins = np.array([[0, 5.0], [2.0, 0]])
    mean, covariance = posterior(wins)
    chance = 1 / (1 + np.exp(-(mean[0] - mean[1])))
    assert 5 - 7 * chance == pytest.approx(mean[0] / PRIOR_VARIANCE, abs=1e-8)
    assert mean.sum() == pytest.approx(0, abs=1e-8)
    assert np.linalg.eigvalsh(covariance).min() > 0


def test_before_the_first_vote_all_pairs_tell_alike_and_later_the_unknown_ones_more():
    gain = information(np.zeros((4, 4)))
    assert gain[np.triu_indices(4, 1)] == pytest.approx(gain[0, 1])
    assert not gain.diagonal().any()
    settled = np.zeros((3, 3))
    settled[0, 1], settled[0, 2] = 30, 30
    after = information(settled)
    assert after[1, 2] > 5 * after[0, 1]
    assert after == pytest.approx(after.T)


def votes_until_known(choose, seed, systems=8, votes=150):
    """What is not known (the log-determinant of the differences' covariance) after so many votes on chosen pairs."""
    chance = np.random.default_rng(seed)
    strength = np.linspace(-2.5, 2.5, systems)
    wins = np.zeros((systems, systems))
    for _ in range(votes):
        first, second = choose(wins, chance)
        if chance.random() < 1 / (1 + np.exp(strength[second] - strength[first])):
            wins[first, second] += 1
        else:
            wins[second, first] += 1
    _, covariance = posterior(wins)
    return np.linalg.slogdet(covariance)[1]


@pytest.mark.slow
def test_votes_on_the_pairs_that_tell_most_leave_less_unknown_than_votes_on_all_alike():
    def informative(wins, _chance):
        return np.unravel_index(information(wins).argmax(), wins.shape)

    def alike(wins, chance):
        total = wins + wins.T + chance.random(wins.shape) * 0.5
        np.fill_diagonal(total, np.inf)
        return np.unravel_index(total.argmin(), wins.shape)

    gained = [votes_until_known(alike, seed) - votes_until_known(informative, seed) for seed in range(6)]
    # Which pair wins is chance: once in six the votes on all alike happen to end ahead.
    assert np.mean(gained) > 0.5
    assert sum(gain > 0 for gain in gained) >= 4
