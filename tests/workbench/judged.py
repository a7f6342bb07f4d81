"""What tests of verdicts share: rules, and what is accepted."""

from sqlalchemy import select

from db.models import Colorization
from workbench import reviews

RULES = {
    "name": "first pass",
    "rules": [
        {"verdict": "reject", "when": {"adherence": "< 0.4"}, "reason": "other colors than asked"},
        {"verdict": "accept", "when": {"adherence": ">= 0.7"}},
    ],
}


def accepted(session) -> list[int]:
    """The ids of accepted colorizations."""
    return list(session.scalars(select(Colorization.id).where(reviews.accepted()).order_by(Colorization.id)))
