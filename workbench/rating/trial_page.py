"""What the rater's page is told of one trial: words and addresses that hold for one rater alone."""

from collections.abc import Iterator
from dataclasses import asdict

from db.models import Assignment
from workbench.rating import blinded_images
from workbench.rating.trial_view import TrialView
from workbench.rating.visit import Told, Visit


def told_trial(visit: Visit, assignment: Assignment, view: TrialView) -> Told:
    """A trial that was assigned; raises DamagedPictureError where a picture of it cannot be shown."""
    pictures = blinded_images.pictures_of(visit.media, visit.invitation.token_hash, assignment, view)
    addresses = {part: f"see/{picture.name}" for part, picture in pictures.items()}
    trial = {
        "name": assignment.name,
        "question": view.question,
        "caption": view.caption_text,
        "method": view.method.value,
        "view": view.view,
        "ties": view.ties,
        "scales": [asdict(scale) for scale in view.scales],
        "practice": view.practice,
        "pictures": [addresses[str(place)] for place in range(len(view.stimuli))],
        "source": addresses.get("source"),
        "reference": addresses.get("reference"),
        "least_ms": visit.rules.least_viewing_ms,
        "most_s": visit.rules.most_viewing_s,
        "withdrawal": visit.rules.withdrawal,
        "comment": visit.rules.comment,
        "further": [asdict(further) for further in visit.rules.further],
    }
    return {"step": "trial", "trial": trial, "done": view.done, "total": view.total}


def addresses_in(told: Told) -> Iterator[str]:
    """The addresses of a told trial's pictures."""
    trial = told["trial"]
    yield from trial["pictures"]
    yield from filter(None, (trial["source"], trial["reference"]))
