"""Results from votes alone, and flags that name their reason."""

import numpy as np
import pytest

from workbench.analysis.agreement import krippendorff_alpha
from workbench.analysis.results import (
    CategoryVote,
    ChoiceVote,
    analyze_categories,
    analyze_choices,
    analyze_pairs,
    analyze_rankings,
    choices_from_rows,
)
from workbench.errors import InvalidInputError


def row(rater, image, a, b, winner, **more):
    return {"rater": rater, "image": image, "system_a": a, "system_b": b, "winner": winner} | more


def simulated_votes(strengths, *, raters=6, images=12, seed=0, seconds=3.0):
    """Votes of raters who follow the model, sides at random."""
    draw = np.random.default_rng(seed)
    names = sorted(strengths)
    votes = []
    for rater in range(raters):
        for image in range(images):
            for i, first in enumerate(names):
                for second in names[i + 1 :]:
                    a, b = (first, second) if draw.random() < 0.5 else (second, first)
                    chance = 1 / (1 + np.exp(strengths[b] - strengths[a]))
                    votes.append(row(f"r{rater}", f"i{image}", a, b, a if draw.random() < chance else b, seconds=seconds))
    return votes


@pytest.mark.slow
def test_rows_from_elsewhere_give_the_documented_keys():
    votes = choices_from_rows(simulated_votes({"ours": 0.8, "theirs": 0.0, "old": -0.8}))
    results = analyze_pairs(votes).as_json()
    assert {"systems", "pairs", "alpha", "raters", "votes", "simulated"} <= results.keys()
    assert {"name", "strength", "low", "high", "wins", "votes", "win_rate"} <= results["systems"][0].keys()
    assert {"rater", "votes", "agreement", "flags"} <= results["raters"][0].keys()
    by_name = {system["name"]: system for system in results["systems"]}
    assert sum(system["strength"] for system in results["systems"]) == pytest.approx(0, abs=1e-9)
    for name, true in (("ours", 0.8), ("theirs", 0.0), ("old", -0.8)):
        assert by_name[name]["low"] < true < by_name[name]["high"]
    assert len(results["pairs"]) == 3
    assert sum(pair["votes"] for pair in results["pairs"]) == results["votes"] == 216


def test_strengths_and_alpha_are_those_of_the_arithmetic():
    votes = choices_from_rows(
        [row("x", "1", "a", "b", "a"), row("y", "1", "b", "a", "a"), row("x", "2", "a", "b", "b"), row("y", "2", "a", "b", "tie")]
    )
    results = analyze_pairs(votes)
    # Two wins to one and a tie: Davidson's strengths are those of decided votes, ties or not; a tie is half a win in the win rate.
    assert results.model == "Davidson"
    assert results.pairs[0]["difference"] == pytest.approx(np.log(2), abs=1e-4)
    # Each unit with its mirror image: chance is a coin between the two sides.
    assert results.alpha == pytest.approx(krippendorff_alpha([["a", "a"], ["b", "b"], ["b", "tie"], ["a", "tie"]]))
    assert results.pairs[0]["p_value"] is None
    assert (results.systems[0]["wins"], results.systems[0]["ties"], results.systems[0]["win_rate"]) == (2, 1, 0.625)


@pytest.mark.slow
def test_raters_who_toss_coins_agree_by_chance_however_many_systems_there_are():
    names = [f"s{number}" for number in range(6)]
    votes = choices_from_rows(simulated_votes(dict.fromkeys(names, 0.0), raters=4, images=60, seed=2))
    # 900 units of 4 votes: chance spreads alpha by about 0.014 around 0.
    assert analyze_pairs(votes).alpha == pytest.approx(0, abs=0.05)


@pytest.mark.slow
def test_one_sided_hasty_and_contrary_raters_are_flagged_with_the_reason_and_others_are_not():
    votes = simulated_votes({"good": 4.0, "bad": -4.0}, raters=4, images=30)
    votes += [
        row("left", f"i{image}", *(("good", "bad") if image % 2 else ("bad", "good")), winner)
        for image in range(30)
        for winner in [("good" if image % 2 else "bad")]
    ]
    votes += [row("hasty", f"i{image}", *(("good", "bad") if image % 2 else ("bad", "good")), "good", seconds="0.2") for image in range(30)]
    votes += [row("contrary", f"i{image}", *(("good", "bad") if image % 2 else ("bad", "good")), "bad") for image in range(30)]
    flags = {results["rater"]: results["flags"] for results in analyze_pairs(choices_from_rows(votes)).raters}
    assert flags["left"] == ["chose the left side in 30 of 30 decided votes"]
    assert flags["hasty"] == ["answered in 0.2 s at the median"]
    assert len(flags["contrary"]) == 1
    assert "less than chance" in flags["contrary"][0]
    assert all(not flags[f"r{number}"] for number in range(4))


def test_sides_are_not_judged_where_they_are_unknown():
    votes = [ChoiceVote("x", unit, ("a", "b"), "a", sided=False) for unit in range(40)]
    assert analyze_pairs(votes).raters[0]["flags"] == []


def test_agreement_of_a_rater_is_the_share_of_others_who_say_the_same():
    votes = choices_from_rows(
        [row("x", "1", "a", "b", "a"), row("y", "1", "a", "b", "a"), row("z", "1", "a", "b", "b"), row("w", "2", "a", "b", "b")]
    )
    assert {results["rater"]: results["agreement"] for results in analyze_pairs(votes).raters} == {"x": 0.5, "y": 0.5, "z": 0.0, "w": None}


@pytest.mark.slow
def test_systems_that_never_met_are_analyzed_apart_and_a_note_says_so():
    rows = [row(f"r{rater}", f"i{image}", a, b, a if rater < 6 else b) for rater in range(8) for image in range(8)
            for a, b in (("a", "b"), ("c", "d"))]  # fmt: skip
    results = analyze_pairs(choices_from_rows(rows))
    apart = analyze_pairs(choices_from_rows([each for each in rows if each["system_a"] == "a"]))
    assert results.components == [["a", "b"], ["c", "d"]]
    assert results.systems[:2] == apart.systems
    assert {(pair["system_a"], pair["system_b"]) for pair in results.pairs} == {("a", "b"), ("c", "d")}
    assert "never compared with each other: a, b; c, d" in results.notes[0]
    assert results.headline == "win rates"


def test_a_system_that_won_everything_is_noted():
    results = analyze_pairs(choices_from_rows([row("x", str(image), "a", "b", "a") for image in range(4)]))
    assert "virtual vote" in results.notes[0]
    assert results.alpha is None


def test_categories_agree_by_scale():
    values = [
        CategoryVote(rater, ("t", system), system, scale, value)
        for rater in "xy"
        for system, value in (("a", 4), ("b", 2))
        for scale in ("natural", "bleeding")
    ]
    results = analyze_categories(values)
    assert results.alpha is None
    assert {row["scale"]: row["alpha"] for row in results.agreement} == {"bleeding": pytest.approx(1), "natural": pytest.approx(1)}
    assert [row["agreement"] for row in results.raters] == [1.0, 1.0]
    assert (results.systems[0]["mean"], results.systems[0]["votes"]) == (4.0, 2)


def test_one_value_has_a_mean_without_an_interval():
    [system] = analyze_categories([CategoryVote("x", 1, "a", "natural", 4)]).systems
    assert (system["mean"], system["low"], system["high"]) == (4.0, None, None)


def test_choices_and_rankings_of_the_same_preference_order_systems_alike():
    order = ("a", "b", "c")
    chosen = [ChoiceVote("x", unit, order, "a") for unit in range(5)] + [ChoiceVote("y", unit, order, "b") for unit in range(2)]
    ranked = [ChoiceVote(rater, unit, order, None, ranking=order) for rater in "xy" for unit in range(3)]
    for results in (analyze_choices(chosen), analyze_rankings(ranked)):
        assert [system["name"] for system in sorted(results.systems, key=lambda system: -system["strength"])] == ["a", "b", "c"]
    assert analyze_rankings(ranked).alpha == pytest.approx(1)


@pytest.mark.parametrize(
    "broken",
    [
        row("", "1", "a", "b", "a"),
        row("x", "1", "a", "a", "a"),
        row("x", "1", "a", "b", "c"),
        row("x", "1", "a", "b", "a", seconds="soon"),
        {"rater": "x"},
    ],
)
def test_rows_that_are_no_votes_are_named(broken):
    with pytest.raises(InvalidInputError, match="Row 2"):
        choices_from_rows([row("x", "1", "a", "b", "tie"), broken])


def test_a_pair_vote_for_neither_is_refused():
    with pytest.raises(InvalidInputError, match="names one of them"):
        analyze_pairs([ChoiceVote("x", 1, ("a", "b"), "c")])
