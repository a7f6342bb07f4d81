"""What people call the columns of a file of votes, and the words by which they name an answer.

A column is known by its own name or by one of NAMES, in any case, with spaces or hyphens for underscores. Words of an answer are read where
they can mean one thing only; what could be read in two ways is refused with both readings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from workbench.analysis.vote_files import Row
from workbench.errors import InvalidInputError

__all__ = ["LAYOUTS", "answer_of", "layout_of", "read_by_name", "scores_named"]

LAYOUTS = {
    "exported": ("rater", "trial", "kind", "counted", "method"),
    "pair": ("rater", "image", "system_a", "system_b", "winner"),
    "decided": ("rater", "image", "winner", "loser"),
    "choice": ("rater", "image", "shown", "choice"),
    "ranking": ("rater", "image", "system", "rank"),
    "listed": ("rater", "image", "ranking"),
    "category": ("rater", "image", "system", "value"),
}
"""By layout the columns that it needs; the first that a file has is taken."""

NAMES = {
    "rater": ("rater_id", "participant", "participant_id", "worker", "worker_id", "workerid", "subject", "subject_id", "user", "user_id",
              "annotator", "annotator_id", "observer", "judge", "evaluator", "respondent", "prolific_pid"),
    "image": ("image_id", "image_name", "item", "item_id", "photo", "picture", "stimulus", "scene", "file", "filename", "sample",
              "sample_id", "question_id", "prompt", "prompt_id"),
    "system_a": ("system_1", "system1", "systema", "a", "left", "first", "model_a", "method_a", "left_system", "system_left",
                 "option_a"),
    "system_b": ("system_2", "system2", "systemb", "b", "right", "second", "model_b", "method_b", "right_system", "system_right",
                 "option_b"),
    "winner": ("preferred", "preference", "vote", "answer", "response", "result", "choice", "chosen", "selected", "better", "won"),
    "loser": ("lost", "worse", "rejected"),
    "shown": ("options", "candidates", "systems", "alternatives"),
    "choice": ("chosen", "winner", "preferred", "selected", "best", "answer", "response", "vote"),
    "system": ("model", "method", "algorithm", "condition", "system_name"),
    "rank": ("place", "position"),
    "ranking": ("order", "ranked"),
    "value": ("score", "rating", "mos", "opinion", "grade", "points_given"),
    "scale": ("criterion", "criteria", "attribute", "dimension", "aspect", "question"),
    "points": ("scale_points", "max", "maximum", "scale_max"),
    "seconds": ("time", "rt", "duration", "reaction_time", "response_time", "time_s", "duration_s"),
    "trial": ("trial_id", "repetition", "repeat"),
}  # fmt: skip

FIRST = ("left", "a", "first", "l", "system_a", "model_a", "method_a", "option_a", "option a", "system a", "model a")
SECOND = ("right", "b", "second", "r", "system_b", "model_b", "method_b", "option_b", "option b", "system b", "model b")
TIES = (
    "tie", "tied", "draw", "equal", "same", "both", "neither", "none", "no difference", "no_difference", "no preference", "no_preference",
    "tie (bothbad)", "0.5", "0,5", "½", "=",
)  # fmt: skip


def layout_of(columns: Sequence[str]) -> tuple[str, dict[str, str]]:
    """The layout of a file with these columns, and by name of a column here what it is called there.

    Raises InvalidInputError that names the columns that are missing, and those that were probably meant.
    """
    for layout, needed in LAYOUTS.items():
        columns_by_name = _columns_by_name(layout, columns)
        if set(needed) <= set(columns_by_name):
            return layout, columns_by_name
    # The layout that lacks least is what was meant; pairs, where nothing tells.
    lacking = {layout: [name for name in LAYOUTS[layout] if name not in _columns_by_name(layout, columns)] for layout in LAYOUTS}
    known = ("pair", "choice", "ranking", "category", "decided", "listed", "exported")
    layout = min(known, key=lambda each: len(lacking[each]) / len(LAYOUTS[each]))
    missing = lacking[layout]
    near = {name: get_close_matches(name, columns, 1, 0.6) for name in missing}
    meant = [f"rename {close[0]} to {name}" for name, close in near.items() if close and close[0] not in LAYOUTS[layout]]
    alone = "if one person gave all votes, add a column rater that names that person" if missing == ["rater"] else ""
    advice = "; ".join(meant) or alone or "see workbench studies analyze --help for the columns of each kind of votes"
    raise InvalidInputError(
        f"These are no votes that can be read: the columns are {', '.join(columns) or 'without names'}, and for {layout} votes "
        f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing; {advice}."
    )


def _columns_by_name(layout: str, columns: Sequence[str]) -> dict[str, str]:
    """By name here the column that has it, or the only one that is called by another name for it."""
    plain = {column: column.replace("-", "_") for column in columns}
    needed = LAYOUTS[layout]
    columns_by_name = {name: column for column, name in plain.items() if name in NAMES or name in needed}
    if layout == "exported":
        return columns_by_name
    taken = {column for name, column in columns_by_name.items() if name in needed}
    for name in (*needed, "scale", "points", "seconds", "trial"):
        called = [column for column, other in plain.items() if other in NAMES.get(name, ()) and column not in taken]
        if name not in columns_by_name and len(called) == 1:
            columns_by_name[name] = called[0]
            taken.add(called[0])
    return columns_by_name


def read_by_name(rows: Sequence[Row], columns_by_name: Mapping[str, str]) -> list[Row]:
    """The rows with the cells of each known column under its name here."""
    renamed = {name: column for name, column in columns_by_name.items() if name != column}
    if not renamed:
        return list(rows)
    return [replace(row, cells=row.cells | {name: row[column] for name, column in renamed.items()}) for row in rows]


def answer_of(row: Row, column: str, systems: Sequence[str]) -> str | None:
    """The system that a cell names, by itself or by its side; None for a tie.

    Raises InvalidInputError with the row: for a name that is none of the systems, and for numbers, which may count sides or be scores.
    """
    said = row[column]
    if said in systems:
        return said
    word = said.lower()
    meant = [name for name in systems if name.lower() == word]
    if word in TIES and not meant:
        return None
    if len(systems) == 2 and word in (*FIRST, *SECOND) and not meant:
        return systems[0] if word in FIRST else systems[1]
    if said.replace(".", "").replace(",", "").lstrip("+-").isdigit():
        raise InvalidInputError(
            f'{row.place} is no vote: {column} "{said}" may be the number of a side or a score, which say opposite things; write one of '
            f"{', '.join(systems)}, or left, right or tie."
        )
    meant = meant or get_close_matches(said, systems, 1, 0.8)
    advice = f"; write it as {meant[0]}" if meant else ""
    raise InvalidInputError(f'{row.place} is no vote: {column} "{said}" is none of {", ".join(systems)} and no tie{advice}.')


def scores_named(rows: Sequence[Row]) -> list[Row]:
    """The rows of pairs with `winner` in words where the whole column is a score of the first system: 1 won, 0 lost, 0.5 a tie.

    Only where a half is among them: ones and zeros alone may as well be numbers of sides.
    """
    said = {row["winner"].replace(",", ".") for row in rows}
    if not ({"0.5"} <= said <= {"0", "0.0", "0.5", "1", "1.0"}) or not all(row["system_a"] and row["system_b"] for row in rows):
        return list(rows)
    words = {0.0: "system_b", 1.0: "system_a"}
    scored = [(row, float(row["winner"].replace(",", "."))) for row in rows]
    return [replace(row, cells=row.cells | {"winner": row[words[score]] if score in words else "tie"}) for row, score in scored]
