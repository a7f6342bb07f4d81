"""The splits of releases: what belongs together stays together, and nobody moves."""

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from db.enums import Split
from db.models import Release, SplitAssignment
from db.session import connect, transaction
from tests.workbench.library import (
    add_caption,
    add_duplicate,
    add_image,
    create_release,
    described,
    splits_of,
)
from workbench import releases, split_assignments, splits
from workbench.errors import ConflictError
from workbench.media import MediaStore


def reasons_of(session, release):
    return {(row.image_sha256, row.caption_text): row.reason for row in releases.exclusions(session, release.id)}


def test_near_duplicates_and_scenes_of_one_source_share_their_split(session, media):
    images = described(session, media, 20)
    for image in images[1:4]:
        add_duplicate(session, image, images[0])
    for image, source in ((images[5], "cup"), (images[6], ["cat", "cup"]), (images[7], ["cat"])):
        image.attributes = {split_assignments.SCENE_SOURCE: source}
    session.flush()
    placed = splits_of(session, create_release(session, media))
    assert len({placed[image.sha256] for image in images[:4]}) == 1
    assert len({placed[image.sha256] for image in images[5:8]}) == 1


def test_adding_images_moves_nobody(session, media):
    described(session, media, 12)
    before = splits_of(session, create_release(session, media))
    for number in range(100, 130):
        add_caption(session, add_image(session, media, number))
    after = splits_of(session, create_release(session, media))
    assert before.items() <= after.items()
    assert len(after) == 42
    # Another release over a part of the store keeps the places, too.
    part = splits_of(session, create_release(session, media, name="part", rules={"query": "file:photo-1"}))
    assert part.items() <= after.items()


def test_a_picture_between_two_splits_is_left_out_with_the_reason(session, media):
    images = described(session, media, 3)
    create_release(session, media)
    bridge = add_image(session, media, 50)
    add_caption(session, bridge)
    add_duplicate(session, bridge, images[0])
    add_duplicate(session, bridge, images[1])
    release = create_release(session, media, rules={"seed": 3})
    assert release.version == "1.0.0", "nothing new could be released"
    add_caption(session, add_image(session, media, 60))
    release = create_release(session, media)
    assert "belongs together with images of" in reasons_of(session, release)[bridge.sha256, ""]


def test_a_leak_is_a_hard_gate(session, media, monkeypatch):
    images = described(session, media, 5)
    add_duplicate(session, images[1], images[0])
    broken = splits.Partition(
        {image.sha256: splits.Bound(image.sha256, split) for image, split in zip(images, [*Split, *Split], strict=False)}, {}
    )
    monkeypatch.setattr(splits, "assign", lambda *_args, **_options: broken)
    with pytest.raises(ConflictError, match="leak in 1 places"):
        create_release(session, media)
    assert session.scalar(select(func.count(Release.id))) == 0
    assert session.scalar(select(func.count(SplitAssignment.image_id))) == 0


def test_an_equal_store_gives_an_equal_manifest(engines, media, migrated_file, tmp_path):
    hashes = []
    for number, order in enumerate((range(9), reversed(range(9)))):
        shutil.copyfile(migrated_file, tmp_path / f"{number}.sqlite")
        other = connect(f"sqlite:///{tmp_path / f'{number}.sqlite'}")
        with transaction(other.writer) as session:
            images = {seed: add_image(session, media, seed) for seed in order}
            for image in images.values():
                add_caption(session, image)
            add_duplicate(session, images[2], images[7])
            hashes.append(create_release(session, media).manifest_hash)
        other.dispose()
    assert hashes[0] == hashes[1]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.integers(1, 25),
    second=st.integers(0, 15),
    pairs=st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), max_size=12),
)
def test_random_libraries_never_leak_and_never_move_anybody(migrated_file, tmp_path_factory, first, second, pairs):
    folder = tmp_path_factory.mktemp("library")
    shutil.copyfile(migrated_file, folder / "store.sqlite")
    engines, media = connect(f"sqlite:///{folder / 'store.sqlite'}"), MediaStore(str(folder / "media"))
    with transaction(engines.writer) as session:
        images = described(session, media, first)
        before = splits_of(session, create_release(session, media))
        images += [add_image(session, media, number) for number in range(first, first + second)]
        for image in images[first:]:
            add_caption(session, image)
        known = {tuple(sorted(pair)) for pair in pairs if pair[0] != pair[1] and max(pair) < len(images)}
        for a, b in known:
            add_duplicate(session, images[a], images[b])
        release = create_release(session, media)
        after = splits_of(session, release)
        assert all(after[name] == split for name, split in before.items() if name in after)
        assert all(
            after[images[a].sha256] == after[images[b].sha256] for a, b in known if {images[a].sha256, images[b].sha256} <= after.keys()
        )
        left_out = {row.image_sha256 for row in releases.exclusions(session, release.id)}
        assert after.keys() | left_out == {image.sha256 for image in images}
        assert releases.verify(session, media, release.id) == []
    engines.dispose()
