"""Human experiments from a design to an open study: trials, attention checks, raters, outside systems, progress."""

from workbench.studies.design_io import CONSENT, Design, ExternalSystem, Rules, Scale, Stimuli, rules_of, scales_of, takes_ties
from workbench.studies.entering import abandoned, clear_abandoned, enter
from workbench.studies.lifecycle import by_name, close, create, get, listing, open_study, progress, whole
from workbench.studies.raters import authenticate, exclude, invitations, invite, require_rater, revoke, token_hash
from workbench.studies.trials import FACTORS, REFERENCE, add_pairs, add_sets, study_of

__all__ = [
    "CONSENT",
    "FACTORS",
    "REFERENCE",
    "Design",
    "ExternalSystem",
    "Rules",
    "Scale",
    "Stimuli",
    "abandoned",
    "add_pairs",
    "add_sets",
    "authenticate",
    "by_name",
    "clear_abandoned",
    "close",
    "create",
    "enter",
    "exclude",
    "get",
    "invitations",
    "invite",
    "listing",
    "open_study",
    "progress",
    "require_rater",
    "revoke",
    "rules_of",
    "scales_of",
    "study_of",
    "takes_ties",
    "token_hash",
    "whole",
]
