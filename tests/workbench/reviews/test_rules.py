"""Rules turn votes, adherence and metrics into verdicts: previewed, applied once, kept, and taken back."""

import pytest
from sqlalchemy import func, select

from db.enums import ReviewKind, Verdict
from db.models import Review, Run, Stimulus
from tests.stores import colorize, insert_caption, insert_checkpoint, insert_image, open_pair_study, preferring, vote_until_done
from tests.workbench.judged import RULES, accepted
from workbench import reviews, studies
from workbench.errors import ConflictError, InvalidInputError
from workbench.rating import vote_tallies
from workbench.reviews import queue
from workbench.store import events

PLACES = {"one": 1, "two": 2, "three": 3}


def test_accepted_is_what_somebody_accepts_and_nobody_refuses_and_people_outweigh_rules(session, made):
    one, two, three, four, _ = (row.id for row in made)
    reviews.review(session, one, "accept", reviewer="ada")
    reviews.review(session, one, "reject", reviewer="strict", kind=ReviewKind.RULE, reason="low")
    reviews.review(session, two, "accept", reviewer="ada")
    reviews.review(session, two, "fix", reviewer="bob", reason="sky")
    reviews.review(session, three, "accept", reviewer="strict", kind=ReviewKind.RULE)
    reviews.review(session, four, "accept", reviewer="strict", kind=ReviewKind.RULE)
    reviews.review(session, four, "reject", reviewer="bob", reason="bleeds")
    assert accepted(session) == [one, three]


def test_the_rules_that_were_applied_are_kept_with_their_run(session, made):
    done = reviews.apply_rules(session, RULES, actor="ada", apply=True)
    [applied] = queue.applied(session)
    assert (applied.name, applied.actor, applied.verdicts, applied.standing) == ("first pass", "ada", {"reject": 2, "accept": 1}, True)
    run = session.scalar(select(Run))
    assert (run.job, run.status, run.parameters["rules"]) == ("review_rules", "done", RULES)
    queue.undo(session, done[0].batch_id, actor="ada")
    assert queue.applied(session)[0].standing is False


def test_a_persons_last_verdict_is_known_beside_those_of_rules(session, made):
    assert queue.last_of(session, "ada") is None
    reviews.review(session, made[0].id, "accept", reviewer="ada", batch_id="one")
    reviews.apply_rules(session, RULES, actor="ada", apply=True)
    assert queue.last_of(session, "ada") == "one"
    queue.undo(session, "one", actor="ada")
    assert queue.last_of(session, "ada") is None


def test_rules_look_at_metrics_and_agreement_and_at_ranges(session, made):
    for row, psnr in zip(made, (18.0, 22.0, 26.0), strict=False):
        row.facts = {"metrics": {"psnr": psnr}}
    session.flush()
    rules = {"name": "m", "rules": [{"verdict": "accept", "when": {"psnr": [">= 20", "< 25"]}}]}
    [decision] = reviews.apply_rules(session, rules, actor="ada")
    assert decision.colorization_id == made[1].id
    assert decision.reason == "psnr >= 20, psnr < 25"
    agreed = {"name": "a", "rules": [{"verdict": "accept", "when": {"agreement": ">= 0"}}]}
    assert reviews.apply_rules(session, agreed, actor="ada") == [], "nobody voted"


def test_agreement_is_the_part_of_pairs_of_raters_who_said_the_same(session, media):
    study = open_pair_study(session, media, images=1, votes_per_trial=3)
    for (rater, _), word in zip(studies.invite(session, study.id, 3), ("one", "one", "two"), strict=True):
        vote_until_done(session, study, rater.id, preferring(word))
    one = session.scalar(select(Stimulus.colorization_id).where(Stimulus.system.startswith("one")))
    assert vote_tallies.by_colorization(session, [one])[one].agreement == pytest.approx(1 / 3)


def test_rules_are_previewed_applied_once_and_taken_back_in_one_stroke(session, made):
    preview = reviews.apply_rules(session, RULES, actor="ada")
    assert [(row.colorization_id, row.verdict) for row in preview] == [
        (made[0].id, Verdict.REJECT),
        (made[1].id, Verdict.REJECT),
        (made[3].id, Verdict.ACCEPT),
    ]
    assert session.scalar(select(func.count(Review.id))) == 0
    done = reviews.apply_rules(session, RULES, actor="ada", apply=True)
    assert len({row.batch_id for row in done}) == 1
    (review,) = reviews.of_colorization(session, made[0].id)
    assert (review.kind, review.reviewer) == (ReviewKind.RULE, "first pass")
    assert events.history(session, "review", reviews.of_colorization(session, made[0].id)[0].id)[0].actor == "ada"
    assert reviews.apply_rules(session, RULES, actor="ada", apply=True) == []
    assert accepted(session) == [made[3].id]
    assert queue.undo(session, done[0].batch_id, actor="ada") == 3
    assert session.scalar(select(func.count(Review.id))) == 0


def test_a_batch_is_not_undone_over_a_later_change(session, made):
    done = reviews.apply_rules(session, RULES, actor="ada", apply=True)
    reviews.apply_rules(
        session, RULES | {"rules": [{"verdict": "fix", "when": {"adherence": "< 0.4"}, "reason": "redo"}]}, actor="ada", apply=True
    )
    with pytest.raises(ConflictError):
        queue.undo(session, done[0].batch_id, actor="ada")
    assert session.scalar(select(func.count(Review.id))) == 3


def test_rules_leave_alone_what_a_person_judged_and_what_the_query_does_not_ask_for(session, made):
    reviews.review(session, made[0].id, "accept", reviewer="bob")
    rules = RULES | {"query": f"id:{made[0].image_id} OR id:{made[3].image_id}"}
    assert [row.colorization_id for row in reviews.apply_rules(session, rules, actor="ada")] == [made[3].id]


def test_a_condition_on_what_is_unknown_does_not_hold(session, made):
    rules = {"name": "votes", "rules": [{"verdict": "accept", "when": {"win_rate": "<= 1"}}, {"verdict": "fix", "when": {"votes": "= 0"}}]}
    decisions = reviews.apply_rules(session, rules, actor="ada")
    assert {row.verdict for row in decisions} == {Verdict.FIX}
    assert {row.reason for row in decisions} == {"votes = 0"}


@pytest.mark.slow
def test_simulated_votes_decide_only_where_the_rules_say_so(session, media):
    study = open_pair_study(session, media, images=1)
    for rater, _ in studies.invite(session, study.id, 2, simulated=True):
        vote_until_done(session, study, rater.id, preferring("one"))
    rules = {"name": "votes", "rules": [{"verdict": "accept", "when": {"win_rate": ">= 0.5", "votes": ">= 2"}}]}
    assert reviews.apply_rules(session, rules, actor="ada") == []
    assert len(reviews.apply_rules(session, rules | {"simulated_votes": True}, actor="ada")) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "need a name"),
        ({"rules": []}, "at least one rule"),
        ({"taste": 1}, 'no part "taste"'),
        ({"simulated_votes": "no"}, "true or false"),
        ({"rules": ["accept all"]}, "`rules.0`: a rule has the parts verdict, when and reason"),
        ({"rules": [{"verdict": "like"}]}, "`rules.0.verdict`: this is one of accept, fix, reject; got 'like'"),
        ({"rules": [{"verdict": "reject"}]}, "`rules.0`: a verdict reject needs a reason or a condition"),
        ({"rules": [{"verdict": "accept", "when": "always"}]}, "`rules.0.when`: `when` maps measures to conditions"),
        (
            {"rules": [{"verdict": "accept", "when": {"beauty": "> 1"}}]},
            '`rules.0.when.beauty`: there is no measure "beauty"; there are adherence',
        ),
        ({"rules": [{"verdict": "accept", "when": {"votes": "many"}}]}, "`rules.0.when.votes.0`: 'many' is no condition"),
        ({"query": "level:vague"}, "`query`: .*level"),
        ({"rules": [{"verdict": "accept", "when": {"adherance": "> 1"}}]}, 'did you mean "adherence"'),
    ],
)
def test_rules_that_cannot_be_read_are_named(session, change, message):
    with pytest.raises(InvalidInputError, match=message):
        reviews.apply_rules(session, RULES | change, actor="ada")


def test_rules_that_are_a_list_are_refused(session):
    with pytest.raises(InvalidInputError, match="a mapping"):
        reviews.apply_rules(session, ["accept"], actor="ada")


@pytest.mark.slow
def test_tallies_count_ties_as_halves_and_leave_excluded_raters_out(session, media):
    study = open_pair_study(session, media, images=1, votes_per_trial=3)
    raters = [rater.id for rater, _ in studies.invite(session, study.id, 3)]
    for rater_id, choose in zip(raters, (preferring("one"), lambda *_: "tie", preferring("two")), strict=True):
        vote_until_done(session, study, rater_id, choose)
    one = session.scalar(select(Stimulus.colorization_id).where(Stimulus.system.startswith("one")))
    assert vote_tallies.by_colorization(session, [one])[one] == vote_tallies.Tally(3, 1.5)
    studies.exclude(session, study.id, raters[2], "asleep", actor="ada")
    assert vote_tallies.by_colorization(session, [one])[one] == vote_tallies.Tally(2, 1.5)


@pytest.mark.slow
def test_rankings_and_scores_are_tallied_too(session, media):
    insert_caption(session, insert_image(session, media, 0))
    made = [row for name in ("one", "two", "three") for row in colorize(session, media, insert_checkpoint(session, name))]
    for method in ("ranking", "category"):
        study = studies.create(session, name=method, question="?", method=method, votes_per_trial=1)
        studies.add_sets(session, study, [row.id for row in made], between=["checkpoint"])
        studies.open_study(session, study.id, actor="test")
        [(rater, _)] = studies.invite(session, study.id, 1)
        vote_until_done(session, study, rater.id, lambda _view, systems: {key: PLACES[system] for key, system in systems.items()})
    tallies = vote_tallies.by_colorization(session, [row.id for row in made])
    assert [tallies[row.id].win_rate for row in made] == [1.0, 0.5, 0.0]
    assert [tallies[row.id].mean_score for row in made] == [1, 2, 3]
