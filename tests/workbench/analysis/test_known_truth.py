"""What is true of a simulated study comes back: small forms of `tests.benchmarks.study_statistics`, whose tables are in docs/analysis.md.

Bounds are three standard errors of so many studies and intervals.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from tests.benchmarks.study_statistics import agreement_of, coverage_of, renamed
from tests.workbench.known_scores import alpha_of_noise, effect_p, scores, votes_with_guessers
from tests.workbench.known_truth import World, outcomes, pair_rates_of_many, pair_votes, population, strengths_of_many
from workbench.analysis.cluster_spread import Part, Spread, spread
from workbench.analysis.dawid_skene import weights
from workbench.analysis.goodness_of_fit import model_fit
from workbench.analysis.mean_opinion import ENOUGH_SCORES, by_scale
from workbench.analysis.preference_strengths import davidson, estimate
from workbench.analysis.rater_screening import reliabilities
from workbench.analysis.results import analyze_categories, analyze_pairs
from workbench.analysis.win_rates import of_pairs, of_systems


@pytest.mark.parametrize("world", [World(raters=8, images=10, ties=0.3, rater_variance=0.5), World(raters=7, images=9, image_variance=0.5)])
def test_studies_estimated_together_are_the_studies_estimated_one_by_one(world):
    votes, answers = pair_votes(world, 3), outcomes(world, 3)
    for one, many in ((estimate(votes), strengths_of_many(world, answers)), (of_pairs(votes), pair_rates_of_many(world, answers))):
        values = one.values if hasattr(one, "values") else one.rates
        assert values == pytest.approx(many.values[0], abs=1e-9)
        assert one.spread.half_widths(np.eye(3)) == pytest.approx(many.spreads[0].half_widths(np.eye(3)), abs=1e-9)


@pytest.mark.parametrize(
    "world",
    [
        World(raters=6, ties=0.2),
        World(raters=6, ties=0.4, rater_variance=0.5),
        World(raters=12, rater_variance=0.5, image_variance=0.5),
    ],
)
@pytest.mark.slow
def test_intervals_hold_the_truth_and_tests_keep_their_level(world):
    # 100 studies of three intervals each that are not independent: the standard error of a coverage of 0.95 is at most 0.02.
    results = coverage_of(world, 100)
    for what in ("strengths", "differences", "win rates"):
        assert results[what] == pytest.approx(0.95, abs=0.05), (what, results)
    assert results["of differences"] <= 0.05 + 0.06
    assert results["of win rates"] <= 0.05 + 0.06


def crossed_normal_effects(raters, images, of_raters, of_images, draw, size=50):
    """Estimates of zero and their spread: means over two crossed normal effects, whose variances are in units of that of the rest."""
    rest = draw.chisquare((raters - 1) * (images - 1), size)
    by_rater, by_image = (1 + of_raters) * draw.chisquare(raters - 1, size), (1 + of_images) * draw.chisquare(images - 1, size)
    whole = np.diag((by_rater + by_image + rest) / (raters * images - 1))
    parts = Part(np.diag(by_rater / (raters - 1)), raters, raters), Part(np.diag(by_image / (images - 1)), images, images)
    return np.sqrt(1 + of_raters + of_images) * draw.normal(size=size), Spread(Part(whole, raters * images, raters * images), *parts)


@pytest.mark.slow
@pytest.mark.parametrize(("raters", "images"), [(6, 20), (12, 60), (7, 8)])
def test_intervals_of_crossed_normal_effects_hold_what_they_say_whether_these_differ_or_not(raters, images):
    draw = np.random.default_rng(raters)
    for of_raters, of_images in ((0, 0), (1, 0), (8, 0), (0, 20), (4, 4)):
        inside = []
        for _ in range(80):
            values, around = crossed_normal_effects(raters, images, of_raters, of_images, draw)
            inside.append(np.abs(values) <= around.half_widths(np.eye(len(values))))
        # 4,000 intervals: the standard error is 0.0035. In the long run 0.944 to 0.970.
        assert 0.934 <= np.mean(inside) <= 0.980, (of_raters, of_images)


def spread_of(ratios, raters=6, images=20):
    """Of uncorrelated estimates, the spread whose two-way variances are these times those of independent votes, which are 1."""
    images_part, votes = Part(np.eye(len(ratios)), images, images), Part(np.eye(len(ratios)), raters * images, raters * images)
    _, of_images, of_votes = (weight for weight, _ in Spread(votes, Part(votes.covariance, raters, raters), images_part).weighted())
    of_raters = 1 - of_images - of_votes
    by_rater = np.diag([(ratio - of_images - of_votes) / of_raters for ratio in ratios])
    return Spread(votes, Part(by_rater, raters, raters), images_part)


def test_one_estimate_that_varies_a_little_more_than_votes_do_is_taken_for_chance_and_several_are_not():
    alone, freedom = spread_of([1.15]).variances(np.eye(1))
    assert alone == pytest.approx([1.0])
    assert freedom == pytest.approx([119]), "those of independent votes"
    together, _ = spread_of([1.15] * 30).variances(np.eye(30))
    assert together == pytest.approx([1.15] * 30)


def test_raters_who_plainly_differ_count_in_every_estimate_that_they_make_vary():
    variances, freedom = spread_of([6.0, 5.0, 0.8]).variances(np.eye(3))
    assert variances == pytest.approx([6.0, 5.0, 1.0])
    assert freedom[0] < 8
    assert freedom[2] == pytest.approx(119)


def test_one_system_that_divides_the_raters_counts_among_many_that_do_not():
    variances, freedom = spread_of([3.0] + [0.8] * 9).variances(np.eye(10))
    assert variances == pytest.approx([3.0] + [1.0] * 9)
    assert freedom[0] < 12


def test_ties_do_not_draw_strengths_together():
    world = World(strengths=(1.0, 0.0, -1.0), raters=30, images=30, ties=0.4)
    fitted = estimate(pair_votes(world, 1))
    # 2,700 votes: a strength is known to 0.05.
    assert fitted.values == pytest.approx(world.strengths, abs=0.15)
    half_wins = of_pairs(pair_votes(world, 1)).rates[0]
    assert np.log(half_wins / (1 - half_wins)) < 0.75 * (fitted.values[0] - fitted.values[1])


def test_agreement_does_not_know_what_systems_are_called_nor_which_side_they_were_on():
    names = {"system-0": "z", "system-1": "m", "system-2": "a"}
    for seed in range(5):
        votes = pair_votes(World(raters=6, images=8, ties=0.2, image_variance=0.5), seed)
        one, other = agreement_of(votes), agreement_of(renamed(votes, names))
        for key in ("alpha", "low", "high"):
            assert one[key] == pytest.approx(other[key], abs=1e-12)


def test_two_systems_of_which_one_always_wins_are_agreed_upon_whatever_their_order():
    # Every rater prefers the same one of each pair; who comes first by name is the worse in half of the pairs.
    votes = pair_votes(World(strengths=(9.0, 0.0, -9.0), raters=4, images=6), 0)
    assert agreement_of(votes)["alpha"] > 0.95


@pytest.mark.slow
def test_scales_agree_each_by_itself_and_noise_on_two_of_them_is_no_agreement():
    apart, pooled = alpha_of_noise(20)
    # The mean of 40 alphas, each with a standard deviation of about 0.05.
    assert apart == pytest.approx(0, abs=0.03)
    assert pooled > 0.5
    values = scores(6, 0)[0]
    results = analyze_categories([*values, *(replace(value, scale="match", value=3) for value in values)])
    assert results.alpha is None
    assert [row["scale"] for row in results.agreement] == ["match", "quality"]
    assert results.agreement[0]["alpha"] is None


@pytest.mark.slow
def test_recovered_scores_need_enough_scores_a_picture():
    few, many = by_scale(scores(ENOUGH_SCORES - 1, 0)[0])[0], by_scale(scores(12, 0)[0])[0]
    assert all(row["recovered"] is None for row in few.rows())
    true = scores(12, 0)[1]
    for row in many.rows():
        # Bias, rounding and the ends of the scale: within a quarter of a point.
        assert row["recovered"] == pytest.approx(true[row["name"]], abs=0.25)
        assert row["recovered_low"] < row["recovered"] < row["recovered_high"]


def test_an_effect_is_found_though_one_of_twenty_images_was_shown_in_both_groups():
    results = [effect_p(1, 1.5, seed, deals=99) for seed in range(6)]
    assert sum(p <= 0.05 for p in results) >= 5
    assert min(effect_p(1, 0.0, seed, deals=99) for seed in range(6)) > 0.01


def test_votes_weighted_by_reliability_keep_the_result_and_come_nearer_to_those_who_look():
    for seed in range(4):
        votes = votes_with_guessers(0.71, seed)
        reliability = reliabilities(votes)
        assert min(reliability[f"r{rater}"] for rater in range(6)) > max(reliability[f"r{rater}"] for rater in range(6, 9))
        plain, weighted = of_systems(votes), of_systems(votes, weights(reliability))
        assert plain.names[1] == "b"
        assert weighted.rates[1] > plain.rates[1] > 0.5


@pytest.mark.slow
def test_a_circle_is_found_named_and_takes_the_headline_from_strengths():
    results = analyze_pairs(pair_votes(World(strengths=(0.0, 0.0, 0.0), raters=12, circle=1.0), 0))
    assert not results.fit["holds"]
    assert results.fit["cycles"] == [["system-0", "system-1", "system-2"]]
    assert results.headline == "win rates"
    assert any("go in a circle: system-0 beats system-1" in note for note in results.notes)
    fitting = analyze_pairs(pair_votes(World(raters=12, rater_variance=0.5), 0))
    assert fitting.fit["holds"]
    assert fitting.headline == "strengths"


@pytest.mark.slow
def test_the_fit_of_strengths_is_rarely_doubted_where_they_hold():
    results = [model_fit(estimate(pair_votes(World(raters=8, images=10, image_variance=0.5), seed)))["p_value"] for seed in range(30)]
    # Thirty tests at 5 %: more than six are rarer than one in a thousand.
    assert sum(p < 0.05 for p in results) <= 6


@pytest.mark.slow
def test_few_raters_have_intervals_with_a_warning_and_no_p_values():
    results = analyze_pairs(pair_votes(World(raters=4), 0))
    assert all(row["p_value"] is None and row["p_holm"] is None for row in results.pairs)
    assert all(row["low"] < row["strength"] < row["high"] for row in results.systems)
    assert any(note.startswith("Few raters: with 4, fewer than 6") for note in results.notes)
    more = analyze_pairs(pair_votes(World(raters=6), 0))
    assert all(row["p_holm"] is not None for row in more.pairs)
    assert not any(note.startswith("Few raters") for note in more.notes)


def test_a_mean_is_as_uncertain_as_its_random_effects_say():
    draw = np.random.default_rng(0)
    raters, images = np.repeat(np.arange(30), 25), np.tile(np.arange(25), 30)
    score = draw.normal(size=30)[raters] + draw.normal(size=25)[images] + draw.normal(size=750)
    cells = np.stack([score, np.ones(750)], axis=1)
    results = spread(csr_array(cells), raters, images, lambda totals: totals[:, :1] / totals[:, 1:])
    # Variances 1/30 + 1/25 + 1/750; each of the first two is known to a quarter from so many clusters.
    assert results.errors(np.eye(1))[0] ** 2 == pytest.approx(1 / 30 + 1 / 25 + 1 / 750, rel=0.6)
    assert 24 <= results.variances(np.eye(1))[1][0] <= 60


def test_a_liking_for_a_side_is_not_found_where_there_is_none():
    results = [davidson(pair_votes(World(raters=8, images=8), seed))[1] for seed in range(10)]
    # Ten tests at 5 %: more than three are rarer than one in nine hundred.
    assert sum(order["p_value"] < 0.05 for order in results) <= 3
    assert all(order["low"] < order["effect"] < order["high"] for order in results)


def test_raters_and_images_that_do_not_differ_leave_strengths_as_they_are_in_the_population():
    assert population(World()).strengths == pytest.approx(World().strengths, abs=1e-6)
    # Tastes that differ bring the outcomes of many nearer to even.
    assert population(World(rater_variance=0.5)).strengths[0] < 0.57


@pytest.mark.slow
def test_a_misfit_too_small_to_matter_leaves_the_headline_to_strengths():
    slight = model_fit(estimate(pair_votes(World(strengths=(0.0, 0.0, 0.0), raters=60, images=100, circle=0.08), 0)))
    assert slight["p_value"] < 0.05
    assert 0.01 < slight["furthest"] < 0.03
    assert slight["holds"]
    assert slight["cycles"] == []
