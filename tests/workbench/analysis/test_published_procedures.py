"""Fits, spreads, tests and screening against other people's code, published procedures and closed cases."""

import choix
import numpy as np
import pytest
import statsmodels.api as sm
from scipy.sparse import csr_array
from scipy.stats import binom, norm
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.sandwich_covariance import cov_cluster

from tests.workbench.simulated_studies import World, simulate
from workbench.analysis import conditional_logit
from workbench.analysis.cluster_spread import FEWEST, spread
from workbench.analysis.dawid_skene import reliabilities
from workbench.analysis.design_matrix import chain_of, luce_ballots
from workbench.analysis.guessing import guessing
from workbench.analysis.permutation_tests import grouped, luce_fit, mean_gap, permutation_p
from workbench.analysis.preference_strengths import davidson, estimate, order_is_known
from workbench.analysis.sample_size import sign_test_power
from workbench.analysis.signal_detection import cells_of, independent_covariance, sensitivity_index
from workbench.analysis.significance import holm, sign_test
from workbench.analysis.subject_model import correlations, recover
from workbench.analysis.vote_records import ChoiceVote

CALM = World(raters=12, trials=40, images=20, spammers=0, side=0, side_spread=0, reliability_spread=0, checks=0)


def ballots_of(votes):
    return luce_ballots(votes)


def test_strengths_of_pairs_are_those_that_choix_finds_with_the_inverse_information_as_their_covariance():
    votes = simulate(CALM, 3).votes
    fitted = estimate(votes)
    place = {name: number for number, name in enumerate(fitted.names)}
    won = [(place[vote.winner], place[next(name for name in vote.shown if name != vote.winner)]) for vote in votes]
    expected = choix.ilsr_pairwise(5, won, max_iter=10_000)
    assert fitted.values == pytest.approx(expected - expected.mean(), abs=1e-6)
    chance = 1 / (1 + np.exp(fitted.values[None, :] - fitted.values[:, None]))
    met = np.zeros((5, 5))
    for winner, loser in won:
        met[winner, loser] += 1
        met[loser, winner] += 1
    weights = met * chance * chance.T
    basis = conditional_logit.contrasts(5)
    covariance = np.linalg.pinv(np.diag(weights.sum(axis=1)) - weights)
    assert basis @ fitted.ballots.independent @ basis.T == pytest.approx(covariance, abs=1e-9)


def test_strengths_of_choices_and_rankings_are_those_that_choix_finds():
    draw = np.random.default_rng(0)
    votes = [ChoiceVote("x", unit, ("a", "b", "c"), None, ranking=tuple(draw.permutation(["a", "b", "c"]).tolist())) for unit in range(40)]
    votes += [ChoiceVote("y", unit, ("a", "c"), str(draw.choice(["a", "c"]))) for unit in range(20)]
    chain = [
        ("abc".index(chosen), ["abc".index(name) for name in shown if name != chosen])
        for vote in votes
        for chosen, shown, _ in chain_of(vote)
    ]
    expected = choix.ilsr_top1(3, chain, max_iter=10_000)
    assert estimate(votes).values == pytest.approx(expected - expected.mean(), abs=1e-6)


@pytest.mark.parametrize("chances", [[], [0.2], [0.04, 0.001, 0.3, 0.04, 0.9, 0.012], np.random.default_rng(0).random(30).tolist()])
def test_p_values_are_corrected_as_statsmodels_does_by_holm(chances):
    assert holm(chances) == (multipletests(chances, method="holm")[1].tolist() if chances else [])


def test_resamples_that_fall_apart_stay_finite():
    votes = [
        ChoiceVote(f"r{rater}", image, ("a", "b") if rater < 5 else ("b", "c"), "b", image=image)
        for rater in range(10)
        for image in range(6)
    ]
    fitted = estimate([*votes, ChoiceVote("r0", 9, ("a", "b"), "a"), ChoiceVote("r9", 9, ("b", "c"), "c")])
    halves = fitted.spread.half_widths(np.eye(3))
    assert np.isfinite(halves).all()
    assert (halves > 0).all()


def test_the_spread_of_a_mean_is_the_two_way_clustered_one():
    draw = np.random.default_rng(2)
    raters, images = np.repeat(np.arange(20), 15), np.tile(np.arange(15), 20)
    score = draw.normal(size=20)[raters] + 0.7 * draw.normal(size=15)[images] + draw.normal(size=300)
    cells = np.stack([score, np.ones(300)], axis=1)
    of_mean = spread(csr_array(cells), raters, images, lambda totals: totals[:, :1] / totals[:, 1:])
    fitted = sm.OLS(score, np.ones(300)).fit()
    # Each part is the sandwich over its clusters with the correction G / (G − 1), which the jackknife of a balanced mean has built in.
    for part, labels, clusters in ((of_mean.raters, raters, 20), (of_mean.images, images, 15), (of_mean.votes, np.arange(300), 300)):
        expected = cov_cluster(fitted, labels, use_correction=False)[0, 0] * clusters / (clusters - 1)
        assert part.covariance[0, 0] == pytest.approx(expected, rel=1e-9)
        assert part.clusters == clusters
    # The analysis of variance of two crossed random effects: (MS raters + MS images − MS rest) / votes, without bias.
    table = score.reshape(20, 15)
    by_rater, by_image = 15 * table.mean(axis=1).var(ddof=1), 20 * table.mean(axis=0).var(ddof=1)
    rest = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    variance, freedom = of_mean.variances(np.eye(1))
    assert variance[0] == pytest.approx((by_rater + by_image - (rest**2).sum() / (19 * 14)) / 300, rel=1e-9)
    assert 14 <= freedom[0] <= 33


def test_raters_who_are_alike_by_chance_do_not_make_votes_better_than_independent_ones():
    # Every rater's and every image's mean is the same: both ways of clustering say that there is no spread at all.
    score = np.where((np.arange(8)[:, None] + np.arange(10)) % 2, 1.0, -1.0).ravel()
    raters, images = np.repeat(np.arange(8), 10), np.tile(np.arange(10), 8)
    cells = np.stack([score, np.ones(80)], axis=1)
    of_mean = spread(csr_array(cells), raters, images, lambda totals: totals[:, :1] / totals[:, 1:])
    variance, freedom = of_mean.variances(np.eye(1))
    assert variance[0] == pytest.approx(score.var(ddof=1) / 80)
    assert freedom[0] == pytest.approx(79)


def test_one_rater_is_taken_as_fixed_and_few_have_the_degrees_of_freedom_of_their_number():
    draw = np.random.default_rng(0)
    images = np.tile(np.arange(30), 4)

    def of(raters):
        cells = np.stack([draw.normal(size=120), np.ones(120)], axis=1)
        return spread(csr_array(cells), raters, images, lambda totals: totals[:, :1] / totals[:, 1:])

    one, few = of(np.zeros(120, int)), of(np.repeat(np.arange(4), 30))
    assert one.raters is None
    assert few.variances(np.eye(1))[1][0] == 3
    assert not one.testable
    assert not few.testable
    assert np.isnan(few.p_values(np.eye(1), np.array([3.0]))).all()
    assert FEWEST == 6


def test_the_same_votes_give_the_same_intervals_in_whatever_order():
    votes = simulate(CALM, 1).votes
    assert estimate(votes).system(0) == pytest.approx(estimate(votes[::-1]).system(0), abs=1e-12)


def test_order_and_ties_are_recovered_by_davidsons_model():
    study = simulate(
        World(raters=60, trials=60, spammers=0, side=0.5, side_spread=0, reliability_spread=0, rater_spread=0, image_spread=0), 5
    )
    fitted, order = davidson(study.votes)
    assert order["low"] < 0.5 < order["high"]
    assert order["p_value"] < 0.001
    for place, true in enumerate((1.0, 0.5, 0.0, -0.5, -1.0)):
        assert fitted.system(place)["strength"] == pytest.approx(true, abs=0.15)


def test_davidsons_model_equals_a_general_multinomial_fit_in_its_closed_case():
    # Two systems, both orders alike: the odds of a win against a loss are 60 : 20, those of a tie against their geometric mean 24 : √1200.
    votes = []
    for order in (("a", "b"), ("b", "a")):
        for winner, times in (("a", 30), ("b", 10), (None, 12)):
            votes += [ChoiceVote(f"r{number % 8}", number % 9, order, winner) for number in range(times)]
    fitted, order = davidson(votes)
    # The weak prior of the model moves estimates by about a thousandth.
    assert fitted.values[0] - fitted.values[1] == pytest.approx(np.log(3), abs=3e-3)
    assert order["effect"] == pytest.approx(0, abs=1e-9)


def test_an_order_that_never_varies_cannot_be_told_from_strength():
    assert not order_is_known([ChoiceVote("x", 1, ("a", "b"), "a"), ChoiceVote("y", 1, ("a", "b"), "b")])
    assert order_is_known([ChoiceVote("x", 1, ("a", "b"), "a"), ChoiceVote("y", 1, ("b", "a"), "b")])
    assert not order_is_known([ChoiceVote("x", 1, ("a", "b"), "a"), ChoiceVote("y", 1, ("b", "a"), "b", sided=False)])


def test_the_sign_test_is_the_one_that_is_planned_for():
    assert sign_test(0, 6) == pytest.approx(2 / 64)
    assert sign_test(3, 6) == sign_test(0, 0) == 1
    rejected = [wins for wins in range(41) if sign_test(wins, 40) <= 0.05]
    assert sign_test_power(40, 0.7) == pytest.approx(sum(binom.pmf(wins, 40, 0.7) for wins in rejected))


def test_reliabilities_order_raters_as_they_are_and_no_name_counts():
    draw = np.random.default_rng(4)
    rows, true, skill = [], draw.integers(0, 2, 60), [0.95, 0.9, 0.8, 0.7, 0.5, 0.5]
    for unit in range(60):
        rows += [(unit, rater, int(true[unit] if draw.random() < careful else 1 - true[unit])) for rater, careful in enumerate(skill)]
    units, raters, sides = zip(*rows, strict=True)
    fitted = reliabilities(units, raters, sides)
    # Sixty answers: the standard error of a share is at most 0.065.
    for rater, careful in enumerate(skill):
        assert fitted[rater] == pytest.approx(careful, abs=0.15)
    mirrored = reliabilities(units, raters, [1 - side for side in sides])
    assert mirrored == pytest.approx(fitted, abs=1e-9)


# Twelve stimuli, seven subjects, 0 where a score is missing; and what the reference code of ITU-T P.910, Appendix VI, makes of them.
SCORES = [[4, 3, 3, 3, 2, 4, 4], [2, 1, 2, 2, 3, 3, 4], [3, 3, 2, 3, 2, 3, 2], [3, 0, 2, 4, 0, 3, 4], [5, 4, 4, 5, 3, 5, 5],
          [3, 0, 2, 3, 3, 4, 3], [4, 3, 3, 0, 4, 3, 0], [2, 2, 2, 2, 2, 3, 2], [4, 3, 3, 3, 3, 4, 5], [1, 1, 2, 2, 0, 3, 2],
          [2, 1, 1, 2, 2, 1, 5], [4, 3, 3, 4, 4, 5, 5]]  # fmt: skip
QUALITY = [3.502538, 2.00664, 3.017229, 3.012077, 4.639658, 2.871812, 3.622137, 2.293891, 3.557321, 1.685812, 1.71196, 3.786487]
BIAS = [0.107703, -0.582367, -0.558964, 0.083143, -0.300967, 0.441036, 0.810416]
INCONSISTENCY = [0.326477, 0.25761, 0.380764, 0.418152, 0.821374, 0.651369, 1.11615]


def test_recovered_scores_equal_those_of_the_reference_code_of_p910():
    ratings = [(row, column, score) for row, scores in enumerate(SCORES) for column, score in enumerate(scores) if score]
    fitted = recover(*zip(*ratings, strict=True))
    assert fitted.quality == pytest.approx(QUALITY, abs=1e-5)
    assert fitted.bias == pytest.approx(BIAS, abs=1e-5)
    assert fitted.inconsistency == pytest.approx(INCONSISTENCY, abs=1e-5)


def test_a_subject_who_scores_at_random_weighs_little_and_does_not_follow_the_others():
    draw = np.random.default_rng(1)
    quality = np.linspace(1, 5, 30)
    ratings = [(stimulus, f"s{subject}", score + 0.4 * draw.normal()) for stimulus, score in enumerate(quality) for subject in range(8)]
    ratings += [(stimulus, "random", draw.integers(1, 6)) for stimulus in range(30)]
    columns = list(zip(*ratings, strict=True))
    fitted = recover(*columns)
    assert fitted.inconsistency[fitted.subjects.index("random")] > 3 * max(fitted.inconsistency[:8])
    related = correlations(*columns)
    assert related["s0"][0] > 0.75 > 0.5 > abs(related["random"][0])
    assert related["random"][1] == 30


def test_a_subject_who_gives_one_score_throughout_does_not_weigh_all():
    draw = np.random.default_rng(2)
    quality = np.linspace(2, 4, 20)
    ratings = [(stimulus, f"s{subject}", score + 0.5 * draw.normal()) for stimulus, score in enumerate(quality) for subject in range(9)]
    ratings += [(stimulus, "line", 3.0) for stimulus in range(20)]
    fitted = recover(*zip(*ratings, strict=True))
    # Nine subjects of deviation 0.5 know a picture to 0.17; one at 3 throughout pulls the ends in by less than half of the way.
    assert np.corrcoef(fitted.quality, quality)[0, 1] > 0.95
    assert fitted.quality[-1] - fitted.quality[0] > 1.2
    assert (fitted.error > 0.05).all()


def test_telling_originals_has_the_d_prime_of_its_shares():
    # Right in 76 % of both orders is d′ = √2 z(0.76) = 0.999; half an answer more in each cell moves it by a thousandth.
    original = np.array([True] * 1000 + [False] * 1000)
    chosen = np.array([True] * 760 + [False] * 240 + [True] * 240 + [False] * 760)
    totals = np.asarray(cells_of(original, chosen, np.zeros(2000, int), 1, np.ones(2000)).sum(axis=0))
    value, criterion = sensitivity_index(totals[None])[0]
    assert value == pytest.approx(np.sqrt(2) * norm.ppf(0.76), abs=2e-3)
    assert criterion == pytest.approx(0, abs=1e-9)
    assert independent_covariance(totals)[0, 0] == pytest.approx(0.76 * 0.24 / 1000 / norm.pdf(norm.ppf(0.76)) ** 2, rel=5e-3)


def test_all_right_is_finite_and_a_liking_for_the_left_is_a_criterion_not_a_skill():
    assert np.isfinite(sensitivity_index(np.array([[20.0, 0, 0, 20]]))).all()
    value, criterion = sensitivity_index(np.array([[80.0, 20, 80, 20]]))[0]
    assert value == pytest.approx(0)
    assert criterion < -0.5


def test_groups_that_matter_are_found_and_others_not():
    draw = np.random.default_rng(0)

    def p_value(flip: bool, seed: int) -> float:
        votes, groups = [], []
        for image in range(40):
            for rater in range(8):
                group = ("complete", "scarce")[image % 2]
                chance = 0.25 if flip and group == "scarce" else 0.75
                votes.append(ChoiceVote(f"r{rater}", image, ("a", "b"), "a" if draw.random() < chance else "b"))
                groups.append(group)
        ballots = ballots_of(votes)
        return permutation_p(grouped(groups, ballots.rater, ballots.image, ballots.cells), luce_fit(ballots), seed=seed, deals=199)

    assert p_value(True, 0) == pytest.approx(1 / 200)
    # Under no effect p is uniform: of twelve values none so small but with a chance of 6 %.
    assert min(p_value(False, seed) for seed in range(12)) > 0.005


def test_a_gap_between_groups_of_scores_is_what_the_sums_of_squares_say():
    same = np.array([[[8.0, 4, 2, 2], [12.0, 8, 2, 2]]])  # means 4 and 2, then 6 and 4: both systems rise alike
    crossed = np.array([[[8.0, 4, 2, 2], [8.0, 12, 2, 2]]])
    assert mean_gap(same)[0] == pytest.approx(0)
    assert mean_gap(crossed)[0] == pytest.approx(8 * 1.0)


def test_a_study_without_preferences_has_no_guessers():
    study = simulate(World(strengths=(0.0,) * 5, spammers=0, checks=0), 2)
    ballots = ballots_of(study.votes)
    raters = list(dict.fromkeys(vote.rater for vote in study.votes))
    first = np.array([vote.shown[0] == vote.winner for vote in study.votes])
    assert max(guessing(ballots, raters, first).values()) < 0.5
