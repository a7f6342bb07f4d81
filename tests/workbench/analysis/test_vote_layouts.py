"""Files of votes are read as people write them, or refused with every row that is wrong and what to do."""

import pytest

from workbench.analysis.results import analyze_pairs
from workbench.analysis.vote_files import read_rows
from workbench.analysis.vote_layouts import analyze_file, votes_of
from workbench.errors import InvalidInputError

PAIRS = "rater,image,system_a,system_b,winner\n"


def written(tmp_path, content):
    path = tmp_path / "votes.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(tmp_path, content):
    with pytest.raises(InvalidInputError) as refused:
        analyze_file(written(tmp_path, content))
    return str(refused.value).splitlines()


def pair_rows(separator=",", decimal="."):
    lines = [separator.join(("rater", "image", "system_a", "system_b", "winner", "seconds"))]
    for rater in range(7):
        for image in range(7):
            winner = ("a", "b", "tie")[(rater * image) % 3]
            lines.append(separator.join((f"r{rater}", f"i{image}", "a", "b", winner, f"2{decimal}5")))
    return "\r\n".join(lines) + "\r\n"


@pytest.mark.parametrize(
    "content",
    [
        pair_rows(),
        pair_rows(";", ","),
        pair_rows("\t"),
        "sep=;\r\n" + pair_rows(";", ","),
        b"\xef\xbb\xbf" + pair_rows().encode(),
        pair_rows(";", ",").encode("utf-16"),
        pair_rows("\t").encode("utf-16-le"),
        pair_rows().replace("rater,image,system_a", "Rater, IMAGE ,System A"),
        pair_rows() + ",,,,,\r\n\r\n",
    ],
)
def test_the_same_votes_are_read_however_a_spreadsheet_wrote_them(tmp_path, content):
    read, plain = votes_of(read_rows(written(tmp_path, content))), votes_of(read_rows(written(tmp_path, pair_rows())))
    assert read.votes == plain.votes
    assert len(read.votes) == 49
    assert {vote.seconds for vote in read.votes} == {2.5}
    assert sum(vote.winner is None for vote in read.votes) == 8


@pytest.mark.slow
def test_choices_rankings_and_scores_are_read_by_their_columns(tmp_path):
    order = [(rater, image) for rater in range(6) for image in range(6)]
    choices = "rater,image,shown,choice\n" + "".join(f"r{r},i{i},a|b|c,{'abc'[(r + i) % 3]}\n" for r, i in order)
    read = analyze_file(written(tmp_path, choices))
    assert (read.method, read.votes, read.model) == ("choice", 36, "Luce")
    ranks = [(r, i, k, s) for r, i in order for k, s in enumerate("abc" if r else "bca", 1)]
    rankings = "rater,image,system,rank\n" + "".join(f"r{r},i{i},{s},{k}\n" for r, i, k, s in ranks)
    read = analyze_file(written(tmp_path, rankings))
    # A ranking of three is one vote on each of them, and no three comparisons.
    assert (read.method, read.votes, read.systems[0]["votes"]) == ("ranking", 36, 36)
    assert read.systems[0]["mean_rank"] == pytest.approx((5 * 1 + 3) / 6)
    assert "wins" not in read.systems[0]
    scores = "rater,image,system,scale,value,points\n" + "".join(f"r{r},i{i},a,{q},{1 + (r + i) % 5},5\n" for r, i in order for q in "xy")
    read = analyze_file(written(tmp_path, scores))
    assert (read.method, [row["scale"] for row in read.systems]) == ("category", ["x", "y"])
    assert all(1 <= row["low"] < row["high"] <= 5 for row in read.systems)


def test_every_problem_is_told_at_once_with_row_line_name_and_advice(tmp_path):
    said = refusal(tmp_path, PAIRS + "x,1,a,b,a\nx,1,b,a,a\nx,1,a,b,b\ny,1,a,a,a\ny,1,a,b,A\n,1,a,b,a\nz,1,a,b,a,q\n")
    assert len(said) == 6
    assert said[0].startswith("Row 2 (line 3) repeats row 1 (line 2): the same rater on the same pictures. Delete one of them")
    assert said[1].startswith("Row 3 (line 4) contradicts row 1 (line 2)")
    assert "system_a and system_b are both a" in said[2]
    assert 'winner "A" is none of a, b and no tie; write it as a.' in said[3]
    assert said[4].startswith("Row 6 (line 7) is no vote: rater is empty; name the rater of every row")
    assert said[5] == "Row 7 (line 8) has 6 cells for 5 columns; put cells that hold the separator in quotes."


def test_repeated_judgments_are_told_apart_by_a_trial(tmp_path):
    rows = PAIRS.replace("rater", "trial,rater") + "1,x,i,a,b,a\n2,x,i,a,b,b\n"
    assert len(votes_of(read_rows(written(tmp_path, rows))).votes) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "holds no votes"),
        (PAIRS, "holds no votes"),
        ("rater,image,system_a,system_b,winer\nx,1,a,b,a\n", "rename winer to winner"),
        (PAIRS + "x,1,a,b,a,9\n", "Row 1 (line 2) has 6 cells for 5 columns"),
        ("rater,rater,image\nx,y,1\n", "the column rater more than once"),
        (b"rater,image,system_a,system_b,winner\nx,1,\xff\xfe,b,a\n", "line 2 is no UTF-8. Save it again as UTF-8"),
        (PAIRS.replace("\n", ",seconds\n") + "x,1,a,b,a,soon\n", 'Row 1 (line 2): "soon" is no number of seconds; write it as 2.5.'),
        ("rater,image,system,rank\nx,1,a,1\nx,1,b,3\n", "with the ranks 1, 3; two systems or more take each rank from 1 once"),
        ("rater,image,system,value,points\nx,1,a,6,5\n", "value 6 lies above the scale's 5 points"),
        ("rater,image,shown,choice\nx,1,a|b|c,tie\n", "ties are for pairs"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(tmp_path, content, says):
    assert says in "\n".join(refusal(tmp_path, content))


@pytest.mark.slow
def test_votes_of_a_file_give_the_results_of_the_same_votes(tmp_path):
    path = written(tmp_path, pair_rows())
    assert analyze_file(path).as_json() == analyze_pairs(votes_of(read_rows(path)).votes).as_json()
