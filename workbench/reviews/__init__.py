"""Curators' decisions: verdicts, the queue, rules, agreement between curators."""

from workbench.reviews.queue import Decision, Queued
from workbench.reviews.rules import MEASURES, apply_rules
from workbench.reviews.verdicts import FINAL, RULE, counting

__all__ = ["FINAL", "MEASURES", "RULE", "Decision", "Queued", "apply_rules", "counting"]
