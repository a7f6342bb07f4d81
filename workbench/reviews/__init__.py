"""Curators' decisions: verdicts, the queue, rules, agreement between curators."""

from workbench.reviews.queue import Decision, Queued
from workbench.reviews.rules import MEASURES, apply_rules
from workbench.reviews.verdicts import counting

__all__ = ["MEASURES", "Decision", "Queued", "apply_rules", "counting"]
