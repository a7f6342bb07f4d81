"""One request of a rater: who they are, in which study, and where its pictures lie; looked up once, handed on."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from db.models import Invitation, Study
from workbench.store import MediaStore
from workbench.studies import Rules, rules_of
from workbench.studies.rater_words import Words, words_in

Told = dict[str, Any]
"""What the page is told, fit for JSON."""


@dataclass(frozen=True)
class Visit:
    """A rater at their page. The session is a writer's that holds the study's lock."""

    session: Session
    media: MediaStore
    invitation: Invitation
    study: Study

    @property
    def rules(self) -> Rules:
        """Of the study's design."""
        return rules_of(self.study)

    @property
    def words(self) -> Words:
        """Of the page, in the study's language."""
        return words_in(self.rules.language, self.rules.words)
