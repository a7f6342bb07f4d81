"""What was done in a study, told from its facts: as a methods section, and line by line."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy.orm import Session

from db.enums import CaptionLevel, RatingMethod
from db.models import Study
from workbench.reports import display_facts, methods_text, report_notes, standards
from workbench.reports.protocol_row import Row
from workbench.reports.questionnaire_rows import questionnaire_rows
from workbench.reports.report_notes import Notes
from workbench.reports.stimulus_facts import stimulus_rows
from workbench.reports.study_facts import Facts, facts_of
from workbench.studies import Rules, Scale, rules_of, study_of
from workbench.studies.rater_words import ENGLISH, words_in

__all__ = ["Protocol", "Row", "protocol_of"]


@dataclass(frozen=True)
class Protocol:
    """How a study was done."""

    study: Study
    paragraphs: list[Row]
    """Participants, material, procedure, screening and exclusions, in sentences to be quoted."""
    rows: list[Row]
    exclusions: list[Row]
    """By excluded rater, the reason and how many votes that took."""
    flow: list[Row]
    """From invited raters to counted ones: how many were left at each step."""


METHODS = {
    "pair": "pair comparison: two pictures, which one is better",
    "choice": "choice of the best of several pictures",
    "category": "absolute category rating: one picture, a number on each scale",
    "ranking": "ranking of several pictures from best to worst",
}


def protocol_of(session: Session, study_id: int, notes: Notes | None = None) -> Protocol:
    """The protocol of a study as it stands, with what was entered besides; raises NotFoundError."""
    study = study_of(session, study_id)
    facts, rules = facts_of(session, study), rules_of(study)
    rows = [*_question(study, rules), *_material(facts), *stimulus_rows(session, study), *_raters(facts), *_procedure(facts, rules)]
    rows += [*display_facts.time_rows(session, study, rules), *_completeness(facts)]
    rows += [Row("Standard", sentence)] if (sentence := standards.standard_sentence(facts)) else []
    rows.append(
        Row("Color-vision and display screening", f"{_screening(facts)} (color vision: {rules.color_vision}, display: {rules.display})")
    )
    rows.append(Row("Excluded raters", f"{len(facts.excluded)} of {facts.voted} who voted"))
    exclusions = [Row(each.rater, f"{each.reason} ({each.votes} votes left out)") for each in facts.excluded]
    paragraphs = [Row(name, text) for name, text in methods_text.paragraphs(facts).items()]
    rows += [*display_facts.viewing_rows(session, study), *questionnaire_rows(session, study)]
    rows += report_notes.rows_of(notes or Notes())
    return Protocol(study, paragraphs, rows, exclusions, _flow(facts))


def _flow(facts: Facts) -> list[Row]:
    """Every step from an invitation to counted votes, and who left before it."""
    return [Row(step, str(count)) for step, count in facts.flow.items()]


def _completeness(facts: Facts) -> list[Row]:
    """What was answered of what was asked: done, not planned."""
    votes_planned = facts.trials * facts.study.votes_per_trial
    missing = max(0, votes_planned - facts.counted_votes)
    share = f" ({facts.counted_votes / votes_planned:.0%})" if votes_planned else ""
    return [
        Row("Votes counted, of those asked for", f"{facts.counted_votes} of {votes_planned}{share}; {missing} missing"),
        Row("Trials with all their votes", f"{facts.complete_trials} of {facts.trials}; {facts.unseen_trials} have none"),
        Row("Trials dealt to a rater and never answered", f"{facts.unanswered}, by {facts.unanswered_raters} raters"),
    ]


def _question(study: Study, rules: Rules) -> list[Row]:
    rows = [Row("Question, as asked", f"“{study.question}”"), Row("Method", METHODS[study.method.value])]
    rows += [Row(f"Further question: {further.name}", f"“{further.question}”") for further in rules.further]
    rows += [Row("Language of the raters' page", words.language)] if (words := words_in(rules.language, rules.words)) is not ENGLISH else []
    if study.method is RatingMethod.CATEGORY:
        rows.append(Row("Scales", ", ".join(map(_scale, rules.scales))))
    if study.method is RatingMethod.PAIR:
        rows.append(Row("Ties", "allowed; part of the model of strengths, half a win in win rates" if rules.ties else "not allowed"))
        rows.append(Row("View", rules.view))
    parts = {"the description": rules.caption, "the gray photo": rules.source, "the original in color": rules.reference}
    rows.append(Row("Shown beside", ", ".join(name for name, is_there in parts.items() if is_there) or "nothing"))
    rows += [Row("Instructions, as shown", rules.instructions)] if rules.instructions.strip() else []
    return [*rows, Row("Consent, as asked", rules.consent)]


def _scale(scale: Scale) -> str:
    question = f", asked “{scale.question}”" if scale.question else ""
    if scale.words:
        return f"{scale.name} ({', '.join(f'{value} {word}' for value, word in enumerate(scale.words, 1))}{question})"
    ends = f", {scale.low or '…'} to {scale.high or '…'}" if scale.low or scale.high else ""
    return f"{scale.name} (1 to {scale.points}{ends}{question})"


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


def _procedure(facts: Facts, rules: Rules) -> list[Row]:
    study = facts.study
    among = "those that tell most" if rules.selection == "informative" else "trials with fewest votes"
    balance = "the pictures of a trial in each place equally often over its raters"
    if study.method is RatingMethod.CATEGORY:
        balance = "within a rater every system after every other about equally often"
    order = (
        f"from the study's seed ({study.seed}): for each rater an order of trials, images seen least often first, then {among}; "
        f"{balance}; nothing on the page names a system"
    )
    elsewhere = "votes were given elsewhere and imported; the order shown is not known here"
    return [
        Row("Randomization", order if facts.dealt else elsewhere),
        Row("Trials a rater", "all" if rules.trials_per_rater is None else f"at most {rules.trials_per_rater} that count"),
        *(
            [Row("Votes a trial by cohort", ", ".join(f"{name}: {votes}" for name, votes in rules.cohorts.items()))]
            if rules.cohorts
            else []
        ),
        Row("Rests", f"offered after every {rules.break_every} trials" if rules.break_every else "none"),
        Row("Taking back", "the last answer" if rules.back else "not possible; answers are final"),
        Row("Period", f"{_day(study.opened_at)} to {_day(study.closed_at) if study.closed_at else 'now (not closed)'}"),
    ]


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else "not opened"


def _screening(facts: Facts) -> str:
    passed = (f"{test.replace('_', ' ')}: {right} of {taken} passed" for test, (right, taken) in facts.screening.items())
    return ", ".join(passed) or "none on record"
