"""Strengths against closed cases and other people's solvers, and the spread that they have where everything was won."""

import choix
import numpy as np
import pytest

from workbench.analysis.design_matrix import luce_ballots
from workbench.analysis.preference_strengths import components, estimate
from workbench.analysis.vote_records import ChoiceVote
from workbench.errors import InvalidInputError


def votes_of(wins):
    """Votes of a table (N, N) of whole numbers: how often the row's system beat the column's; raters and images in turns."""
    votes = []
    for (first, second), times in np.ndenumerate(np.asarray(wins)):
        votes += [("abcdef"[first], "abcdef"[second])] * int(times)
    return [ChoiceVote(f"r{place % 7}", place, pair, pair[0], image=place % 11) for place, pair in enumerate(votes)]


def test_two_systems_have_the_log_odds_of_their_votes():
    # The closed case: 30 to 10 votes is a difference of log 3, with variance 1/30 + 1/10.
    fitted = estimate(votes_of([[0, 30], [10, 0]]))
    assert fitted.values == pytest.approx([np.log(3) / 2, -np.log(3) / 2], abs=1e-7)
    ballots = luce_ballots(votes_of([[0, 30], [10, 0]]))
    # One parameter, √2 times half the difference.
    assert 2 * ballots.independent[0, 0] == pytest.approx(1 / 30 + 1 / 10)
    assert not fitted.regularized


def test_strengths_equal_the_other_solvers_of_choix_on_its_own_data():
    params = np.random.default_rng(3).normal(size=6)
    np.random.seed(5)  # choix draws from the global generator
    votes = choix.generate_pairwise(params, n_comparisons=400)
    wins = np.zeros((6, 6))
    for winner, loser in votes:
        wins[winner, loser] += 1
    values = estimate(votes_of(wins)).values
    for other in (choix.mm_pairwise(6, votes, max_iter=100_000), choix.opt_pairwise(6, votes, alpha=0, tol=1e-9)):
        # The solvers stop at differences of 1e-8 in their own parametrization.
        assert values == pytest.approx(other - np.mean(other), abs=1e-5)


def test_ties_leave_the_odds_of_decided_votes_where_two_systems_met():
    # The closed case of Davidson's model: the odds of a win against a loss, whatever the ties.
    decided = votes_of([[0, 30], [10, 0]])
    tied = [ChoiceVote(f"r{place % 7}", place, ("a", "b"), None, image=place % 11) for place in range(40)]
    fitted = estimate([*decided, *tied])
    assert fitted.model == "Davidson"
    assert fitted.values[0] - fitted.values[1] == pytest.approx(np.log(3), abs=1e-5)


def test_a_system_that_never_lost_gets_a_finite_strength_a_wide_interval_and_says_so():
    fitted = estimate(votes_of([[0, 8, 8], [0, 0, 5], [0, 3, 0]]))
    assert fitted.regularized
    assert fitted.values.argmax() == 0
    strongest = fitted.system(0)
    assert np.isfinite(strongest["high"])
    assert strongest["high"] - strongest["low"] > 2.5


def test_votes_that_fall_apart_are_refused_with_the_groups_named_and_can_be_analyzed_apart():
    votes = votes_of([[0, 3, 0, 0], [2, 0, 0, 0], [0, 0, 0, 4], [0, 0, 4, 0]])
    with pytest.raises(InvalidInputError, match=r"not even through others: c, d; a, b"):
        estimate(votes)
    assert [sorted({name for vote in part for name in vote.shown}) for part in components(votes)] == [["c", "d"], ["a", "b"]]


def test_choices_among_all_have_the_log_shares_as_strengths():
    # The closed case of Luce's axiom: with one set of options, strengths are the logarithms of the counts.
    counts = {"a": 60, "b": 30, "c": 10}
    votes = [ChoiceVote(f"r{place % 7}", place, ("a", "b", "c"), name) for name, times in counts.items() for place in range(times)]
    logs = np.log(list(counts.values()))
    assert estimate(votes).values == pytest.approx(logs - logs.mean(), abs=1e-6)


def test_an_option_that_nobody_chose_stays_finite():
    votes = [ChoiceVote("xy"[place > 3], place, ("a", "b", "c"), "ab"[place > 3]) for place in range(6)]
    fitted = estimate(votes)
    assert fitted.regularized
    assert np.isfinite(fitted.values).all()
    assert list(np.argsort(-fitted.values)) == [0, 1, 2]
