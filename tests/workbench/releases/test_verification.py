"""A release that is no longer as it was frozen is told to the file, the line, the item and the byte."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from db.models import ReleaseItem
from tests.stores import (
    create_release,
    insert_described,
)
from workbench import releases


def test_verify_names_a_changed_byte_and_a_missing_file(session, media):
    images = insert_described(session, media, 4)
    release = create_release(session, media)
    assert releases.verify(session, media, release.id) == []
    path = media.path(images[0].upright_key)
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content)
    media.path(images[1].upright_key).unlink()
    problems = {problem.subject: problem.reason for problem in releases.verify(session, media, release.id)}
    assert problems == {
        images[0].upright_key: "the file's bytes are no longer those of its name",
        images[1].upright_key: "the file is missing",
    }


def test_verify_names_the_item_that_is_no_longer_as_it_was_frozen(session, media):
    insert_described(session, media, 4)
    release = create_release(session, media)
    item = releases.items(session, release.id, "train")[0]
    session.execute(update(ReleaseItem).where(ReleaseItem.id == item.id).values(level="scarce"))
    [problem] = releases.verify(session, media, release.id)
    assert problem.subject == "manifest"
    assert (
        problem.reason
        == f"image {item.image_sha256[:12]} ({item.file_name}), \"{item.caption_text}\": level is 'scarce' instead of 'partial'"
    )
    session.execute(update(ReleaseItem).where(ReleaseItem.id == item.id).values(level="partial", caption_text="a red cup on a tablf"))
    [problem] = releases.verify(session, media, release.id)
    assert problem.reason.endswith("caption_text is 'a red cup on a tablf' instead of 'a red cup on a table'")
    session.execute(delete(ReleaseItem).where(ReleaseItem.id == item.id))
    [problem] = releases.verify(session, media, release.id)
    assert "was frozen, but is gone" in problem.reason


def test_verify_names_a_torn_split(session, media):
    insert_described(session, media, 4)
    release = create_release(session, media)
    item = releases.items(session, release.id, "train")[0]
    group = releases.items(session, release.id, "test")[0].group_key
    session.execute(update(ReleaseItem).where(ReleaseItem.id == item.id).values(group_key=group))
    assert {problem.subject for problem in releases.verify(session, media, release.id)} == {"manifest", "splits"}


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_one_flipped_byte_of_the_manifest_is_named_with_its_line(session, media, share):
    insert_described(session, media, 4)
    release = create_release(session, media)
    path = media.path(releases.manifest_key(release))
    sound = path.read_bytes()
    assert sound == releases.manifest_bytes(session, release.id)
    place = int(share * len(sound))
    path.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
    [problem] = releases.verify(session, media, release.id)
    assert problem.subject == "manifest"
    assert "its file" in problem.reason
    assert f"first in line {1 + sound[:place].count(10)} (1 in all)" in problem.reason
    path.write_bytes(sound + b"{}")
    assert "line 5 (1 in all)" in releases.verify(session, media, release.id)[0].reason
    path.unlink()
    assert "is missing" in releases.verify(session, media, release.id)[0].reason


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
@pytest.mark.slow
def test_any_flipped_bit_of_any_file_is_named(session, media, place, bit):
    if not releases.listing(session):
        insert_described(session, media, 3)
        create_release(session, media)
    [release] = releases.listing(session)
    files = sorted(path for path in media.path(releases.manifest_key(release)).parents[1].rglob("*") if path.is_file())
    path = files[place % len(files)]
    sound = path.read_bytes()
    where = place % len(sound)
    path.write_bytes(sound[:where] + bytes([sound[where] ^ (1 << bit)]) + sound[where + 1 :])
    try:
        [problem] = releases.verify(session, media, release.id)
        assert path.name in problem.subject + problem.reason
    finally:
        path.write_bytes(sound)
    assert releases.verify(session, media, release.id) == []
