"""What is asked before the first trial: consent, the display, color vision. The first outcome of each stays."""

import hashlib
from collections.abc import Mapping
from typing import Any

from db.base import now
from db.enums import Outcome
from db.models import Invitation, Study
from workbench.errors import InvalidInputError
from workbench.rating import vision_tests
from workbench.rating.visit import Visit
from workbench.studies import endings, raters

PLATE_SETS = 16
"""So many sets of plates there are; a rater gets one of them."""
NEEDED = 4
"""So many plates of five must be read beside the control plate."""


def plate_set(study: Study, invitation: Invitation) -> int:
    """The set of plates and fields that a rater gets."""
    return (study.seed + invitation.rater_id) % PLATE_SETS


def consent(visit: Visit) -> None:
    """Keep that the rater agreed, when, and to which text."""
    if visit.invitation.consented_at is None:
        visit.invitation.consented_at = visit.invitation.seen_at = now()
        visit.invitation.consent_version = visit.rules.consent_version
        visit.invitation.consent_sha256 = hashlib.sha256(visit.rules.consent.encode()).hexdigest()
        visit.session.flush()


def check_display(visit: Visit, body: Mapping[str, Any]) -> None:
    """Keep how many patches were counted in each field, and the screen's size as the browser tells it."""
    places = plate_set(visit.study, visit.invitation)
    right = {field: body.get(field) == vision_tests.field_count(field, places) for field in vision_tests.FIELDS}
    facts = {name: _fact(body.get(name)) for name in ("width", "height", "pixel_ratio", "gamut")}
    _keep(visit, "display", {"passed": all(right.values()), **right, **facts}, visit.rules.display)


def _fact(value: Any) -> Any:
    """A number or a short word of the browser's about itself."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return value[:20] if isinstance(value, str) else round(float(min(max(value, 0.0), 1e5)), 3)


def check_vision(visit: Visit, answers: Any) -> None:
    """Keep how many plates were read right; passed with the control plate and four of the others."""
    shown = vision_tests.plates_of(plate_set(visit.study, visit.invitation))
    if not isinstance(answers, list) or len(answers) != len(shown):
        raise InvalidInputError(f"Give an answer to each of the {len(shown)} plates; nothing counts as one too.")
    right = [str(answer) == plate.digit for plate, answer in zip(shown, answers, strict=True)]
    others = [hit for plate, hit in zip(shown, right, strict=True) if plate.kind != "control"]
    passed = sum(others) >= NEEDED and all(hit for plate, hit in zip(shown, right, strict=True) if plate.kind == "control")
    missed = [plate.kind for plate, hit in zip(shown, right, strict=True) if not hit]
    outcome = {"passed": passed, "right": sum(right), "asked": len(right), "missed": missed}
    _keep(visit, "color_vision", outcome, visit.rules.color_vision)


def _keep(visit: Visit, test: str, outcome: dict[str, Any], rule: str) -> None:
    """The first outcome stays: nobody learns the plates by heart."""
    invitation = visit.invitation
    if test in invitation.screening or rule == "off":
        return
    invitation.screening = {**invitation.screening, test: outcome}
    visit.session.flush()
    if rule == "require" and not outcome["passed"]:
        word = test.replace("_", " ")
        reason = f"did not pass the {word} check that the design requires"
        raters.exclude(visit.session, visit.study.id, invitation.rater_id, reason, actor="screening")
        endings.end(visit.session, invitation, Outcome.SCREENED_OUT)
