"""Curators' decisions: verdicts, the queue, rules, agreement between curators."""

from workbench.reviews.adherence_basis import Basis, basis_of, facts_of
from workbench.reviews.queue import Decision, Queued
from workbench.reviews.rules import MEASURES, apply_rules
from workbench.reviews.verdicts import counting

__all__ = ["MEASURES", "Basis", "Decision", "Queued", "apply_rules", "basis_of", "counting", "facts_of"]
