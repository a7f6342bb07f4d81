"""How far curators agree; apart from `curation` since most pages need its heavier arithmetic never."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import ReviewKind
from db.models import Review
from workbench.analysis.agreement import krippendorff_alpha


def of_curators(session: Session) -> tuple[int, float | None]:
    """How many colorizations at least two people judged, and Krippendorff's alpha of their verdicts (see there for None)."""
    units: dict[int, list[str]] = defaultdict(list)
    statement = select(Review.colorization_id, Review.verdict).where(Review.kind == ReviewKind.PERSON)
    for colorization_id, verdict in session.execute(statement):
        units[colorization_id].append(verdict.value)
    judged_twice = [verdicts for verdicts in units.values() if len(verdicts) > 1]
    return len(judged_twice), krippendorff_alpha(judged_twice)
