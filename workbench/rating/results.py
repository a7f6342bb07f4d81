"""The results of a study: its counted votes, handed to the analysis of its method."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from db.enums import RatingMethod
from workbench.analysis import results as analysis
from workbench.analysis import vote_records
from workbench.analysis.results import Results
from workbench.errors import InvalidInputError
from workbench.rating import votes
from workbench.studies import rules_of, scales_of, study_of


def study_results(session: Session, study_id: int, *, simulated: bool = True, question: str = "") -> Results:
    """What a study's counted votes say; without `simulated` only those of people. Raises NotFoundError.

    `question` names one of its further questions, by default its own is meant; raises InvalidInputError where there is none of the name.
    Votes on trials with a known answer and those of excluded raters are left out.
    """
    study = study_of(session, study_id)
    if question and question not in (known := [further.name for further in rules_of(study).further]):
        raise InvalidInputError(f'The study "{study.name}" has no further question {question!r}; it has {", ".join(known) or "none"}.')
    counted = votes.counted(session, study, simulated, question)
    checks = votes.checks(session, study)
    if study.method is RatingMethod.CATEGORY:
        points = {scale.name: scale.points for scale in scales_of(study)}
        values = [_category(vote, *value, points) for vote in counted for value in vote["values"]]
        return analysis.analyze_categories(values, checks=checks)
    votes_given = [_choice(vote) for vote in counted]
    if study.method is RatingMethod.PAIR:
        return analysis.analyze_pairs(votes_given, checks=checks, detects=rules_of(study).detects and not question)
    analyze = analysis.analyze_choices if study.method is RatingMethod.CHOICE else analysis.analyze_rankings
    return analyze(votes_given, checks=checks)


SHARED = ("seconds", "server_seconds", "simulated", "image", "level", "instances")


def _category(vote: Mapping[str, Any], system: str, scale: str, value: int, points: Mapping[str, int]) -> vote_records.CategoryVote:
    facts = {name: vote[name] for name in SHARED}
    return vote_records.CategoryVote(vote["rater"], (vote["trial"], system), system, scale, value, points=points.get(scale), **facts)


def _choice(vote: Mapping[str, Any]) -> vote_records.ChoiceVote:
    facts = {name: vote[name] for name in SHARED}
    ranking = tuple(system for system, _, _ in sorted(vote["values"], key=lambda value: value[2]))
    return vote_records.ChoiceVote(
        vote["rater"], vote["trial"], vote["shown"], vote["winner"], ranking=ranking, sided=vote["sided"], **facts
    )
