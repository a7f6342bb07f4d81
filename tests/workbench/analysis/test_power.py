"""What a whole study shows, against the closed case and against what must hold."""

import math
from dataclasses import replace

import pytest
from scipy.stats import nct, t

from workbench.analysis.power import PlannedComparison, power_of, raters_needed
from workbench.errors import InvalidInputError

DESIGN = PlannedComparison(systems=4, raters=30, trials=30, images=60)


def test_two_systems_have_the_power_of_students_t_for_their_log_odds():
    design = PlannedComparison(systems=2, raters=20, trials=10, images=40, rater_spread=0, image_spread=0)
    error = math.sqrt(1 / (200 * 0.6 * 0.4))
    critical, shift = t.ppf(0.975, 19), math.log(1.5) / error
    assert power_of(design, 0.6) == pytest.approx(nct.sf(critical, 19, shift) + nct.cdf(-critical, 19, shift), abs=1e-4)


def test_more_is_shown_by_more_raters_trials_and_images_and_less_among_more_systems_ties_and_differences():
    base = power_of(DESIGN, 0.6)
    for better in ({"raters": 60}, {"trials": 60}, {"images": 200}, {"rater_spread": 0.0}, {"image_spread": 0.0}, {"systems": 2}):
        assert power_of(replace(DESIGN, **better), 0.6) > base
    for worse in ({"systems": 8}, {"tie_rate": 0.3}, {"rater_spread": 0.6}, {"image_spread": 0.6}):
        assert power_of(replace(DESIGN, **worse), 0.6) < base
    assert power_of(DESIGN, 0.4) == pytest.approx(base)


def test_the_raters_that_are_needed_are_the_fewest_with_the_power():
    needed = raters_needed(DESIGN, 0.6)
    assert power_of(replace(DESIGN, raters=needed), 0.6) >= 0.8 > power_of(replace(DESIGN, raters=needed - 1), 0.6)


def test_images_that_differ_too_much_cannot_be_outweighed_by_raters():
    with pytest.raises(InvalidInputError, match="take more images"):
        raters_needed(replace(DESIGN, images=5, image_spread=1.0), 0.55)


@pytest.mark.parametrize(
    "broken", [{"systems": 1}, {"raters": 1}, {"images": 1}, {"trials": 0}, {"tie_rate": 1.0}, {"rater_spread": -1.0}, {"trials": 361}]
)
def test_designs_that_are_none_are_refused(broken):
    with pytest.raises(InvalidInputError):
        replace(DESIGN, **broken)


@pytest.mark.parametrize("win_rate", [0.5, 0.0, 1.0, 1.2])
def test_win_rates_without_an_answer_are_refused(win_rate):
    with pytest.raises(InvalidInputError):
        power_of(DESIGN, win_rate)
