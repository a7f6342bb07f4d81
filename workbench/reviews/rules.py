"""Applying review rules: what they decide, done as one batch that can be taken back.

What a person has judged is left alone. The rules as they were applied are kept with their run.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from db.base import now
from db.enums import ReviewKind, RunStatus, Verdict
from db.models import Colorization, Review, Run
from workbench.rating import Tally, by_colorization
from workbench.reviews.review_rules import ReviewRules
from workbench.reviews.verdicts import by_person, review
from workbench.search import ids_of_captions, parse
from workbench.store import Opening, batches, events, within
from workbench.yaml_fields import validate

JOB = "review_rules"
"""The job that a run of rules stands under; it needs no worker."""


PART = 50
"""Verdicts that one transaction gives."""


@dataclass(frozen=True)
class Decision:
    """What rules say about one colorization; `batch_id` is set once it is done."""

    colorization_id: int
    verdict: Verdict
    reason: str
    batch_id: str | None = None


def apply_rules(session: Session, rules: Mapping[str, Any], *, actor: str, apply: bool = False) -> list[Decision]:
    """What the rules decide that is not so yet; with `apply` it is done, in one batch that `curation.undo` takes back.

    The verdicts stand under the rules' name; the events name `actor`, and the run that keeps the rules.
    Doing it again decides nothing. Raises InvalidInputError that names what is wrong in the rules.
    """
    if apply:
        return apply_in_parts(rules, actor=actor, reading=within(session), writing=within(session))
    return list(_decide(session, validate(ReviewRules, rules)))


def apply_in_parts(rules: Mapping[str, Any], *, actor: str, reading: Opening, writing: Opening) -> list[Decision]:
    """Do what the rules decide, PART verdicts in one transaction, as one batch; returns and raises as `apply_rules`.

    What a person judges meanwhile is left alone. Where it is cut short, the batch is what was done until then; again does the rest.
    """
    checked = validate(ReviewRules, rules)
    with reading() as session:
        wanted = [decision.colorization_id for decision in _decide(session, checked)]
    if not wanted:
        return []
    batch_id, given = events.new_batch(), list[Decision]()
    with writing() as session:
        run_id = _run(session, checked.name, rules, len(wanted), batch_id, actor).id
    for ids in batches(wanted, PART):
        with writing() as session:
            decisions = list(_decide(session, checked, ids))
            common = {"reviewer": checked.name, "kind": ReviewKind.RULE, "batch_id": batch_id, "run_id": run_id, "actor": actor}
            for decision in decisions:
                review(session, decision.colorization_id, decision.verdict, reason=decision.reason, **common)
            given += [replace(decision, batch_id=batch_id) for decision in decisions]
            _count(session, run_id, given)
    return given


def _run(session: Session, name: str, rules: Mapping[str, Any], total: int, batch_id: str, actor: str) -> Run:
    """The run that says what is applied, by whom and when."""
    run = Run(
        job=JOB,
        parameters={"rules": dict(rules)},
        status=RunStatus.DONE,
        requested_by=actor,
        total=total,
        summary={"name": name, "batch_id": batch_id, "verdicts": {}},
        started_at=now(),
        finished_at=now(),
    )
    session.add(run)
    session.flush()
    return run


def _count(session: Session, run_id: int, given: Sequence[Decision]) -> None:
    run = session.get_one(Run, run_id)
    run.done, run.finished_at = len(given), now()
    run.summary = {**(run.summary or {}), "verdicts": dict(Counter(decision.verdict.value for decision in given))}
    run.message = f'{len(given):,} verdicts by the rules "{(run.summary or {})["name"]}".'
    session.flush()


def _decide(session: Session, rules: ReviewRules, among: Sequence[int] | None = None) -> Iterator[Decision]:
    """What the rules decide of all colorizations, or of those with these ids."""
    judged = exists().where(Review.colorization_id == Colorization.id, by_person()).correlate(Colorization)
    undecided = select(Colorization.id).where(~judged).order_by(Colorization.id)
    if among is not None:
        undecided = undecided.where(Colorization.id.in_(among))
    if rules.query:
        undecided = undecided.where(Colorization.caption_id.in_(ids_of_captions(session, parse(rules.query))))
    for ids in batches(session.scalars(undecided).all()):
        tallies = by_colorization(session, ids, simulated=rules.simulated_votes)
        mine = select(Review.colorization_id, Review.verdict, Review.reason).where(
            Review.colorization_id.in_(ids), Review.kind == ReviewKind.RULE, Review.reviewer == rules.name
        )
        decided = {row.colorization_id: (row.verdict, row.reason) for row in session.execute(mine)}
        for row in session.scalars(select(Colorization).where(Colorization.id.in_(ids)).order_by(Colorization.id)):
            tally = tallies.get(row.id, Tally())
            rule = next((rule for rule in rules.rules if rule.holds(row, tally, rules.automatic_masks)), None)
            if rule is not None and decided.get(row.id) != (rule.verdict, rule.why):
                yield Decision(row.id, rule.verdict, rule.why)
