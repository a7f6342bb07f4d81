"""What the rows of a file of votes say: pairs, choices, rankings or scores, made elsewhere or exported by a report.

| votes | columns |
|---|---|
| pairs | rater, image, system_a (left or first), system_b, winner (one of the two or its side, or tie) |
| decided pairs | rater, image, winner, loser, and tie (true or false) where there are ties; who was shown left is not known |
| choices | rater, image, shown (systems as shown, separated by `|`), choice |
| rankings | rater, image, system, rank (1 is best): a row for each system; or rater, image, ranking (best first, separated by `>` or `|`) |
| scores | rater, image, system, value, and scale where there are several: a row for each score |
| a report's votes.csv | the columns of its codebook |

Read where they are there: seconds, level (the caption's), instances (a whole number), trial (tells repeated judgments of the same pictures
apart), points (the highest value of the scale), simulated (true or false). Every problem of a file is told at once, with the row.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.analysis.results import Results, analyze_categories, analyze_choices, analyze_pairs, analyze_rankings
from workbench.analysis.vote_columns import LAYOUTS, answer_of, layout_of, read_by_name, scores_named
from workbench.analysis.vote_files import Row, read_rows
from workbench.analysis.vote_records import CategoryVote, ChoiceVote
from workbench.errors import InvalidInputError

__all__ = ["VoteFile", "analyze_file", "votes_of"]

MOST_TOLD = 30
"""Problems that are written out; the others are counted."""
TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


@dataclass
class VoteFile:
    """The votes of a file, by the method that they were given by."""

    method: str
    votes: list[Any] = field(default_factory=list)
    """`ChoiceVote`, or `CategoryVote` of scores."""
    checks: dict[str, tuple[int, int]] | None = None
    detects: bool = False


def analyze_file(path: Path, *, detects: bool = False, question: str = "") -> Results:
    """The results of a file of votes, of a report's folder or of its ZIP; with `detects` pairs asked which is the original.

    `question` names one of the further questions that a report's votes hold; by default those to the study's own are read.
    Raises InvalidInputError that names every problem of the file.
    """
    read = votes_of(read_rows(path), question)
    if read.method == "category":
        return analyze_categories(read.votes, checks=read.checks)
    if read.method == "pair":
        return analyze_pairs(read.votes, checks=read.checks, detects=detects or read.detects)
    return {"choice": analyze_choices, "ranking": analyze_rankings}[read.method](read.votes, checks=read.checks)


def votes_of(rows: Sequence[Row], question: str = "") -> VoteFile:
    """The votes of rows in any of the layouts; raises InvalidInputError that names every problem."""
    layout, columns_by_name = layout_of(list(rows[0].cells))
    rows = read_by_name(rows, columns_by_name)
    rows = scores_named(rows) if layout == "pair" else rows
    problems: list[str] = []
    method = {"decided": "pair", "listed": "ranking"}.get(layout, layout)
    read = _exported(rows, problems, question) if layout == "exported" else VoteFile(method, _votes(layout, rows, problems))
    if problems:
        rest = [f"… and {len(problems) - MOST_TOLD} more."] if len(problems) > MOST_TOLD else []
        raise InvalidInputError("\n".join([*problems[:MOST_TOLD], *rest]))
    return read


def _votes(layout: str, rows: Sequence[Row], problems: list[str]) -> list[Any]:
    seen: dict[Hashable, tuple[Row, Any]] = {}
    kept: list[tuple[Row, Any]] = []
    read: Callable[[Row], tuple[Hashable, Any]] = READERS[layout]
    for row in rows:
        try:
            _filled(row, LAYOUTS[layout])
            key, vote = read(row)
        except InvalidInputError as error:
            problems.append(str(error))
            continue
        if key in seen:
            problems.append(_again(row, *seen[key], vote))
        seen.setdefault(key, (row, vote))
        kept.append((row, vote))
    if layout == "ranking":
        return _rankings(kept, problems)
    return [vote for _, vote in kept]


def _again(row: Row, first: Row, before: Any, now: Any) -> str:
    same = _says(before) == _says(now)
    what = "repeats" if same else "contradicts"
    advice = "delete one of them" if same else "keep the one that holds"
    return (
        f"{row.place} {what} row {first.number} (line {first.line}): the same rater on the same pictures. {advice.capitalize()}, or tell "
        "repeated judgments apart by a column trial."
    )


def _says(vote: Any) -> Hashable:
    return vote.ranking or vote.winner if isinstance(vote, ChoiceVote) else vote.value if isinstance(vote, CategoryVote) else vote


def _filled(row: Row, needed: Sequence[str]) -> None:
    if row.too_long:
        raise InvalidInputError(f"{row.place} has {row.too_long}; put cells that hold the separator in quotes.")
    empty = [name for name in needed if not row[name]]
    if empty:
        advice = {"winner": "write tie where neither was better, or delete the row where nothing was answered",
                  "rater": "name the rater of every row, since votes of one rater are alike"}.get(empty[0], "")  # fmt: skip
        told = f"; {advice}" if advice and len(empty) < len(needed) - 1 else ""
        raise InvalidInputError(f"{row.place} is no vote: {', '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty{told}.")


def _facts(row: Row) -> dict[str, Any]:
    return {
        "seconds": number(row, "seconds", float), "server_seconds": number(row, "server_seconds", float),
        "simulated": _truth(row, "simulated"), "level": row["level"] or None, "instances": number(row, "instances", int),
    }  # fmt: skip


def _unit(row: Row, *more: str) -> tuple[str, ...]:
    return (row["image"], row["level"], row["trial"], *more)


def _pair(row: Row) -> tuple[Hashable, ChoiceVote]:
    a, b = row["system_a"], row["system_b"]
    if a == b:
        raise InvalidInputError(f"{row.place} is no vote: system_a and system_b are both {a}; a pair holds two systems.")
    winner = answer_of(row, "winner", (a, b))
    unit = _unit(row, *sorted((a, b)))
    return (row["rater"], unit), ChoiceVote(row["rater"], unit, (a, b), winner, image=row["image"], **_facts(row))


def _decided(row: Row) -> tuple[Hashable, ChoiceVote]:
    winner, loser = row["winner"], row["loser"]
    if winner == loser:
        raise InvalidInputError(f"{row.place} is no vote: winner and loser are both {winner}; a pair holds two systems.")
    shown = tuple(sorted((winner, loser)))
    unit, chosen = _unit(row, *shown), None if _truth(row, "tie") else winner
    return (row["rater"], unit), ChoiceVote(row["rater"], unit, shown, chosen, sided=False, image=row["image"], **_facts(row))


def _choice(row: Row) -> tuple[Hashable, ChoiceVote]:
    shown = tuple(name.strip() for name in row["shown"].split("|"))
    if len(set(shown)) != len(shown) or len(shown) < 2:
        raise InvalidInputError(f'{row.place} is no vote: shown "{row["shown"]}" is to name two or more different systems, separated by |.')
    winner = answer_of(row, "choice", shown)
    if winner is None:
        raise InvalidInputError(f"{row.place} is no vote: a choice among several names one of them; ties are for pairs.")
    unit = _unit(row, *sorted(shown))
    return (row["rater"], unit), ChoiceVote(row["rater"], unit, shown, winner, image=row["image"], **_facts(row))


def _rank(row: Row) -> tuple[Hashable, int]:
    rank = number(row, "rank", int)
    if rank is None or rank < 1:
        raise InvalidInputError(f'{row.place}: rank "{row["rank"]}" is no whole number from 1, the best.')
    return (row["rater"], _unit(row), row["system"]), rank


def _listed(row: Row) -> tuple[Hashable, ChoiceVote]:
    ranking = tuple(name.strip() for name in row["ranking"].replace("|", ">").split(">"))
    if len(set(ranking)) != len(ranking) or len(ranking) < 2 or not all(ranking):
        raise InvalidInputError(
            f'{row.place} is no vote: ranking "{row["ranking"]}" is to name two or more different systems, best first, separated by >.'
        )
    unit, shown = _unit(row), tuple(sorted(ranking))
    return (row["rater"], unit), ChoiceVote(
        row["rater"], unit, shown, None, ranking=ranking, sided=False, image=row["image"], **_facts(row)
    )


def _rankings(kept: Sequence[tuple[Row, int]], problems: list[str]) -> list[ChoiceVote]:
    by_vote: dict[tuple[Any, Any], list[tuple[Row, int]]] = defaultdict(list)
    for row, rank in kept:
        by_vote[row["rater"], _unit(row)].append((row, rank))
    votes = []
    for (rater, unit), places in by_vote.items():
        first = places[0][0]
        if sorted(rank for _, rank in places) != list(range(1, len(places) + 1)) or len(places) < 2:
            ranks = ", ".join(str(rank) for _, rank in places)
            problems.append(
                f"{first.place} begins a ranking of {len(places)} systems by {rater} with the ranks {ranks}; two systems or more take "
                "each rank from 1 once."
            )
            continue
        ranking = tuple(row["system"] for row, _ in sorted(places, key=lambda each: each[1]))
        facts = _facts(first)
        votes.append(ChoiceVote(rater, unit, tuple(sorted(ranking)), None, ranking=ranking, sided=False, image=first["image"], **facts))
    return votes


def _score(row: Row) -> tuple[Hashable, CategoryVote]:
    value = number(row, "value", int)
    if value is None or value < 1:
        raise InvalidInputError(f'{row.place}: value "{row["value"]}" is no whole number from 1, the worst.')
    points = number(row, "points", int)
    if points is not None and value > points:
        raise InvalidInputError(f"{row.place}: value {value} lies above the scale's {points} points.")
    unit, scale = _unit(row, row["system"]), row["scale"] or "quality"
    category = CategoryVote(row["rater"], unit, row["system"], scale, value, image=row["image"], points=points, **_facts(row))
    return (row["rater"], unit, scale), category


READERS: dict[str, Callable[[Row], tuple[Hashable, Any]]] = {
    "pair": _pair, "decided": _decided, "choice": _choice, "ranking": _rank, "listed": _listed, "category": _score,
}  # fmt: skip


def number(row: Row, column: str, kind: type) -> Any:
    """A cell as a number from 0, a decimal comma being a point; None where it is empty. Raises InvalidInputError with the row."""
    text = row[column]
    if not text:
        return None
    plain = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    try:
        value = float(plain)
        if not 0 <= value < float("inf") or (kind is int and value != int(value)):
            raise ValueError
    except ValueError:
        whole = "whole number" if kind is int else "number"
        raise InvalidInputError(f'{row.place}: "{text}" is no {whole} of {column}; write it as {"3" if kind is int else "2.5"}.') from None
    return kind(value)


def _truth(row: Row, column: str) -> bool:
    if row[column].lower() not in TRUTHS:
        raise InvalidInputError(f'{row.place}: {column} "{row[column]}" is neither true nor false.')
    return TRUTHS[row[column].lower()]


def _exported(rows: Sequence[Row], problems: list[str], question: str) -> VoteFile:
    """A report's own votes on one question: counted ones, and the answers to trials with a known answer."""
    method = rows[0]["method"]
    read = VoteFile(method, detects=rows[0]["detects"] == "true" and not question)
    questions = {row.cells.get("question", "") for row in rows}
    if question not in questions:
        known = ", ".join(sorted(questions - {""})) or "none"
        problems.append(f'There is no further question "{question}" in these votes; there are: {known}.')
    if method not in ("pair", "choice", "ranking", "category"):
        problems.append(f'{rows[0].place}: method "{method}" is none of pair, choice, ranking and category.')
        return read
    counted: dict[tuple[Any, Any], list[Row]] = defaultdict(list)
    checks: dict[Hashable, Row] = {}
    for row in rows:
        try:
            _filled(row, ("rater", "trial"))
        except InvalidInputError as error:
            problems.append(str(error))
            continue
        if row["counted"] == "true" and row.cells.get("question", "") == question:
            counted[row["rater"], row["trial"]].append(row)
        elif row["kind"] in ("gold", "trap") and not row["exclusion"]:
            checks[row["rater"], row["trial"]] = row
    for (_, _), own in counted.items():
        try:
            read.votes += _exported_vote(method, own)
        except InvalidInputError as error:
            problems.append(str(error))
    right: dict[str, tuple[int, int]] = {}
    for row in checks.values():
        hits, checked = right.get(row["rater"], (0, 0))
        right[row["rater"]] = hits + (row["right"] == "true"), checked + 1
    read.checks = right
    return read


def _exported_vote(method: str, rows: Sequence[Row]) -> list[Any]:
    """The vote (or the scores) of one rater on one trial."""
    row = rows[0]
    facts: dict[str, Any] = _facts(row) | {"image": row["image"] or None}
    trial = int(number(row, "trial", int))
    if method == "category":
        return [
            CategoryVote(row["rater"], (trial, each["system"]), each["system"], each["scale"], number(each, "value", int),
                     points=number(each, "points", int), **facts)
            for each in rows
        ]  # fmt: skip
    shown = tuple((row["shown"] or row["systems"]).split("|"))
    sided = bool(row["shown"])
    if method == "ranking":
        ranking = tuple(each["system"] for each in sorted(rows, key=lambda each: number(each, "value", int)))
        return [ChoiceVote(row["rater"], trial, shown, None, ranking=ranking, sided=sided, **facts)]
    if len(rows) > 1:
        raise InvalidInputError(f"{rows[1].place} repeats row {row.number}: rater {row['rater']} on trial {trial}; delete one of them.")
    return [ChoiceVote(row["rater"], trial, shown, answer_of(row, "choice", shown), sided=sided, **facts)]
