"""How many votes a question needs, against counting, simulation and the normal approximation."""

import numpy as np
import pytest
from scipy.stats import binomtest

from workbench.analysis.sample_size import sign_test_power, votes_needed
from workbench.errors import InvalidInputError


@pytest.mark.parametrize(("votes", "win_rate"), [(5, 0.9), (6, 0.9), (17, 0.7), (40, 0.3), (60, 0.5)])
def test_power_is_the_chance_of_the_outcomes_that_the_exact_test_rejects(votes, win_rate):
    rejected = [wins for wins in range(votes + 1) if binomtest(wins, votes).pvalue <= 0.05]
    chances = [
        np.prod([(votes - i) / (i + 1) for i in range(wins)]) * win_rate**wins * (1 - win_rate) ** (votes - wins) for wins in rejected
    ]
    assert sign_test_power(votes, win_rate) == pytest.approx(sum(chances), abs=1e-12)


def test_five_votes_can_never_reach_five_percent_and_six_unanimous_ones_do():
    assert sign_test_power(5, 1.0) == 0
    assert sign_test_power(6, 1.0) == pytest.approx(1)


@pytest.mark.slow
def test_power_equals_the_simulated_one():
    draw = np.random.default_rng(1)
    wins = draw.binomial(100, 0.63, 4000)
    rejected = np.mean([binomtest(int(count), 100).pvalue <= 0.05 for count in wins])
    # 4,000 draws: three standard deviations of a share near 0.7 are 0.022.
    assert sign_test_power(100, 0.63) == pytest.approx(rejected, abs=0.022)


@pytest.mark.parametrize("win_rate", [0.55, 0.6, 0.7, 0.85, 1.0, 0.2])
@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
@pytest.mark.slow
def test_the_planned_count_is_the_first_that_never_falls_short_again(win_rate, power):
    votes = votes_needed(win_rate, power=power)
    assert sign_test_power(votes - 1, win_rate) < power
    assert min(sign_test_power(votes + more, win_rate) for more in range(300)) >= power


def test_the_plan_is_near_the_normal_approximation():
    # ((1.96 · 0.5 + 0.8416 · sqrt(0.6 · 0.4)) / 0.1)² = 194; an exact test needs a little more.
    assert 194 <= votes_needed(0.6) <= 215


@pytest.mark.slow
def test_more_is_needed_for_smaller_preferences_ties_and_certainty():
    assert votes_needed(0.55) > votes_needed(0.6) > votes_needed(0.9)
    assert votes_needed(0.6, power=0.9) > votes_needed(0.6)
    assert votes_needed(0.6, significance=0.01) > votes_needed(0.6)
    assert votes_needed(0.6, tie_rate=0.25) == int(np.ceil(votes_needed(0.6) / 0.75))
    assert votes_needed(0.4) == votes_needed(0.6)


@pytest.mark.parametrize(
    ("win_rate", "options"),
    [(0.5, {}), (1.2, {}), (0.6, {"power": 1}), (0.6, {"significance": 0}), (0.6, {"tie_rate": 1}), (0.5001, {})],
)
def test_questions_without_an_answer_are_refused(win_rate, options):
    with pytest.raises(InvalidInputError):
        votes_needed(win_rate, **options)
