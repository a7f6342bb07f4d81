"""Adherence says in which masks it was measured, and rules do not take it from masks that made it true themselves."""

import pytest

from db.enums import RegionOrigin, Verdict
from db.models import Colorization
from workbench.reviews import Basis, Measured, apply_rules, basis_of, facts_of, measured, worth

H, C, S, G = RegionOrigin.HUMAN, RegionOrigin.COMPOSED, RegionOrigin.SAM, RegionOrigin.GRABCUT


@pytest.mark.parametrize(
    ("origins", "steered", "basis"),
    [
        ([H, C], True, Basis.PERSON),
        ([H, S], True, Basis.STEERING),
        ([G], True, Basis.STEERING),
        ([S], False, Basis.INDEPENDENT),
        ([], False, Basis.UNKNOWN),
    ],
)
def test_the_basis_is_that_of_the_least_trusted_mask(origins, steered, basis):
    assert basis_of(Colorization(adherence=0.9, facts=facts_of(origins, steered=steered))) is basis


def test_where_masks_steered_the_adherence_in_independent_ones_is_told():
    steered = Colorization(adherence=0.9, facts=facts_of([G], steered=True, independent=0.3))
    assert measured(steered) == Measured(0.3, Basis.INDEPENDENT)
    assert (worth(steered), worth(steered, automatic_masks=True)) == (0.3, 0.3)
    alone = Colorization(adherence=0.9, facts=facts_of([G], steered=True))
    assert (worth(alone), worth(alone, automatic_masks=True)) == (None, 0.9)
    trusted = Colorization(adherence=0.8, facts=facts_of([H], steered=True, independent=0.3))
    assert measured(trusted) == Measured(0.8, Basis.PERSON)


def test_what_was_not_measured_has_no_basis():
    assert basis_of(Colorization(adherence=None, facts=facts_of([H], steered=True))) is None


def test_a_rule_takes_adherence_from_masks_that_steered_the_colors_only_where_it_is_told_to(session, made):
    for row in made:
        row.facts = facts_of([S], steered=True)
    made[3].facts = facts_of([H], steered=True)  # of adherence 0.7, as 0.5 the best of the others
    session.flush()
    rules = {"name": "by color", "rules": [{"verdict": "accept", "when": {"adherence": ">= 0.5"}}]}
    assert [decision.colorization_id for decision in apply_rules(session, rules, actor="ada")] == [made[3].id]
    told = apply_rules(session, rules | {"automatic_masks": True}, actor="ada")
    assert [(decision.colorization_id, decision.verdict) for decision in told] == [(row.id, Verdict.ACCEPT) for row in made[2:4]]
