"""Curators' decisions: verdicts, the queue, rules, agreement between curators."""

from workbench.reviews.adherence_basis import AUTOMATIC_ORIGINS, Basis, Measured, basis_of, facts_of, measured, trusted, worth
from workbench.reviews.queue import Queued
from workbench.reviews.review_rules import MEASURES
from workbench.reviews.rules import Decision, apply_in_parts, apply_rules
from workbench.reviews.verdicts import accepted, counting, of_colorization, review, settle

__all__ = [
    "AUTOMATIC_ORIGINS",
    "MEASURES",
    "Basis",
    "Decision",
    "Measured",
    "Queued",
    "accepted",
    "apply_in_parts",
    "apply_rules",
    "basis_of",
    "counting",
    "facts_of",
    "measured",
    "of_colorization",
    "review",
    "settle",
    "trusted",
    "worth",
]
