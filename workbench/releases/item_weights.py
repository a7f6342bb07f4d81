"""How much the colors of a released item are to be trusted in training, by who judged them.

An original's own colors count whole. An accepted colorization counts as likely as it is to be preferred once more: by Laplace's rule of
succession (wins + 1) / (votes + 2), so that many votes weigh more than few, and a verdict without votes counts half. Votes that a study's
checks leave out, those of raters who were not reliable, are not among them.
"""

from db.enums import TargetKind
from db.models import ReleaseItem


def weight_of(item: ReleaseItem) -> float:
    """The weight of an item, in (0, 1]."""
    if item.target is TargetKind.REFERENCE:
        return 1.0
    choice = item.choice or {}
    return round((float(choice.get("wins") or 0) + 1) / (float(choice.get("votes") or 0) + 2), 4)
