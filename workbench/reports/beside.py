"""What a report holds beside the results of its study's own question: those of further questions, and what raters said of themselves."""

import io
import json
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workbench.analysis.results import Results
from workbench.rating.results import study_results
from workbench.reports.questionnaire_rows import COLUMNS, every_answer
from workbench.reports.vote_table import write_csv
from workbench.studies import rules_of, study_of
from workbench.studies.questions import Further

__all__ = ["Beside", "beside_of"]


@dataclass(frozen=True)
class Beside:
    """The results of each further question, and files that only some reports have."""

    further: tuple[tuple[Further, Results], ...] = ()
    files: dict[str, str] | None = None
    """By file name its text."""


def beside_of(session: Session, study_id: int) -> Beside:
    """What a study's report holds beside; raises NotFoundError."""
    study = study_of(session, study_id)
    rules = rules_of(study)
    further = tuple((question, study_results(session, study_id, question=question.name)) for question in rules.further)
    files = {}
    if further:
        results_by_question = {question.name: results.as_json() for question, results in further}
        files["further_results.json"] = json.dumps(results_by_question, indent=1, ensure_ascii=False)
    if rules.questionnaire.before or rules.questionnaire.after:
        sink = io.StringIO()
        write_csv(sink, every_answer(session, study), COLUMNS)
        files["questionnaire.csv"] = sink.getvalue()
    return Beside(further, files)
