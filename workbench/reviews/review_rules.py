"""Review rules as a person writes them, checked: which verdict which votes, scores and adherence bring.

    name: first pass
    query: "level:complete"          # which captions' colorizations; left out: all
    simulated_votes: false           # whether simulated raters' votes count; left out: they do not
    automatic_masks: false           # whether adherence counts that was measured in the automatic masks that steered the colors
    rules:                           # the first rule that holds decides
      - verdict: reject
        when: {adherence: "< 0.4"}
        reason: the colors are not those of the description
      - verdict: accept
        when: {adherence: ">= 0.7", votes: ">= 3", win_rate: ">= 0.5"}

A condition on what is not known (a win rate without votes) does not hold; two conditions on one measure are written as a list
(`adherence: [">= 0.4", "< 0.7"]`).
"""

import difflib
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from db.enums import Verdict
from db.models import Colorization
from workbench.errors import InvalidInputError
from workbench.rating import Tally
from workbench.reviews.adherence_basis import worth
from workbench.search import parse
from workbench.yaml_fields import Truth, mapping_of, part, told

__all__ = ["MEASURES", "ReviewRules", "Rule"]

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
CONDITION = re.compile(r"\s*(>=|<=|>|<|=)\s*(-?\d+(?:\.\d+)?)\s*")


MEASURES: dict[str, Callable[[Colorization, Tally], float | None]] = {
    "adherence": lambda row, tally: worth(row),
    "votes": lambda row, tally: tally.votes,
    "win_rate": lambda row, tally: tally.win_rate,
    "disagreement": lambda row, tally: tally.disagreement if tally.votes else None,
    "agreement": lambda row, tally: tally.agreement,
    "mean_score": lambda row, tally: tally.mean_score,
    "seed": lambda row, tally: row.seed,
    **{
        name: lambda row, tally, name=name: row.facts.get("metrics", {}).get(name)
        for name in ("psnr", "ssim", "delta_e", "colorfulness", "colorfulness_gap", "bleeding")
    },
}
"""What a rule can look at: how well the colors are those of the description, the votes, and the metrics beside the original."""


@dataclass(frozen=True)
class Condition:
    """What a measure has to be."""

    comparison: str
    limit: float


def _condition(text: Any) -> Any:
    parts = CONDITION.fullmatch(str(text))
    if parts is None:
        raise ValueError(f'{told(str(text))} is no condition; write one such as ">= 0.7".')
    return Condition(parts[1], float(parts[2]))


def _measure(name: Any) -> str:
    if name not in MEASURES:
        near = difflib.get_close_matches(str(name), MEASURES, 1)
        meant = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(MEASURES)}."
        raise ValueError(f'there is no measure "{name}"; {meant}')
    return name


def _filled(value: Any) -> Any:
    return "" if value is None else value


def _some(rules: tuple[Any, ...]) -> tuple[Any, ...]:
    if not rules:
        raise ValueError("review rules need at least one rule.")
    return rules


def _named(name: str) -> str:
    if not name:
        raise ValueError("review rules need a name; their verdicts stand under it.")
    return name


def _query(text: str) -> str:
    try:
        parse(text)
    except InvalidInputError as refusal:
        raise ValueError(str(refusal)) from None
    return text


Spoken = Annotated[str, Field(coerce_numbers_to_str=True), StringConstraints(strip_whitespace=True)]
Conditions = Annotated[
    tuple[Annotated[Condition, BeforeValidator(_condition)], ...], BeforeValidator(lambda one: one if isinstance(one, list) else [one])
]
RULE = mapping_of('a rule has the parts verdict, when and reason: {verdict: accept, when: {votes: ">= 3"}}')
WHEN = mapping_of('`when` maps measures to conditions such as {adherence: ">= 0.7"}')


def _when(value: Any) -> Any:
    return WHEN({} if value is None else value)


@dataclass(frozen=True)
class Rule:
    """A verdict on every colorization that meets all conditions."""

    __pydantic_config__ = part("A rule")

    verdict: Verdict
    when: Annotated[dict[Annotated[str, BeforeValidator(_measure)], Conditions], BeforeValidator(_when)] = field(default_factory=dict)
    reason: Annotated[Spoken, BeforeValidator(_filled)] = ""
    """What the verdict is given for; by default the conditions."""

    @model_validator(mode="after")
    def _have_a_reason(self) -> Self:
        if self.verdict is not Verdict.ACCEPT and not self.why:
            raise ValueError(f"a verdict {self.verdict} needs a reason or a condition.")
        return self

    @property
    def why(self) -> str:
        """The reason, else the conditions."""
        limits = [f"{measure} {one.comparison} {one.limit:g}" for measure, conditions in self.when.items() for one in conditions]
        return self.reason or ", ".join(limits)

    def holds(self, row: Colorization, tally: Tally, automatic_masks: bool) -> bool:
        """Whether all conditions are met; one on what is not known is not."""
        for measure, conditions in self.when.items():
            steered = automatic_masks and measure == "adherence"
            value = worth(row, automatic_masks=True) if steered else MEASURES[measure](row, tally)
            if value is None or not all(COMPARISONS[one.comparison](value, one.limit) for one in conditions):
                return False
        return True


@dataclass(frozen=True)
class ReviewRules:
    """Rules as a person writes them."""

    __pydantic_config__ = part("A set of review rules")

    name: Annotated[Spoken, AfterValidator(_named), BeforeValidator(_filled)]
    rules: Annotated[tuple[Annotated[Rule, BeforeValidator(RULE)], ...], AfterValidator(_some)]
    query: Annotated[Spoken, AfterValidator(_query), BeforeValidator(_filled)] = ""
    simulated_votes: Truth = False
    automatic_masks: Truth = False
