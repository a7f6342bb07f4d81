"""What to do next: which photos to describe, phrases to ground, colorizations to rate or review, with the reason for each."""

from workbench.suggestions.choice import Suggested, suggest
from workbench.suggestions.lift_over_chance import Replay, replay
from workbench.suggestions.next_items import KINDS, Suggestion

__all__ = ["KINDS", "Replay", "Suggested", "Suggestion", "replay", "suggest"]
