"""Which picture a released item is trained towards."""

import json

import pytest
from sqlalchemy import select, update

from db.enums import RegionOrigin
from db.models import Caption, Colorization
from tests.stores import (
    SETTINGS,
    colorize,
    create_release,
    insert_caption,
    insert_checkpoint,
    insert_described,
    insert_image,
    open_pair_study,
    preferring,
    vote_until_done,
)
from workbench import captions, releases, reviews, studies
from workbench.errors import InvalidInputError
from workbench.reviews import queue


def reasons_of(session, release):
    return {(row.image_sha256, row.caption_text): row.reason for row in releases.exclusions(session, release.id)}


def test_adherence_in_masks_that_steered_breaks_no_tie_unless_the_rules_say_so(session, media):
    checkpoint = insert_checkpoint(session)
    insert_described(session, media, 1, gray=True)
    made = colorize(session, media, checkpoint, seeds=(0, 1))
    for row, adherence in zip(made, (0.2, 0.9), strict=True):
        row.adherence, row.facts = adherence, reviews.facts_of([RegionOrigin.SAM], steered=True)
        reviews.review(session, row.id, "accept", reviewer="ada")

    def chosen(**rules):
        [item] = [item for item in releases.items(session, create_release(session, media, rules=rules).id) if item.colorization_key]
        return item.colorization_key, item.choice["adherence"], item.choice["adherence_masks"]

    assert chosen() == (made[0].key, None, None), "the earliest"
    assert chosen(automatic_masks=True) == (made[1].key, 0.9, "steering")
    made[0].facts = reviews.facts_of([RegionOrigin.SAM], steered=True, independent=0.4)
    session.flush()
    assert chosen() == (made[0].key, 0.4, "independent")


def test_a_gray_original_takes_its_accepted_colorization(session, media):
    checkpoint = insert_checkpoint(session)
    insert_described(session, media, 4, gray=True)
    made = colorize(session, media, checkpoint)
    with pytest.raises(InvalidInputError, match=r"Nothing is left.* 4 × the original is gray"):
        create_release(session, media)
    for row in made[:3]:
        reviews.review(session, row.id, "accept", reviewer="ada")
    reviews.review(session, made[3].id, "reject", reviewer="ada", reason="bleeds")
    release = create_release(session, media)
    frozen = releases.items(session, release.id)
    refused = "the original is gray, and no colorization for this description is accepted: bleeds"
    assert list(reasons_of(session, release).values()) == [refused]
    assert {item.colorization_key for item in frozen} == {row.key for row in made[:3]}
    assert {item.color_key for item in frozen} == {row.media_key for row in made[:3]}
    with pytest.raises(InvalidInputError, match="only references are targets"):
        create_release(session, media, rules={"target": "reference"})


@pytest.mark.slow
def test_votes_choose_among_accepted_colorizations_and_simulated_ones_only_by_rule(session, media):
    study = open_pair_study(session, media, images=1, votes_per_trial=5)
    image_target = {"target": "colorization"}
    one, two = (row for row in queue.queue(session, order="adherence"))
    for queued in (one, two):
        reviews.review(session, queued.colorization.id, "accept", reviewer="ada")
    for rater, _ in studies.invite(session, study.id, 2):
        vote_until_done(session, study, rater.id, preferring("two"))
    for rater, _ in studies.invite(session, study.id, 3, simulated=True):
        vote_until_done(session, study, rater.id, preferring("one"))

    def chosen(**rules):
        return releases.items(session, create_release(session, media, rules=image_target | rules).id)[0].colorization_key

    assert chosen() == two.colorization.key
    assert chosen(simulated_votes=True) == one.colorization.key


def test_a_colorization_of_an_earlier_wording_is_no_target(session, media):
    [image] = insert_described(session, media, 1, gray=True)
    [row] = colorize(session, media, insert_checkpoint(session))
    reviews.review(session, row.id, "accept", reviewer="ada")
    captions.edit(session, row.caption_id, "a blue cup on a table", actor="ada")
    with pytest.raises(InvalidInputError, match="no colorization for this description"):
        create_release(session, media)
    assert image.has_reference is False


def test_settings_do_not_leak_into_targets(session, media):
    [image] = insert_described(session, media, 1, gray=True)
    checkpoint = insert_checkpoint(session)
    low, high = (
        colorize(session, media, checkpoint, settings=SETTINGS | {"steps": steps}, adherence=share)[0]
        for steps, share in ((2, 0.2), (8, 0.9))
    )
    for row in (low, high):
        reviews.review(session, row.id, "accept", reviewer="ada")
    [item] = releases.items(session, create_release(session, media).id)
    assert (item.image_sha256, item.colorization_key) == (image.sha256, high.key)


@pytest.mark.slow
def test_why_a_gray_image_has_no_target_is_said_with_the_curators_reasons(session, media):
    checkpoint = insert_checkpoint(session)
    insert_described(session, media, 4)
    images = [insert_image(session, media, number, gray=True) for number in range(10, 15)]
    captions_of = [insert_caption(session, image) for image in images[1:]]
    first, second = colorize(session, media, checkpoint, seeds=(0, 1))[-2:]
    waiting, reworded, voted = (session.scalar(select(Colorization).where(Colorization.caption_id == row.id)) for row in captions_of[:3])
    for row, reason in ((first, "the sky bleeds"), (second, "dull")):
        reviews.review(session, row.id, "fix", reviewer="ada", reason=reason)
    session.execute(update(Caption).where(Caption.id == reworded.caption_id).values(text="other words"))
    reviews.review(session, voted.id, "accept", reviewer="ada")
    release = create_release(session, media, rules={"min_votes": 1})
    reasons = {sha256: reason.rpartition(": ")[2] for (sha256, _), reason in reasons_of(session, release).items()}
    assert reasons[images[0].sha256] == "it has no description"
    assert reasons[images[1].sha256] == "none was judged"
    assert reasons[images[2].sha256] == "what there is was made for an earlier wording"
    assert reasons[images[3].sha256] == "what is accepted has fewer than 1 votes"
    assert reasons[images[4].sha256] == "dull; the sky bleeds"
    assert waiting.media_key not in {item.color_key for item in releases.items(session, release.id)}


@pytest.mark.slow
def test_the_choice_among_accepted_colorizations_is_kept_with_the_item(session, media):
    study = open_pair_study(session, media, images=1, votes_per_trial=2)
    for queued in queue.queue(session, order="adherence"):
        reviews.review(session, queued.colorization.id, "accept", reviewer="ada")
    for rater, _ in studies.invite(session, study.id, 2):
        vote_until_done(session, study, rater.id, preferring("two"))
    release = create_release(session, media, rules={"target": "colorization", "min_votes": 2})
    [item] = releases.items(session, release.id)
    assert item.choice == {"among": 2, "votes": 2, "wins": 2.0, "mean_score": None, "adherence": 0.5, "adherence_masks": "unknown"}
    lineage = release.facts["lineage"]
    assert [row["votes"] for row in lineage["raters"]] == [1, 1]
    assert {row["rater"] for row in lineage["raters"]} == {rater.pseudonym for _, rater in studies.invitations(session, study.id)}
    assert lineage["studies"] == [{"name": "pairs", "method": "pair", "votes": 2}]
    assert [row["name"] for row in lineage["checkpoints"]] == ["two"]
    assert lineage["people"] == {"curators": 1, "verdicts": 1, "settled": 0}
    assert lineage["sources"] == {"test": 1}
    assert "ada" not in json.dumps(lineage)
