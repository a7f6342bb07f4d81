"""Agreement, intervals and strengths against published values and other people's code."""

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from workbench.analysis.agreement import krippendorff_alpha
from workbench.analysis.intervals import wilson_interval
from workbench.errors import InvalidInputError

GAP = None
# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section C: four observers, twelve units.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, GAP, GAP, GAP],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, GAP, 3],
    [GAP, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, GAP],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, GAP],
]


def units_of(observers):
    return [[value for value in column if value is not GAP] for column in zip(*observers, strict=True)]


@pytest.mark.parametrize(("measure", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)])
def test_alpha_equals_the_values_that_krippendorff_published(measure, published):
    assert krippendorff_alpha(units_of(OBSERVERS), measure) == pytest.approx(published, abs=5e-4)


# The example of the krippendorff package's own description, with the values that it names.
CODERS = [
    "* * * * * 3 4 1 2 1 1 3 3 * 3",
    "1 * 2 1 3 3 4 3 * * * * * * *",
    "* * 2 1 3 4 4 * 2 1 1 3 3 * 4",
]


@pytest.mark.parametrize(("measure", "published"), [("nominal", 0.691), ("interval", 0.811)])
def test_alpha_equals_the_values_that_the_krippendorff_package_publishes(measure, published):
    answers = [[GAP if word == "*" else int(word) for word in coder.split()] for coder in CODERS]
    assert krippendorff_alpha(units_of(answers), measure) == pytest.approx(published, abs=5e-4)


def test_alpha_of_binary_answers_equals_the_published_example():
    # Section A of the same paper: two observers, ten units, binary: alpha = 0.095.
    meg, owen = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert krippendorff_alpha(zip(meg, owen, strict=True)) == pytest.approx(0.095, abs=5e-4)


@pytest.mark.parametrize("measure", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_equals_the_krippendorff_package_on_random_answers_with_gaps(measure):
    draw = np.random.default_rng(7)
    for _ in range(20):
        answers = draw.integers(1, 6, size=(draw.integers(2, 8), 30)).astype(float)
        answers[draw.random(answers.shape) < 0.4] = np.nan
        units = [[value for value in column if not np.isnan(value)] for column in answers.T]
        # Equal sums in another order: a few units in the last place.
        assert krippendorff_alpha(units, measure) == pytest.approx(krippendorff.alpha(answers, level_of_measurement=measure), abs=1e-12)


def test_alpha_takes_names_where_no_order_is_needed():
    named = [["left" if value == 1 else "tie" if value == 2 else "right" for value in unit] for unit in [[1, 1], [2, 3], [3, 3], [2, 2]]]
    assert krippendorff_alpha(named) == pytest.approx(krippendorff_alpha([[1, 1], [2, 3], [3, 3], [2, 2]]))


def test_alpha_refuses_to_order_names():
    with pytest.raises(InvalidInputError, match="needs numbers"):
        krippendorff_alpha([["left", "right"], ["left", "left"]], "interval")


@pytest.mark.parametrize("units", [[], [["a"], ["b"]], [["a", "a"], ["a", "a", "a"]]])
def test_alpha_is_undefined_without_pairs_or_without_variation(units):
    assert krippendorff_alpha(units) is None


def test_alpha_is_one_for_perfect_agreement_and_near_zero_for_chance():
    draw = np.random.default_rng(0)
    assert krippendorff_alpha([[value] * 3 for value in draw.integers(0, 4, 50)]) == pytest.approx(1)
    # 4,000 units of two coin tosses: the standard deviation of alpha is about 1/sqrt(4000) = 0.016.
    assert krippendorff_alpha(draw.integers(0, 2, (4000, 2)).tolist()) == pytest.approx(0, abs=0.06)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.integers(1, 5), min_size=0, max_size=5), max_size=12), st.randoms(use_true_random=False))
@pytest.mark.slow
def test_alpha_does_not_depend_on_the_order_of_raters_or_units(units, random):
    shuffled = [random.sample(unit, len(unit)) for unit in random.sample(units, len(units))]
    assert krippendorff_alpha(shuffled, "ordinal") == pytest.approx(krippendorff_alpha(units, "ordinal"))


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize(("wins", "votes"), [(0, 1), (1, 1), (0, 10), (7, 10), (50, 100), (999, 1000)])
def test_wilson_equals_statsmodels_and_scipy(wins, votes, confidence):
    interval = wilson_interval(wins, votes, confidence)
    assert interval == pytest.approx(proportion_confint(wins, votes, 1 - confidence, "wilson"), abs=1e-12)
    assert interval == pytest.approx(tuple(binomtest(wins, votes).proportion_ci(confidence, "wilson")), abs=1e-12)


def test_wilson_equals_a_published_interval():
    # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263 gives 0.2553 to 0.3662.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_wilson_counts_a_tie_as_half_a_win_and_knows_nothing_without_votes():
    low, high = wilson_interval(2.5, 5)
    assert low == pytest.approx(1 - high)
    assert wilson_interval(0, 0) == (0, 1)


@pytest.mark.parametrize(("wins", "votes", "confidence"), [(3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0), (1, 2, 0)])
def test_wilson_refuses_impossible_counts_and_confidences(wins, votes, confidence):
    with pytest.raises(InvalidInputError):
        wilson_interval(wins, votes, confidence)
