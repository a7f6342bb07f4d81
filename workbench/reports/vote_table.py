"""Every single vote as rows, the excluded and the watching trials' too, and what each column means."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from db.enums import RatingMethod, TrialKind
from db.models import Caption, Image, Invitation, Rater, Rating, RatingValue, Stimulus, Study, Trial
from workbench.rating import TIE, Answer, is_right
from workbench.rating.responses import RANK
from workbench.rating.votes import instances_of, server_seconds
from workbench.studies import rules_of, scales_of, study_of
from workbench.texts import guarded

__all__ = ["CODEBOOK", "codebook_rows", "every_vote", "write_csv"]

CODEBOOK = {
    "method": "Method of the study: pair, choice, ranking or category.",
    "detects": "true where the question of pairs was which of the two is the original.",
    "rater": "Pseudonym of the rater; the same in all columns and files, and not linked to a person here.",
    "cohort": "Group that the rater was invited in.",
    "simulated": "true where a program voted, not a person.",
    "counted": "true where the results hold this vote: a regular trial, a rater who is not excluded.",
    "exclusion": "Why the rater was excluded; empty where they were not.",
    "outcome": "How the rater's part ended: completed, screened_out, quota_full or withdrawn; empty where it has not.",
    "trial": "Position of the trial in the study, from 0.",
    "kind": "regular; or training, gold or trap: trials with a known answer, which are never counted.",
    "image": "First 12 digits of the SHA-256 of the image's file.",
    "level": "Level of the caption: complete, partial or scarce; empty where none was fixed.",
    "caption": "Description as shown; empty where none was.",
    "instances": "Instances of the caption that have a region; empty where no caption's level was fixed.",
    "systems": "Systems of the trial, separated by |, in the order of the study.",
    "shown": "Systems as shown, from left to right (or first to last), separated by |; empty where the order is unknown.",
    "question": "Name of the further question that the row answers; empty for the study's own.",
    "choice": "System chosen, or tie; of category ratings and rankings empty (see system, scale and value).",
    "system": "Category ratings and rankings: the system that the value is about; these have a row for each value.",
    "scale": "Scale of the value; rank in rankings.",
    "value": "Value on the scale, from 1; in rankings the rank, 1 is best.",
    "points": "Category ratings: the highest value of the scale.",
    "right": "Trials with a known answer: true where the answer was right.",
    "seconds": "From the moment when all pictures were there to the answer.",
    "server_seconds": "From the server's telling the trial to its keeping the answer; empty of votes that were given elsewhere.",
    "comment": "What the rater wrote; a beginning that a spreadsheet would carry out has an apostrophe before it.",
    "width": "Displayed width of a rated picture, CSS pixels; empty where the page did not tell it, as in the next ones.",
    "height": "Displayed height of it.",
    "pixel_ratio": "Device pixels by CSS pixel.",
    "window_width": "Width of the window, CSS pixels.",
    "window_height": "Height of the window.",
    "load_seconds": "Seconds until all pictures were there.",
    "hidden": "true where the greatest viewing time had passed, so that the pictures were hidden.",
    "away": "Times the page was not in front while the trial was shown.",
    "away_seconds": "Seconds it was so.",
    "shown_at": "When the trial was shown, ISO 8601, UTC.",
    "rated_at": "When the answer was stored, ISO 8601, UTC.",
}


VIEWED = ("width", "height", "pixel_ratio", "window_width", "window_height", "load_seconds", "hidden", "away", "away_seconds")
"""Columns that come from `Rating.viewing`."""


def codebook_rows() -> list[dict[str, str]]:
    """The columns of the votes with their meaning."""
    return [{"column": column, "meaning": meaning} for column, meaning in CODEBOOK.items()]


def every_vote(session: Session, study_id: int) -> Iterator[dict[str, str]]:
    """Every answer of a study in the columns of CODEBOOK, in the order of answering; raises NotFoundError."""
    study = study_of(session, study_id)
    systems, answers = _stimuli(session, study)
    trials, voters, values = _trials(session, study), _voters(session, study), _values(session, study)
    common = EMPTY | {"method": study.method.value, "detects": _true(rules_of(study).detects)}
    points = {scale.name: str(scale.points) for scale in scales_of(study)}
    further = [one.name for one in rules_of(study).further]
    orders: dict[str, str] = {}
    # Columns and no objects: a study may have a hundred thousand votes.
    answer = (
        Rating.id, Rating.trial_id, Rating.rater_id, Rating.stimulus_id, Rating.is_tie, Rating.seconds, Rating.shown_at, Rating.comment,
        Rating.viewing,
    )  # fmt: skip
    statement = select(*answer, Rating.rated_at, cast(Rating.shown_order, Text).label("shown_order")).join(
        Trial, Trial.id == Rating.trial_id
    )
    for rating in session.execute(statement.where(Trial.study_id == study.id).order_by(Rating.id)):
        if rating.shown_order not in orders:
            orders[rating.shown_order] = "|".join(systems[stimulus_id] for stimulus_id in json.loads(rating.shown_order))
        (kind, of_trial), (excluded, of_rater), own_values = trials[rating.trial_id], voters[rating.rater_id], values.get(rating.id, [])
        row = common | of_trial | of_rater | {
            "counted": _true(kind is TrialKind.REGULAR and not excluded),
            "shown": orders[rating.shown_order],
            "right": "" if kind is TrialKind.REGULAR else _right(study, kind, answers.get(rating.trial_id, {}), rating, own_values),
            "seconds": _seconds(rating.seconds),
            "server_seconds": _seconds(server_seconds(rating.shown_at, rating.rated_at) if orders[rating.shown_order] else None),
            "comment": guarded(rating.comment or ""),
            **{fact: _told(rating.viewing[fact]) for fact in VIEWED if fact in rating.viewing},
            "shown_at": rating.shown_at.isoformat() if rating.shown_at else "",
            "rated_at": rating.rated_at.isoformat(),
        }  # fmt: skip
        if study.method in (RatingMethod.PAIR, RatingMethod.CHOICE):
            yield row | {"choice": TIE if rating.is_tie else systems[rating.stimulus_id]}
        yield from _values_of(row, study, systems, own_values, points, further)


def _values_of(
    row: Mapping[str, str], study: Study, systems: Mapping[int, str], values: Sequence[tuple[int, str, int]], points: Mapping[str, str],
    further: Sequence[str],
) -> Iterator[dict[str, str]]:  # fmt: skip
    """The rows of an answer's values; of further questions those of their rankings, or of what was chosen."""
    chooses = study.method in (RatingMethod.PAIR, RatingMethod.CHOICE)
    for stimulus_id, scale, value in values:
        of_further = scale in further
        if not (of_further and chooses):
            columns = {"question": scale, "scale": RANK, "right": ""} if of_further else {"scale": scale, "points": points.get(scale, "")}
            yield {**row, **columns, "system": systems[stimulus_id], "value": str(value)}
    for name in further if chooses else ():
        chosen = [systems[stimulus_id] for stimulus_id, scale, value in values if scale == name and value == 1]
        if chosen:
            yield {**row, "question": name, "right": "", "choice": chosen[0] if len(chosen) == 1 else TIE}


EMPTY = dict.fromkeys(CODEBOOK, "")


def _trials(session: Session, study: Study) -> dict[int, tuple[TrialKind, dict[str, str]]]:
    """By trial its kind, and the columns that its votes share."""
    instances, competing = instances_of(session, study), defaultdict(list)
    of_trials = select(Stimulus.trial_id, Stimulus.system).join(Trial, Trial.id == Stimulus.trial_id).where(Trial.study_id == study.id)
    for trial_id, system in session.execute(of_trials.order_by(Stimulus.trial_id, Stimulus.position)):
        competing[trial_id].append(system)
    facts = select(Trial.id, Trial.kind, Trial.caption_id, Trial.position, Trial.caption_text, Image.sha256, Caption.level)
    statement = facts.select_from(Trial).where(Trial.study_id == study.id).outerjoin(Image, Image.id == Trial.image_id)
    statement = statement.outerjoin(Caption, Caption.id == Trial.caption_id)
    return {
        row.id: (
            row.kind,
            {
                "trial": str(row.position), "kind": row.kind.value, "image": (row.sha256 or "")[:12],
                "level": "" if row.level is None else row.level.value, "caption": row.caption_text or "",
                "instances": "" if row.level is None else str(instances.get(row.caption_id, 0)),
                "systems": "|".join(competing[row.id]),
            },
        )
        for row in session.execute(statement)
    }  # fmt: skip


def _voters(session: Session, study: Study) -> dict[int, tuple[bool, dict[str, str]]]:
    """By rater whether they are excluded, and the columns that their votes share."""
    voted = select(Rating.rater_id).join(Trial, Trial.id == Rating.trial_id).where(Trial.study_id == study.id)
    invited = (Invitation.rater_id == Rater.id) & (Invitation.study_id == study.id)
    by_rater = {}
    for rater, invitation in session.execute(select(Rater, Invitation).outerjoin(Invitation, invited).where(Rater.id.in_(voted))):
        excluded = invitation is not None and (invitation.excluded_at is not None or not invitation.is_counted)
        columns = {"rater": rater.pseudonym, "cohort": invitation.cohort if invitation else "", "simulated": _true(rater.simulated)}
        outcome = invitation.outcome.value if invitation and invitation.outcome else ""
        by_rater[rater.id] = excluded, columns | {"exclusion": _reason(invitation) if excluded else "", "outcome": outcome}
    return by_rater


def _reason(invitation: Invitation) -> str:
    return invitation.exclusion_reason or "a curator of the study"


def _values(session: Session, study: Study) -> dict[int, list[tuple[int, str, int]]]:
    """By answer: (stimulus, scale, value)."""
    statement = select(RatingValue.rating_id, RatingValue.stimulus_id, RatingValue.scale, RatingValue.value)
    statement = statement.join(Rating, Rating.id == RatingValue.rating_id).join(Trial, Trial.id == Rating.trial_id)
    values: dict[int, list[tuple[int, str, int]]] = {}
    for key, stimulus_id, scale, value in session.execute(
        statement.where(Trial.study_id == study.id).order_by(RatingValue.stimulus_id, RatingValue.scale)
    ):
        values.setdefault(key, []).append((stimulus_id, scale, value))
    return values


def _stimuli(session: Session, study: Study) -> tuple[dict[int, str], dict[int, dict[int, bool]]]:
    """The system of each stimulus; by trial, of the stimuli of which that is known, whether they are answers."""
    shown = list(session.scalars(select(Stimulus).join(Trial, Trial.id == Stimulus.trial_id).where(Trial.study_id == study.id)))
    answers: dict[int, dict[int, bool]] = {}
    for stimulus in shown:
        if stimulus.is_answer is not None:
            answers.setdefault(stimulus.trial_id, {})[stimulus.id] = stimulus.is_answer
    return {stimulus.id: stimulus.system for stimulus in shown}, answers


def _right(study: Study, kind: TrialKind, answers: Mapping[int, bool], rating: Any, values: list[tuple[int, str, int]]) -> str:
    if not answers:
        return ""
    return _true(is_right(study, kind, answers, Answer(rating.stimulus_id, rating.is_tie, tuple(values))))


def _seconds(value: float | None) -> str:
    return "" if value is None else repr(value)


def _told(fact: float | bool) -> str:
    return _true(fact) if isinstance(fact, bool) else str(fact)


def _true(value: bool) -> str:
    return json.dumps(bool(value))


def write_csv(sink: TextIO, rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> None:
    """Rows as CSV with a header."""
    writer = csv.DictWriter(sink, list(columns))
    writer.writeheader()
    writer.writerows(rows)
