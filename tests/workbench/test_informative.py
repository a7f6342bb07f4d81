"""What a vote would tell: checked against enumeration, and by what it must prefer."""

import numpy as np
import pytest

from workbench.informative import PRIOR_VARIANCE, information, posterior


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
