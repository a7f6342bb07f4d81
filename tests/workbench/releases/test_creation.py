"""Releases are frozen, explained, leak-free, versioned and checked to the byte."""

import hashlib
import json

import pytest
from sqlalchemy import func, select, update

from db.enums import CaptionStatus, RegionOrigin, Split, TargetKind
from db.models import Caption, Colorization, Event
from tests.stores import (
    SETTINGS,
    colorize,
    create_release,
    insert_caption,
    insert_checkpoint,
    insert_described,
    insert_grounding,
    insert_image,
    open_pair_study,
    preferring,
    vote_until_done,
)
from workbench import captions, releases, reviews, studies
from workbench.errors import InvalidInputError, NotFoundError
from workbench.reviews import queue


def reasons_of(session, release):
    return {(row.image_sha256, row.caption_text): row.reason for row in releases.exclusions(session, release.id)}


def test_a_release_freezes_items_with_splits_targets_and_regions(session, media):
    images = insert_described(session, media)
    region = insert_grounding(session, insert_caption(session, images[0], "a red cup beside a plate"))
    release = create_release(session, media, note="A first one.")
    assert (release.version, release.author, release.note) == ("1.0.0", "ada", "A first one.")
    frozen = releases.items(session, release.id)
    assert len(frozen) == 11
    assert {item.split for item in frozen} == set(Split)
    [grounded] = [item for item in frozen if item.regions]
    place = {"phrase": "a red cup", "start": 0, "end": 9, "object": "cup"}
    assert grounded.regions == [place | {"colors": ["red"], "origin": "human", "mask": region.mask}]
    assert grounded.target is TargetKind.REFERENCE
    assert grounded.color_key == grounded.source_key == images[0].upright_key
    assert session.scalar(select(func.count(Event.id)).where(Event.subject == "release")) == 1


def test_the_manifest_is_one_sorted_line_an_item_and_its_hash_is_the_releases(session, media):
    insert_described(session, media)
    release = create_release(session, media)
    manifest = releases.manifest_bytes(session, release.id)
    assert hashlib.sha256(manifest).hexdigest() == release.manifest_hash
    rows = [json.loads(line) for line in manifest.splitlines()]
    assert [row["image_sha256"] for row in rows] == sorted(row["image_sha256"] for row in rows)
    assert not any("id" in row for row in rows)


@pytest.mark.slow
def test_nothing_changed_means_the_release_that_is_there(session, media):
    insert_described(session, media)
    release = create_release(session, media)
    assert create_release(session, media) is release
    assert create_release(session, media, name="other").version == "1.0.0"


def test_everything_left_out_has_its_reason(session, media):
    images = insert_described(session, media, 3)
    mute = insert_image(session, media, 20)
    gray = insert_image(session, media, 21, gray=True)
    insert_caption(session, gray, "a gray cup")
    insert_caption(session, images[0], "a cup", status=CaptionStatus.PROPOSED)
    insert_caption(session, images[0], "a mug", status=CaptionStatus.DROPPED)
    insert_caption(session, images[0], "a thing", level="scarce")
    release = create_release(session, media, rules={"levels": ["partial"], "query": f"NOT id:{images[2].id}"})
    reasons = reasons_of(session, release)
    assert "does not ask for it" in reasons[images[2].sha256, ""]
    assert reasons[mute.sha256, ""] == "it has no description"
    assert "gray, and no colorization" in reasons[gray.sha256, "a gray cup"]
    assert "nobody has accepted" in reasons[images[0].sha256, "a cup"]
    assert "dropped" in reasons[images[0].sha256, "a mug"]
    assert "level scarce" in reasons[images[0].sha256, "a thing"]
    assert len(reasons) == 6
    summary = releases.summary(session, release.id)
    assert (summary.items, summary.images, summary.targets) == (2, 2, {"reference": 2})
    assert sum(summary.excluded.values()) == 6
    assert {split: sum(levels.values()) for split, levels in summary.by_split.items()} == {"train": 1, "validation": 1, "test": 0}


def test_automatic_masks_are_released_only_where_the_rules_say_so(session, media):
    images = insert_described(session, media)
    region = insert_grounding(session, insert_caption(session, images[0], "a red cup beside a plate"))
    region.origin = RegionOrigin.GRABCUT
    session.flush()

    def masked(**rules):
        release = create_release(session, media, rules=rules)
        return [item.regions[0]["origin"] for item in releases.items(session, release.id) if item.regions]

    assert masked() == []
    assert masked(automatic_masks=True) == ["grabcut"]
    with pytest.raises(InvalidInputError, match="automatic_masks: true"):
        masked(regions="required")


def test_adherence_in_masks_that_steered_breaks_no_tie_unless_the_rules_say_so(session, media):
    checkpoint = insert_checkpoint(session)
    insert_described(session, media, 1, gray=True)
    made = colorize(session, media, checkpoint, seeds=(0, 1))
    for row, adherence in zip(made, (0.2, 0.9), strict=True):
        row.adherence, row.facts = adherence, reviews.facts_of([RegionOrigin.SAM], steered=True)
        reviews.review(session, row.id, "accept", reviewer="ada")

    def chosen(**rules):
        [item] = [item for item in releases.items(session, create_release(session, media, rules=rules).id) if item.colorization_key]
        return item.colorization_key, item.choice["adherence"]

    assert chosen() == (made[0].key, None), "the earliest"
    assert chosen(automatic_masks=True) == (made[1].key, 0.9)


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


def test_a_missing_file_stops_a_release_before_it_exists(session, media):
    images = insert_described(session, media, 3)
    media.path(images[0].upright_key).unlink()
    with pytest.raises(NotFoundError, match="1 files of the release are missing"):
        create_release(session, media)
    assert releases.listing(session) == []


def test_items_page_by_key_and_by_split(session, media):
    insert_described(session, media, 10)
    release = create_release(session, media)
    everything = releases.items(session, release.id)
    first = releases.items(session, release.id, limit=4)
    assert first + releases.items(session, release.id, after_id=first[-1].id) == everything
    assert sum(len(releases.items(session, release.id, split)) for split in Split) == 10
    with pytest.raises(InvalidInputError, match='no split "val"'):
        releases.items(session, release.id, "val")
    assert [row.image_sha256 for row in releases.exclusions(session, release.id, limit=5)] == []


def test_releases_are_found_by_name_and_version(session, media):
    insert_described(session, media, 3)
    release = create_release(session, media)
    assert releases.get(session, "set", "1.0.0") is releases.get(session, "set") is release
    with pytest.raises(NotFoundError, match=r"no release set 2\.0\.0; there are: set 1\.0\.0"):
        releases.get(session, "set", "2.0.0")
    with pytest.raises(NotFoundError, match="no release 9"):
        releases.items(session, 9)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"taste": 1}, 'no part "taste"'),
        ({"levels": ["vague"]}, "`levels.0`: this is one of complete, partial, scarce; got 'vague'"),
        ({"levels": []}, "`levels`: one level at least of complete, partial, scarce"),
        ({"levels": "complete"}, "`levels`: a list belongs here; got 'complete'"),
        ({"levels": 5}, "`levels`: a list belongs here; got 5"),
        (["complete"], "a mapping"),
        ({"seed": "x"}, "`seed`: a whole number belongs here; got 'x'"),
        ({"query": 5}, "`query`: a text belongs here; got 5"),
        ({"shares": {"train": "most", "validation": 0.1, "test": 0.1}}, "a number each"),
        ({"target": "best"}, "`target`: this is one of reference_first, reference, colorization; got 'best'"),
        ({"regions": "some"}, "`regions`: this is one of where_grounded, required, none; got 'some'"),
        ({"min_votes": -1}, "`min_votes`: a whole number, 0 or more, belongs here; got -1"),
        ({"foreign": "folder"}, "`foreign`: a list belongs here; got 'folder'"),
        ({"foreign": [3]}, "`foreign.0`: a folder of images or a file of hashes belongs here; got 3"),
        ({"simulated_votes": 1}, "true or false"),
        ({"shares": {"train": 1.0}}, "`shares`: shares give train, validation and test a number each"),
        ({"shares": {"train": 0.5, "validation": 0.1, "test": 0.1}}, "add up to 1"),
        ({"query": "level:vague"}, "`query`: .*level"),
    ],
)
def test_rules_that_cannot_be_read_are_named(session, media, rules, message):
    insert_described(session, media, 3)
    with pytest.raises(InvalidInputError, match=message):
        create_release(session, media, rules=rules)


@pytest.mark.parametrize("name", ["", "a b", "../x", "-x"])
def test_a_name_that_cannot_be_a_folder_is_refused(session, media, name):
    with pytest.raises(InvalidInputError, match="no name for a release"):
        create_release(session, media, name=name)


def test_an_empty_store_has_nothing_to_release(session, media):
    with pytest.raises(InvalidInputError, match="import some first"):
        create_release(session, media)


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


def test_masks_are_released_required_or_left_out_by_rule(session, media):
    images = insert_described(session, media, 4)
    insert_grounding(session, insert_caption(session, images[0], "a red cup beside a plate"))

    def masks(**rules):
        return [len(item.regions) for item in releases.items(session, create_release(session, media, rules=rules).id)]

    assert sorted(masks()) == [0, 0, 0, 0, 1]
    assert masks(regions="required") == [1]
    left_out = reasons_of(session, releases.get(session, "set")).values()
    assert any(reason.startswith("no mention of the description has a mask that a person drew") for reason in left_out)
    assert masks(regions="none") == [0] * 5


@pytest.mark.slow
def test_the_choice_among_accepted_colorizations_is_kept_with_the_item(session, media):
    study = open_pair_study(session, media, images=1, votes_per_trial=2)
    for queued in queue.queue(session, order="adherence"):
        reviews.review(session, queued.colorization.id, "accept", reviewer="ada")
    for rater, _ in studies.invite(session, study.id, 2):
        vote_until_done(session, study, rater.id, preferring("two"))
    release = create_release(session, media, rules={"target": "colorization", "min_votes": 2})
    [item] = releases.items(session, release.id)
    assert item.choice == {"among": 2, "votes": 2, "wins": 2.0, "mean_score": None, "adherence": 0.5}
    lineage = release.facts["lineage"]
    assert [row["votes"] for row in lineage["raters"]] == [1, 1]
    assert {row["rater"] for row in lineage["raters"]} == {rater.pseudonym for _, rater in studies.invitations(session, study.id)}
    assert lineage["studies"] == [{"name": "pairs", "method": "pair", "votes": 2}]
    assert [row["name"] for row in lineage["checkpoints"]] == ["two"]
    assert lineage["people"] == {"curators": 1, "verdicts": 1, "settled": 0}
    assert lineage["sources"] == {"test": 1}
    assert "ada" not in json.dumps(lineage)
