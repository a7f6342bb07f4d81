"""Files of votes as other people's tools write them give what independent code makes of the same votes, or are refused by the row."""

import choix
import krippendorff
import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import norm

from workbench.analysis.vote_files import read_rows
from workbench.analysis.vote_layouts import analyze_file, votes_of
from workbench.errors import InvalidInputError

SYSTEMS = ("ours", "DeOldify", "L-CoDe")
PAIRS = ((0, 1), (1, 2), (2, 0))
WON = "aababbaabbabaaabbaaabaabbbabaabaaabbabaababbabaaababbaabaabbaaababaabbabaaaabbaabababaabaa"
"""By rater, image and pair, who won: the first or the second."""


def decided():
    """(rater, image, first, second, winner) of six raters, five photos and every two systems."""
    votes, answers = [], iter(WON)
    for rater in range(6):
        for image in range(5):
            for a, b in PAIRS:
                first, second = (a, b) if (rater + image) % 2 else (b, a)
                winner = first if next(answers) == "a" else second
                votes.append((f"P{rater}", f"photo {image}.png", SYSTEMS[first], SYSTEMS[second], SYSTEMS[winner]))
    return votes


def table(header, rows, separator=",", end="\n"):
    return end.join([separator.join(header), *(separator.join(map(str, row)) for row in rows)]) + end


def plain():
    return table(("rater", "image", "system_a", "system_b", "winner"), decided())


def german_spreadsheet():
    rows = [(rater, image, a, b, winner, "2,5") for rater, image, a, b, winner in decided()]
    return "sep=;\r\n" + table(("Rater", "Image", "System A", "System B", "Winner", "Seconds"), rows, ";", "\r\n") + ";;;;;\r\n"


def unicode_text_of_a_spreadsheet():
    return table(("Participant", "Photo", "Left", "Right", "Preferred"), decided(), "\t", "\r\n").encode("utf-16")


def with_a_mark():
    return b"\xef\xbb\xbf" + plain().encode()


def arena():
    sides = [(rater, image, a, b, "model_a" if winner == a else "model_b") for rater, image, a, b, winner in decided()]
    return table(("judge", "question_id", "model_a", "model_b", "winner"), sides)


def data_frame_with_its_index():
    rows = [(place, f'"{rater}"', f'"{image}"', a, b, "left" if winner == a else "RIGHT")
            for place, (rater, image, a, b, winner) in enumerate(decided(), 1)]  # fmt: skip
    return table(('""', "worker_id", "item", "left_system", "right_system", "response"), rows)


def winners_and_losers():
    return table(("annotator", "file", "winner", "loser"), [(r, i, won, a if won == b else b) for r, i, a, b, won in decided()], "|")


WRITTEN = [plain, german_spreadsheet, unicode_text_of_a_spreadsheet, with_a_mark, arena, data_frame_with_its_index, winners_and_losers]


def saved(tmp_path, content):
    path = tmp_path / "votes.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.slow
@pytest.mark.parametrize("write", WRITTEN)
def test_pairs_have_the_strengths_and_the_agreement_of_independent_code(tmp_path, write):
    votes = decided()
    wins = [(SYSTEMS.index(winner), SYSTEMS.index(a if winner == b else b)) for _, _, a, b, winner in votes]
    expected = choix.opt_pairwise(3, wins, tol=1e-10)
    results = analyze_file(saved(tmp_path, write()))
    assert (results.votes, results.model, len(results.raters)) == (90, "Bradley-Terry", 6)
    strengths = {row["name"]: row["strength"] for row in results.systems}
    assert [strengths[name] for name in SYSTEMS] == pytest.approx(expected - expected.mean(), abs=1e-5)
    for row in results.systems:
        assert row["win_rate"] == pytest.approx(np.mean([row["name"] == won for _, _, a, b, won in votes if row["name"] in (a, b)]))
    units = list(dict.fromkeys((image, *sorted((a, b))) for _, image, a, b, _ in votes))
    raters = sorted({vote[0] for vote in votes})
    side = np.full((len(raters), len(units)), np.nan)
    for rater, image, a, b, winner in votes:
        side[raters.index(rater), units.index((image, *sorted((a, b))))] = winner == min(a, b)
    alpha = krippendorff.alpha(np.hstack([side, 1 - side]), level_of_measurement="nominal")
    assert results.alpha == pytest.approx(alpha, abs=1e-12)
    sided = write is not winners_and_losers
    assert (results.order is not None) == sided


@pytest.mark.slow
@pytest.mark.parametrize("tie", ["tie", "Draw", "0.5", "0,5", "no preference"])
def test_ties_are_those_of_davidsons_model_as_a_log_linear_one(tmp_path, tie):
    separator = ";" if "," in tie else ","
    votes = [(*vote[:4], tie if place % 4 == 0 else vote[4]) for place, vote in enumerate(decided())]
    if tie in ("0.5", "0,5"):  # the column is a score of the first system
        votes = [(*vote[:4], vote[4] if vote[4] == tie else int(vote[4] == vote[2])) for vote in votes]
    results = analyze_file(saved(tmp_path, table(("rater", "image", "system_a", "system_b", "winner"), votes, separator)))
    counts = {(a, b): [0, 0, 0] for a, b in PAIRS}
    for place, (_, _, a, b, winner) in enumerate(decided()):
        pair = next((x, y) for x, y in PAIRS if {SYSTEMS[x], SYSTEMS[y]} == {a, b})
        counts[pair][2 if place % 4 == 0 else 0 if winner == SYSTEMS[pair[0]] else 1] += 1
    design, outcome = [], []
    for place, (a, b) in enumerate(PAIRS):
        for answer in range(3):
            row = np.zeros(6)
            row[place] = 1
            worth = np.zeros(3)
            worth[[a, b]] = (1, 0) if answer == 0 else (0, 1) if answer == 1 else (0.5, 0.5)
            row[3:5], row[5] = worth[:2] - worth[2], answer == 2
            design.append(row)
            outcome.append(counts[a, b][answer])
    fitted = sm.GLM(outcome, np.array(design), family=sm.families.Poisson()).fit(tol=1e-12).params
    strengths = {row["name"]: row["strength"] for row in results.systems}
    assert (results.model, sum(row["ties"] for row in results.systems)) == ("Davidson", 2 * 23)
    assert [strengths[name] for name in SYSTEMS[:2]] == pytest.approx(fitted[3:5], abs=1e-4)


@pytest.mark.slow
def test_rankings_and_choices_have_the_strengths_of_independent_code(tmp_path):
    orders = [(r, i, tuple(np.roll(np.arange(3)[:: 1 if (r * i) % 3 else -1], r + i * i))) for r in range(7) for i in range(6)]
    expected = choix.opt_rankings(3, [order for _, _, order in orders], tol=1e-10)
    listed = [(f"u{r}", f"{i}.jpg", " > ".join(SYSTEMS[place] for place in order)) for r, i, order in orders]
    ranked = [(f"u{r}", f"{i}.jpg", SYSTEMS[place], rank) for r, i, order in orders for rank, place in enumerate(order, 1)]
    for content in (table(("user", "picture", "Ranking"), listed), table(("user", "picture", "Model", "Rank"), ranked, ";")):
        results = analyze_file(saved(tmp_path, content))
        assert (results.method, results.votes) == ("ranking", 42)
        strengths = {row["name"]: row["strength"] for row in results.systems}
        assert [strengths[name] for name in SYSTEMS] == pytest.approx(expected - expected.mean(), abs=1e-5)
    chosen = [(f"u{r}", f"{i}.jpg", '"ours|DeOldify|L-CoDe"', SYSTEMS[order[0]]) for r, i, order in orders]
    expected = choix.opt_top1(3, [(order[0], tuple(order[1:])) for _, _, order in orders], tol=1e-10)
    results = analyze_file(saved(tmp_path, table(("respondent", "scene", "Options", "Best"), chosen)))
    strengths = {row["name"]: row["strength"] for row in results.systems}
    assert (results.method, results.model) == ("choice", "Luce")
    assert [strengths[name] for name in SYSTEMS] == pytest.approx(expected - expected.mean(), abs=1e-5)


@pytest.mark.slow
def test_scores_have_the_means_the_variance_and_the_agreement_of_independent_code(tmp_path):
    draw = np.random.default_rng(3)
    score = np.clip(np.round(3 + draw.normal(size=(8, 1)) + draw.normal(size=(1, 9)) + draw.normal(size=(8, 9))), 1, 5)
    rows = [(f"S{s}", f"img{i}", "ours", "Natürlichkeit", f"{score[s, i]:.1f}".replace(".", ",")) for s in range(8) for i in range(9)]
    content = table(("Subject", "Image", "Method", "Criterion", "Rating"), rows, ";", "\r\n").encode("utf-16")
    row = analyze_file(saved(tmp_path, content)).systems[0]
    assert row["mean"] == pytest.approx(score.mean(), abs=1e-12)
    # Two crossed random effects: the variance of the grand mean is (MS subjects + MS images − MS rest) / 72.
    subject, image = np.repeat(np.arange(8), 9), np.tile(np.arange(9), 8)
    exogenous = np.column_stack([np.ones(72), *(subject == each for each in range(1, 8)), *(image == each for each in range(1, 9))])
    rest = sm.OLS(score.ravel(), exogenous.astype(float)).fit().mse_resid
    subjects, images = 9 * score.mean(axis=1).var(ddof=1), 8 * score.mean(axis=0).var(ddof=1)
    vote_file = votes_of(read_rows(saved(tmp_path, content)))
    assert {vote.scale for vote in vote_file.votes} == {"Natürlichkeit"}
    half = (row["high"] - row["low"]) / 2
    error = np.sqrt((subjects + images - rest) / 72)
    # Student's t between the normal and that of seven degrees of freedom.
    assert 1.96 < half / error < 2.37
    alpha = krippendorff.alpha(score, level_of_measurement="ordinal")
    assert analyze_file(saved(tmp_path, content)).alpha == pytest.approx(alpha, abs=1e-12)


@pytest.mark.slow
def test_detection_has_the_sensitivity_that_its_formula_gives_by_hand(tmp_path):
    rows, hits, alarms = [], 0, 0
    for rater in range(6):
        for image in range(8):
            first = ("reference", "ours")[(rater + image) % 2]
            says_first = (rater * image + image) % 3 != 0
            other = "ours" if first == "reference" else "reference"
            rows.append((f"r{rater}", f"i{image}", first, other, "left" if says_first else "right"))
            hits += says_first and first == "reference"
            alarms += says_first and first == "ours"
    results = analyze_file(saved(tmp_path, table(("rater", "image", "left", "right", "answer"), rows)), detects=True)
    rates = norm.ppf((hits + 0.5) / 25), norm.ppf((alarms + 0.5) / 25)
    assert results.detection[0]["d_prime"] == pytest.approx((rates[0] - rates[1]) / np.sqrt(2), abs=1e-9)
    assert results.detection[0]["criterion"] == pytest.approx(-sum(rates) / 2, abs=1e-9)
    assert analyze_file(saved(tmp_path, table(("rater", "image", "left", "right", "answer"), rows))).detection == []


@pytest.mark.parametrize(
    ("header", "rows", "says"),
    [
        ("image,system_a,system_b,winner", ["1,a,b,a"], "rater is missing; if one person gave all votes, add a column rater"),
        ("rater,image,left,right,vote", ["x,1,a,b,1", "x,2,a,b,2"], 'vote'),
        ("rater,image,left,right,vote", ["x,1,a,b,"], "Row 1 (line 2) is no vote: winner is empty; write tie where neither was better"),
        ("rater,image,left,right,vote", ["x,1,a,b,a", "Total,1,,,"], "Row 2 (line 3) is no vote: system_a, system_b, winner are empty"),
        ("rater,image,left,right,vote", ["x,1,a,b,a", "x,1,b,a,right"], "Row 2 (line 3) repeats row 1 (line 2)"),
        ("rater,image,left,right,vote", ["x,1,a,b,a", "x,1,b,a,left"], "Row 2 (line 3) contradicts row 1 (line 2)"),
        ("rater,image,left,right,vote", ["x,1,B,A,a"], 'winner "a" is none of B, A and no tie; write it as A'),
        ("rater,image,winner,loser", ["x,1,a,a"], "winner and loser are both a"),
        ("rater,image,ranking", ["x,1,a>b>a"], 'ranking "a>b>a" is to name two or more different systems'),
        ("subject,image,method,rating", ['x,1,a,"4,5"'], '"4,5" is no whole number of value'),
        ("subject,image,method,rating", ["x,1,a,3", "x,1,a,4"], "contradicts row 1 (line 2)"),
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_refused_with_the_row_and_what_to_do(tmp_path, header, rows, says):
    with pytest.raises(InvalidInputError) as refused:
        analyze_file(saved(tmp_path, "\n".join([header, *rows]) + "\n"))
    assert says in str(refused.value)


def test_a_column_of_sides_by_number_says_that_it_has_two_readings(tmp_path):
    with pytest.raises(InvalidInputError, match="may be the number of a side or a score"):
        analyze_file(saved(tmp_path, "rater,image,left,right,vote\nx,1,a,b,1\nx,2,a,b,0\n"))
