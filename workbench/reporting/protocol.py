"""What was done in a study, told from its facts: as a methods section, and line by line."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy.orm import Session

from db.enums import CaptionLevel
from db.models import Study
from workbench import dealing
from workbench.reporting import telling
from workbench.reporting.facts import Facts, facts_of
from workbench.trials import study_of

__all__ = ["Protocol", "Row", "protocol_of"]


@dataclass(frozen=True)
class Row:
    """A line of the protocol: what is asked, and the answer."""

    name: str
    value: str


@dataclass(frozen=True)
class Protocol:
    """How a study was done."""

    study: Study
    paragraphs: list[Row]
    """Participants, material, procedure, screening and exclusions, in sentences to be quoted."""
    rows: list[Row]
    exclusions: list[Row]
    """By excluded rater, the reason and how many votes that took."""


METHODS = {
    "pair": "pair comparison: two pictures, which one is better (ITU-T P.910, pair comparison)",
    "choice": "choice of the best of several pictures",
    "category": "absolute category rating: one picture, a number on each scale (ITU-T P.910, ACR)",
    "ranking": "ranking of several pictures from best to worst",
}


def protocol_of(session: Session, study_id: int) -> Protocol:
    """The protocol of a study as it stands; raises NotFoundError."""
    study = study_of(session, study_id)
    facts = facts_of(session, study)
    rows = [*_question(study), *_material(facts), *_raters(facts), *_procedure(facts)]
    rows.append(Row("Color-vision and display screening", _screening(facts)))
    rows.append(Row("Excluded raters", f"{len(facts.excluded)} of {facts.voted} who voted"))
    exclusions = [Row(each.rater, f"{each.reason} ({each.votes} votes left out)") for each in facts.excluded]
    paragraphs = [Row(name, text) for name, text in telling.paragraphs(facts).items()]
    return Protocol(study, paragraphs, rows, exclusions)


def _question(study: Study) -> list[Row]:
    rows = [Row("Question, as asked", f"“{study.question}”"), Row("Method", METHODS[study.method.value])]
    if dealing.scales_of(study):
        scales = (f"{scale.name} (1 to {scale.points})" for scale in dealing.scales_of(study))
        rows.append(Row("Scales", ", ".join(scales)))
    elif study.method.value == "pair":
        rows.append(Row("Ties", "allowed; a tie counts as half a win for both" if dealing.takes_ties(study) else "not allowed"))
    return rows


def _material(facts: Facts) -> list[Row]:
    watching = ", ".join(f"{count} {kind.value}" for kind, count in facts.watching.items())
    levels = ", ".join(f"{level.value}: {facts.levels[level]}" for level in CaptionLevel if level in facts.levels)
    return [
        Row("Systems compared", ", ".join(facts.systems)),
        Row("Images", str(facts.images)),
        Row("Trials", f"{facts.trials}, {facts.described} of them with the description shown"),
        *([Row("Trials by level of the description", levels)] if levels else []),
        Row("Trials with a known answer or for training", watching or "none"),
        Row("Votes asked for a trial", str(facts.study.votes_per_trial)),
    ]


def _raters(facts: Facts) -> list[Row]:
    counts = facts.votes_a_rater
    return [
        Row("Raters", f"{facts.voted} voted, of {facts.invited} invited"
            + (f"; {facts.simulated} of those who voted are simulated, not people" if facts.simulated else "")),
        Row("Cohorts", ", ".join(f"{name or 'no cohort named'}: {count}" for name, count in facts.cohorts.items()) or "none"),
        Row("Consent on record", f"{facts.consented} of {facts.voted}"),
        Row("Finished", f"{facts.finished} of {facts.voted}"),
        Row("Votes a rater", f"{counts[0]} to {counts[-1]}, median {median(counts):g}" if counts else "none"),
    ]  # fmt: skip


def _procedure(facts: Facts) -> list[Row]:
    study = facts.study
    order = (
        f"for each rater anew from the study's seed ({study.seed}): the order of trials, those with fewest votes and images seen least "
        "often first, and the side (place) of each picture; nothing on the page names a system"
    )
    return [
        Row("Randomization", order if facts.dealt else "votes were given elsewhere and imported; the order shown is not known here"),
        Row("Time of an answer", f"median {facts.seconds:.1f} s" if facts.seconds is not None else "not recorded"),
        Row("Period", f"{_day(study.opened_at)} to {_day(study.closed_at) if study.closed_at else 'now (not closed)'}"),
    ]


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else "not opened"


def _screening(facts: Facts) -> str:
    passed = (f"{test.replace('_', ' ')}: {right} of {taken} passed" for test, (right, taken) in facts.screening.items())
    return ", ".join(passed) or "none on record"
