"""Verdicts of people and of rules, previewed, applied once, and taken back."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from db.enums import ReviewKind, Verdict
from db.models import Checkpoint, Colorization, Review, Stimulus
from tests.stores import colorize, insert_caption, insert_checkpoint, insert_image, open_pair_study, preferring, vote_until_done
from tests.workbench.judged import accepted
from workbench import reviews, studies
from workbench.errors import ConflictError, InvalidInputError, NotFoundError
from workbench.reviews import counting, curator_agreement
from workbench.reviews import queue as curation
from workbench.store import events

PLACES = {"one": 1, "two": 2, "three": 3}


def test_a_later_verdict_of_a_reviewer_replaces_the_earlier_and_history_keeps_both(session, made):
    first = reviews.review(session, made[0].id, "reject", reviewer="ada", reason="bleeds")
    assert reviews.review(session, made[0].id, "accept", reviewer="ada") is first
    assert [row.verdict for row in reviews.of_colorization(session, made[0].id)] == [Verdict.ACCEPT]
    assert [event.after["verdict"] for event in events.history(session, "review", first.id)] == ["reject", "accept"]
    reviews.review(session, made[0].id, "accept", reviewer="ada")
    assert len(events.history(session, "review", first.id)) == 2


def test_one_action_is_undone_exactly(session, made):
    row = reviews.review(session, made[0].id, "reject", reviewer="ada", reason="bleeds")
    reviews.review(session, made[0].id, "fix", reviewer="ada", reason="sky")
    events.undo(session, events.history(session, "review", row.id)[-1].id, actor="ada")
    [back] = reviews.of_colorization(session, made[0].id)
    assert (back.verdict, back.reason) == (Verdict.REJECT, "bleeds")


@pytest.mark.parametrize(
    ("verdict", "options", "message"),
    [
        ("reject", {}, "needs a reason"),
        ("fix", {"reason": "  "}, "needs a reason"),
        ("like", {}, 'no verdict "like"'),
        ("accept", {"reviewer": ""}, "reviewer's name"),
    ],
)
def test_a_verdict_that_cannot_stand_is_refused(session, made, verdict, options, message):
    with pytest.raises(InvalidInputError, match=message):
        reviews.review(session, made[0].id, verdict, **({"reviewer": "ada"} | options))


def test_a_verdict_on_nothing_is_refused(session):
    with pytest.raises(NotFoundError):
        reviews.review(session, 5, "accept", reviewer="ada")


def test_the_queue_orders_by_adherence_by_age_and_at_random(session, made):
    def ids(**options):
        return [queued.colorization.id for queued in curation.queue(session, **options)]

    assert ids(order="adherence") == [row.id for row in made]
    assert ids(order="newest", limit=2) == [made[4].id, made[3].id]
    assert ids(order="random", seed=1) == ids(order="random", seed=1)
    assert {tuple(ids(order="random", seed=seed)) for seed in range(5)} != {tuple(ids(order="random"))}
    assert ids(order="adherence", query=f"id:{made[2].image_id}") == [made[2].id]
    with pytest.raises(InvalidInputError, match='no order "best"'):
        ids(order="best")


def test_what_is_judged_leaves_the_queue_for_all_or_for_its_reviewer(session, made):
    reviews.review(session, made[0].id, "accept", reviewer="ada")
    assert len(curation.queue(session, order="newest")) == 4
    assert len(curation.queue(session, order="newest", reviewer="ada")) == 4
    assert len(curation.queue(session, order="newest", reviewer="bob")) == 5
    assert curation.counts(session) == {"accept": 1, "fix": 0, "reject": 0, "reviewed": 1, "waiting": 4, "disputed": 0}


def test_a_query_picks_captions_not_only_their_images(session, media):
    checkpoint = insert_checkpoint(session)
    image = insert_image(session, media, 0)
    insert_caption(session, image, "a red cup")
    scarce = insert_caption(session, image, "a cup", level="scarce")
    colorize(session, media, checkpoint)
    assert [row.colorization.caption_id for row in curation.queue(session, query="level:scarce")] == [scarce.id]
    rules = {"name": "s", "query": "level:scarce", "rules": [{"verdict": "accept", "when": {"adherence": "> 0"}}]}
    assert len(reviews.apply_rules(session, rules, actor="ada")) == 1


def test_a_verdict_does_not_shuffle_what_waits_at_random(session, made):
    before = [queued.colorization.id for queued in curation.queue(session, order="random", seed=7)]
    reviews.review(session, before[0], "accept", reviewer="ada")
    assert [queued.colorization.id for queued in curation.queue(session, order="random", seed=7)] == before[1:]
    assert curation.waiting_ids(session, order="random", seed=7) == before[1:]
    assert curation.count_waiting(session) == len(before) - 1


def test_a_batch_knows_what_it_judged(session, made):
    for row in (made[2], made[0]):
        reviews.review(session, row.id, "accept", reviewer="ada", batch_id="both")
    assert curation.judged_in(session, "both") == [made[2].id, made[0].id]


def disputes(session):
    return [queued.colorization.id for queued in curation.queue(session, in_dispute=True)]


@pytest.mark.slow
def test_curators_who_disagree_are_settled_and_that_word_counts_alone(session, made):
    first, second = made[0].id, made[1].id
    for row in (first, second):
        reviews.review(session, row, "accept", reviewer="ada")
    reviews.review(session, first, "reject", reviewer="strict", kind=ReviewKind.RULE, reason="low")
    assert disputes(session) == []
    reviews.review(session, first, "reject", reviewer="bob", reason="bleeds")
    assert disputes(session) == [first]
    assert accepted(session) == [second]
    reviews.settle(session, first, "accept", reviewer="eve")
    assert (disputes(session), accepted(session)) == ([], [first, second])
    reviews.review(session, first, "fix", reviewer="bob", reason="still bleeds")
    assert accepted(session) == [first, second]
    reviews.settle(session, first, "reject", reviewer="bob", reason="bleeds", batch_id="b")
    assert [row.reviewer for row in reviews.of_colorization(session, first) if row.kind is ReviewKind.FINAL] == ["bob"]
    assert accepted(session) == [second]
    curation.undo(session, "b", actor="bob")
    assert accepted(session) == [first, second]


def test_there_is_nothing_to_settle_where_curators_agree(session, made):
    reviews.review(session, made[0].id, "accept", reviewer="ada")
    with pytest.raises(ConflictError, match="do not disagree"):
        reviews.settle(session, made[0].id, "reject", reviewer="eve", reason="dull")


def test_what_is_settled_waits_for_no_further_curator(session, made):
    reviews.review(session, made[0].id, "accept", reviewer="ada")
    reviews.review(session, made[0].id, "reject", reviewer="bob", reason="dull")
    assert made[0].id in {row.colorization.id for row in curation.queue(session, reviewer="eve")}
    reviews.settle(session, made[0].id, "accept", reviewer="ada")
    assert made[0].id not in {row.colorization.id for row in curation.queue(session, reviewer="eve")}


PERSON, RULE, FINAL = ReviewKind
REVIEWERS = ((PERSON, "ada"), (PERSON, "bob"), (RULE, "strict"), (RULE, "lax"), (FINAL, "ada"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(REVIEWERS), st.sampled_from(list(Verdict)), max_size=4), min_size=5, max_size=5))
@pytest.mark.slow
def test_what_counts_as_accepted_is_the_same_in_the_store_and_in_memory(session, made, given_):
    session.query(Review).delete()
    for row, verdicts in zip(made, given_, strict=True):
        for (kind, name), verdict in verdicts.items():
            session.add(Review(colorization_id=row.id, kind=kind, reviewer=name, verdict=verdict, reason="r"))
    session.flush()
    expected = [
        row.id
        for row in made
        if (counts := counting(reviews.of_colorization(session, row.id))) and all(one.verdict is Verdict.ACCEPT for one in counts)
    ]
    assert accepted(session) == expected


def test_curators_agreement_is_krippendorffs_alpha_of_what_two_judged(session, made):
    assert curator_agreement.of_curators(session) == (0, None)
    for row, verdicts in zip(made, (("accept", "accept"), ("fix", "fix"), ("accept", "fix"), ("accept",)), strict=False):
        for reviewer, verdict in zip(("ada", "bob"), verdicts, strict=False):
            reviews.review(session, row.id, verdict, reviewer=reviewer, reason="why")
    number, alpha = curator_agreement.of_curators(session)
    assert number == 3
    assert alpha == pytest.approx(1 - (2 / 6) / (18 / 30))


def test_rivals_are_the_other_colorizations_of_the_same_words_the_best_first(session, media):
    insert_caption(session, insert_image(session, media, 0))
    low, high, own = (
        row
        for seed, share in enumerate((0.2, 0.9, 0.5))
        for row in colorize(session, media, one_checkpoint(session), seeds=[seed], adherence=share)
    )
    assert [rival.colorization.id for rival in curation.rivals(session, own.id)] == [high.id, low.id]


def one_checkpoint(session):
    return session.scalar(select(Checkpoint)) or insert_checkpoint(session)


@pytest.mark.slow
def test_the_most_split_votes_come_first(session, media):
    study = open_pair_study(session, media, images=3, votes_per_trial=4)
    raters = [rater.id for rater, _ in studies.invite(session, study.id, 4)]
    split_image = session.scalar(select(func.min(Colorization.image_id)))

    def choose_as(rater_id):
        def choose(view, systems):
            on_split = session.scalar(
                select(Colorization.image_id)
                .join(Stimulus, Stimulus.colorization_id == Colorization.id)
                .where(Stimulus.id == view.stimuli[0].id)
            )
            word = "two" if on_split == split_image and rater_id in raters[:2] else "one"
            return preferring(word)(view, systems)

        return choose

    for rater_id in raters:
        vote_until_done(session, study, rater_id, choose_as(rater_id))
    insert_caption(session, insert_image(session, media, 9))
    colorize(session, media, insert_checkpoint(session, "three"))
    queue = curation.queue(session, limit=60)
    assert {queued.colorization.image_id for queued in queue[:2]} == {split_image}
    assert [(queued.votes, queued.win_rate, queued.disagreement) for queued in queue[:2]] == [(4, 0.5, 1.0)] * 2
    assert [queued.votes for queued in queue[2:]] == [4] * 4 + [0] * 4
