"""How far a study meets the conditions of the recommendation that its method is taken from; it is named with what differs, or not at all.

ITU-T P.910 for the methods (pair comparison, absolute category rating), the number of subjects, their instructions and their screening;
ITU-R BT.500, to which it refers, for viewing conditions.
"""

from db.enums import RatingMethod, TrialKind
from workbench.reports.study_facts import Facts
from workbench.studies import Rules, rules_of

__all__ = ["LEAST_SUBJECTS", "standard_sentence", "unmet"]

LEAST_SUBJECTS = 15
"""Subjects that the recommendation asks for, after screening."""

CATEGORIES = 5


def unmet(facts: Facts) -> list[str]:
    """The conditions that this study does not meet, each as a phrase; the viewing conditions are none of a page on raters' own displays."""
    rules = rules_of(facts.study)
    people = facts.voted - len(facts.excluded) - facts.simulated
    sentences = ["raters used displays and rooms of their own, which were not measured"]
    if people < LEAST_SUBJECTS:
        sentences.append(f"{people} raters are counted, fewer than {LEAST_SUBJECTS}")
    if facts.simulated:
        sentences.append("some raters are programs")
    if rules.color_vision == "off" or facts.screening.get("color_vision", (0, 0))[1] < facts.voted:
        sentences.append("color vision was not tested of all raters")
    if TrialKind.TRAINING not in facts.watching:
        sentences.append("there were no practice trials")
    if not facts.dealt:
        sentences.append("the order of presentation is not on record")
    return sentences + _scale(rules, facts)


def _scale(rules: Rules, facts: Facts) -> list[str]:
    if facts.study.method is not RatingMethod.CATEGORY:
        return ["the two pictures were shown until the answer, not one after the other"]
    other = [scale.name for scale in rules.scales if scale.points != CATEGORIES]
    sentences = [f"the scale {name} has no five points" for name in other]
    unnamed = [scale.name for scale in rules.scales if not (scale.words or (scale.low and scale.high))]
    return sentences + [f"the ends of the scale {name} have no words" for name in unnamed]


def standard_sentence(facts: Facts) -> str:
    """What the procedure has in common with ITU-T P.910, and every condition that it does not meet; nothing of choices and rankings."""
    method = {RatingMethod.PAIR: "pair comparison", RatingMethod.CATEGORY: "absolute category rating"}.get(facts.study.method)
    if method is None or not facts.voted:
        return ""
    return f"The method is {method} as in ITU-T P.910, whose conditions it does not meet in that {'; '.join(unmet(facts))}."
