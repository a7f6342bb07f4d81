"""What a rater meets: assignment of trials, the session, blinded images, ratings. `results` is not named here: it loads scipy."""

from workbench.rating.assignment import next_trial
from workbench.rating.responses import TIE, Answer, is_right
from workbench.rating.trial_view import TrialView
from workbench.rating.vote_tallies import Tally, by_colorization

__all__ = ["TIE", "Answer", "Tally", "TrialView", "by_colorization", "is_right", "next_trial"]
