"""Releases are frozen, explained, leak-free, versioned and checked to the byte."""

import hashlib
import json

import pytest
from sqlalchemy import func, select

from db.enums import CaptionStatus, RegionOrigin, Split, TargetKind
from db.models import Event
from tests.stores import (
    create_release,
    insert_caption,
    insert_described,
    insert_grounding,
    insert_image,
)
from workbench import releases
from workbench.errors import InvalidInputError, NotFoundError


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
