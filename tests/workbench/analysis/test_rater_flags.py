"""Flags are for those who do not look, however many votes there are: not for a taste, a mild liking, or pictures that hardly differ."""

import numpy as np
import pytest

from tests.workbench.simulated_studies import World, simulate
from workbench.analysis.rater_flags import raters_of
from workbench.analysis.results import CategoryVote, ChoiceVote, analyze_categories, analyze_pairs


def scored(quality, subjects=10, noise=0.8, seed=0, **others):
    """Values of subjects for stimuli of a quality; `others` answer as a function of the stimulus says."""
    draw = np.random.default_rng(seed)
    values = [
        CategoryVote(
            f"s{subject}", ("t", stimulus), f"system-{stimulus % 2}", "natural", int(np.clip(round(mean + noise * draw.normal()), 1, 5))
        )
        for stimulus, mean in enumerate(quality)
        for subject in range(subjects)
    ]
    values += [
        CategoryVote(name, ("t", stimulus), f"system-{stimulus % 2}", "natural", answer(stimulus, draw))
        for name, answer in others.items()
        for stimulus in range(len(quality))
    ]
    return values


def flags_of(results):
    return {row["rater"]: row["flags"] for row in results.raters}


def test_a_mild_liking_for_a_side_is_no_flag_in_a_thousand_votes():
    draw = np.random.default_rng(0)
    votes = [ChoiceVote("mild", unit, ("a", "b") if unit % 2 else ("b", "a"), None) for unit in range(1000)]
    left = draw.random(1000) < 0.6
    votes = [ChoiceVote("mild", vote.unit, vote.shown, vote.shown[0 if first else 1]) for vote, first in zip(votes, left, strict=True)]
    assert raters_of(votes)[0]["flags"] == []
    strong = [ChoiceVote("strong", vote.unit, vote.shown, vote.shown[0 if unit % 5 else 1]) for unit, vote in enumerate(votes)]
    assert raters_of(strong)[0]["flags"] == ["chose the left side in 800 of 1000 decided votes"]


def test_a_taste_a_little_against_the_others_is_no_flag_in_a_thousand_votes():
    draw = np.random.default_rng(1)
    votes = [ChoiceVote(f"r{rater}", unit, ("a", "b"), "a" if draw.random() < 0.6 else "b", sided=False)
             for unit in range(1000) for rater in range(10)]  # fmt: skip
    votes += [ChoiceVote("other", unit, ("a", "b"), "a" if draw.random() < 0.35 else "b", sided=False) for unit in range(1000)]
    dissenter = next(row for row in raters_of(votes) if row["rater"] == "other")
    assert 0.45 < dissenter["agreement"] < 0.5
    assert dissenter["flags"] == []


@pytest.mark.slow
def test_where_pictures_hardly_differ_nobody_is_flagged_for_not_following():
    for seed in range(5):
        assert not any(flags_of(analyze_categories(scored([3.0] * 60, seed=seed))).values())


@pytest.mark.slow
def test_who_scores_at_random_is_flagged_where_the_others_follow_the_pictures():
    hits = 0
    for seed in range(10):
        quality = np.random.default_rng(seed).uniform(1.5, 4.5, 60)
        flags = flags_of(analyze_categories(scored(quality, seed=seed, random=lambda _, draw: int(draw.integers(1, 6)))))
        hits += bool(flags.pop("random"))
        assert not any(flags.values())
    assert hits >= 9


@pytest.mark.slow
def test_who_gives_one_score_throughout_is_flagged_and_moves_recovered_scores_little():
    quality = np.tile([2.0, 4.0], 30)
    with_line = analyze_categories(scored(quality, line=lambda *_: 3))
    assert any("answered 3 in 60 of 60 votes" in flag for flag in flags_of(with_line)["line"])
    without = analyze_categories(scored(quality))
    for row, other in zip(with_line.systems, without.systems, strict=True):
        assert row["recovered"] == pytest.approx(other["recovered"], abs=0.35)
        assert row["recovered_high"] - row["recovered_low"] > 0.02


@pytest.mark.slow
def test_large_studies_flag_spammers_and_nobody_else():
    study = simulate(World(raters=30, trials=400, images=100), 1)
    flags = flags_of(analyze_pairs(study.votes, checks=study.checks))
    assert {rater for rater, reasons in flags.items() if reasons} == study.spammers
