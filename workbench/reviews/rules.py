"""Rules that turn votes, scores and adherence into verdicts.

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
(`adherence: [">= 0.4", "< 0.7"]`). What a person has judged is left alone. The rules as they were applied are kept with their run.
"""

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from db.base import now
from db.enums import ReviewKind, RunStatus, Verdict
from db.models import Colorization, Review, Run
from workbench.errors import InvalidInputError
from workbench.rating import Tally, by_colorization
from workbench.reviews.adherence_basis import Basis, basis_of
from workbench.reviews.verdicts import by_person, review
from workbench.search import ids_of_captions, parse
from workbench.store import batches, events

JOB = "review_rules"
"""The job that a run of rules stands under; it needs no worker."""

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
PARTS = {"name", "query", "simulated_votes", "automatic_masks", "rules"}
CONDITION = re.compile(r"\s*(>=|<=|>|<|=)\s*(-?\d+(?:\.\d+)?)\s*")


def _trusted_adherence(row: Colorization, _tally: Tally) -> float | None:
    """Adherence, unknown where it was measured in the automatic masks that steered the colors: it would praise itself."""
    return None if basis_of(row) is Basis.STEERING else row.adherence


MEASURES: dict[str, Callable[[Colorization, Tally], float | None]] = {
    "adherence": _trusted_adherence,
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
class Decision:
    """What rules say about one colorization; `batch_id` is set once it is done."""

    colorization_id: int
    verdict: Verdict
    reason: str
    batch_id: str | None = None


@dataclass(frozen=True)
class _Rule:
    verdict: Verdict
    conditions: tuple[tuple[str, str, float], ...]
    reason: str
    automatic_masks: bool = False

    def holds(self, row: Colorization, tally: Tally) -> bool:
        for measure, comparison, limit in self.conditions:
            any_masks = self.automatic_masks and measure == "adherence"
            value = row.adherence if any_masks else MEASURES[measure](row, tally)
            if value is None or not COMPARISONS[comparison](value, limit):
                return False
        return True


def apply_rules(session: Session, rules: Mapping[str, Any], *, actor: str, apply: bool = False) -> list[Decision]:
    """What the rules decide that is not so yet; with `apply` it is done, in one batch that `curation.undo` takes back.

    The verdicts stand under the rules' name; the events name `actor`, and the run that keeps the rules.
    Doing it again decides nothing. Raises InvalidInputError that names what is wrong in the rules.
    """
    name, query, simulated, parsed = _parse(rules)
    decisions = list(_decide(session, query, parsed, name, simulated))
    if not apply or not decisions:
        return decisions
    batch_id = events.new_batch()
    run = _run(session, name, rules, decisions, batch_id, actor)
    common = {"reviewer": name, "kind": ReviewKind.RULE, "batch_id": batch_id, "run_id": run.id, "actor": actor}
    for decision in decisions:
        review(session, decision.colorization_id, decision.verdict, reason=decision.reason, **common)
    return [replace(decision, batch_id=batch_id) for decision in decisions]


def _run(session: Session, name: str, rules: Mapping[str, Any], decisions: Sequence[Decision], batch_id: str, actor: str) -> Run:
    """The run that says what was applied, by whom and when."""
    counts = Counter(decision.verdict.value for decision in decisions)
    run = Run(
        job=JOB,
        parameters={"rules": dict(rules)},
        status=RunStatus.DONE,
        requested_by=actor,
        total=len(decisions),
        done=len(decisions),
        message=f'{len(decisions):,} verdicts by the rules "{name}".',
        summary={"name": name, "batch_id": batch_id, "verdicts": dict(counts)},
        started_at=now(),
        finished_at=now(),
    )
    session.add(run)
    session.flush()
    return run


def _decide(session: Session, query: str, rules: Sequence[_Rule], reviewer: str, simulated: bool) -> Iterator[Decision]:
    judged = exists().where(Review.colorization_id == Colorization.id, by_person()).correlate(Colorization)
    wanted = select(Colorization.id).where(~judged).order_by(Colorization.id)
    if query.strip():
        wanted = wanted.where(Colorization.caption_id.in_(ids_of_captions(session, parse(query))))
    for ids in batches(session.scalars(wanted).all()):
        tallies = by_colorization(session, ids, simulated=simulated)
        mine = select(Review.colorization_id, Review.verdict, Review.reason).where(
            Review.colorization_id.in_(ids), Review.kind == ReviewKind.RULE, Review.reviewer == reviewer
        )
        there = {row.colorization_id: (row.verdict, row.reason) for row in session.execute(mine)}
        for row in session.scalars(select(Colorization).where(Colorization.id.in_(ids)).order_by(Colorization.id)):
            tally = tallies.get(row.id, Tally())
            rule = next((rule for rule in rules if rule.holds(row, tally)), None)
            if rule is not None and there.get(row.id) != (rule.verdict, rule.reason):
                yield Decision(row.id, rule.verdict, rule.reason)


def _parse(rules: Mapping[str, Any]) -> tuple[str, str, bool, list[_Rule]]:
    if not isinstance(rules, Mapping):
        raise InvalidInputError(f"Review rules are a mapping with name, query, simulated_votes and rules; got {rules!r}.")
    unknown = set(rules) - PARTS
    if unknown:
        raise InvalidInputError(f'Review rules have no part "{min(map(str, unknown))}"; they have {", ".join(sorted(PARTS))}.')
    name = str(rules.get("name") or "").strip()
    if not name:
        raise InvalidInputError("Review rules need a name; their verdicts stand under it.")
    given = rules.get("rules")
    if not isinstance(given, list) or not given:
        raise InvalidInputError("Review rules need a list `rules` with at least one rule.")
    simulated, automatic = _switch(rules, "simulated_votes"), _switch(rules, "automatic_masks")
    parsed = [replace(_rule(number, rule), automatic_masks=automatic) for number, rule in enumerate(given, 1)]
    return name, str(rules.get("query") or ""), simulated, parsed


def _switch(rules: Mapping[str, Any], name: str) -> bool:
    value = rules.get(name, False)
    if not isinstance(value, bool):
        raise InvalidInputError(f"`{name}` is true or false; got {value!r}.")
    return value


def _rule(number: int, given: Any) -> _Rule:
    if not isinstance(given, Mapping) or set(given) - {"verdict", "when", "reason"}:
        raise InvalidInputError(f"Rule {number} has the parts verdict, when and reason; got {given!r}.")
    try:
        verdict = Verdict(given.get("verdict"))
    except ValueError:
        raise InvalidInputError(f'Rule {number}: there is no verdict "{given.get("verdict")}"; there are {", ".join(Verdict)}.') from None
    when = given.get("when") or {}
    if not isinstance(when, Mapping):
        raise InvalidInputError(f'Rule {number}: `when` maps measures to conditions such as {{"adherence": ">= 0.7"}}; got {when!r}.')
    conditions = tuple(
        _condition(number, str(measure), text)
        for measure, texts in when.items()
        for text in (texts if isinstance(texts, list) else [texts])
    )
    reason = str(given.get("reason") or "").strip() or ", ".join(
        f"{measure} {comparison} {limit:g}" for measure, comparison, limit in conditions
    )
    if verdict is not Verdict.ACCEPT and not reason:
        raise InvalidInputError(f"Rule {number}: a verdict {verdict} needs a reason or a condition.")
    return _Rule(verdict, conditions, reason)


def _condition(number: int, measure: str, text: Any) -> tuple[str, str, float]:
    if measure not in MEASURES:
        raise InvalidInputError(f'Rule {number}: there is no measure "{measure}"; there are {", ".join(MEASURES)}.')
    found = CONDITION.fullmatch(str(text))
    if found is None:
        raise InvalidInputError(f'Rule {number}: "{text}" is no condition on {measure}; write one such as ">= 0.7".')
    return measure, found[1], float(found[2])
