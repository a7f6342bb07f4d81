"""The splits of releases: what belongs together stays together, and nobody moves."""

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from db.enums import Split
from db.models import Release, SplitAssignment
from db.session import transaction
from tests.stores import create_release, empty, insert_caption, insert_described, insert_duplicate, insert_image, opened, splits_of
from workbench import releases
from workbench.errors import ConflictError
from workbench.releases import grouped_split, split_bindings


def reasons_of(session, release):
    return {(row.image_sha256, row.caption_text): row.reason for row in releases.exclusions(session, release.id)}


def test_near_duplicates_and_scenes_of_one_source_share_their_split(session, media):
    images = insert_described(session, media, 20)
    for image in images[1:4]:
        insert_duplicate(session, image, images[0])
    for image, source in ((images[5], "cup"), (images[6], ["cat", "cup"]), (images[7], ["cat"])):
        image.attributes = {split_bindings.SCENE_SOURCE: source}
    session.flush()
    placed = splits_of(session, create_release(session, media))
    assert len({placed[image.sha256] for image in images[:4]}) == 1
    assert len({placed[image.sha256] for image in images[5:8]}) == 1


@pytest.mark.slow
def test_adding_images_moves_nobody(session, media):
    insert_described(session, media, 12)
    before = splits_of(session, create_release(session, media))
    for number in range(100, 130):
        insert_caption(session, insert_image(session, media, number))
    after = splits_of(session, create_release(session, media))
    assert before.items() <= after.items()
    assert len(after) == 42
    # Another release over a part of the store keeps the places, too.
    part = splits_of(session, create_release(session, media, name="part", rules={"query": "file:photo-1"}))
    assert part.items() <= after.items()


def test_a_picture_between_two_splits_is_left_out_with_the_reason(session, media):
    images = insert_described(session, media, 3)
    create_release(session, media)
    bridge = insert_image(session, media, 50)
    insert_caption(session, bridge)
    insert_duplicate(session, bridge, images[0])
    insert_duplicate(session, bridge, images[1])
    release = create_release(session, media, rules={"seed": 3})
    assert release.version == "1.0.0", "nothing new could be released"
    insert_caption(session, insert_image(session, media, 60))
    release = create_release(session, media)
    assert "belongs together with images of" in reasons_of(session, release)[bridge.sha256, ""]


def test_a_leak_is_a_hard_gate(session, media, monkeypatch):
    images = insert_described(session, media, 5)
    insert_duplicate(session, images[1], images[0])
    broken = grouped_split.Partition(
        {image.sha256: grouped_split.Bound(image.sha256, split) for image, split in zip(images, [*Split, *Split], strict=False)}, {}
    )
    monkeypatch.setattr(grouped_split, "assign", lambda *_args, **_options: broken)
    with pytest.raises(ConflictError, match="leak in 1 places"):
        create_release(session, media)
    assert session.scalar(select(func.count(Release.id))) == 0
    assert session.scalar(select(func.count(SplitAssignment.image_id))) == 0


@pytest.mark.slow
def test_an_equal_store_gives_an_equal_manifest(media, tmp_path):
    hashes = []
    for number, order in enumerate((range(9), reversed(range(9)))):
        other = empty(tmp_path / f"{number}.sqlite")
        with transaction(other.writer) as session:
            images = {seed: insert_image(session, media, seed) for seed in order}
            for image in images.values():
                insert_caption(session, image)
            insert_duplicate(session, images[2], images[7])
            hashes.append(create_release(session, media).manifest_hash)
        other.dispose()
    assert hashes[0] == hashes[1]


@dataclass(frozen=True)
class Library:
    """A random library: how many images come first and later, which resemble each other, share a source, or are gray."""

    first: int
    later: int
    pairs: set[tuple[int, int]]
    sources: dict[int, str]
    gray: set[int]


@st.composite
def random_libraries(draw):
    first, later = draw(st.integers(3, 25)), draw(st.integers(0, 15))
    number = st.integers(0, first + later - 1)
    pairs = draw(st.lists(st.tuples(number, number), max_size=12))
    sources = draw(st.dictionaries(number, st.sampled_from("xyz"), max_size=5))
    known = {tuple(sorted(pair)) for pair in pairs if pair[0] != pair[1]}
    return Library(first, later, known, sources, draw(st.sets(number, max_size=3)))


def import_some(session, media, library, numbers, images):
    """Import images in this order, each with captions by its number, and what ties it to those that are there."""
    for number in numbers:
        source = {split_bindings.SCENE_SOURCE: library.sources[number]} if number in library.sources else {}
        images[number] = insert_image(session, media, number, gray=number in library.gray, attributes=source)
        for level in ("partial", "scarce")[: 1 + number % 2]:
            insert_caption(session, images[number], f"a {level} cup", level=level)
    for a, b in library.pairs:
        if a in images and b in images and (a in numbers or b in numbers):
            insert_duplicate(session, images[a], images[b])


def grown(folder, library, order):
    """The manifest hashes and places of a library that grows in two steps, its images imported in an order of their own."""
    images, steps = {}, []
    with opened(folder) as (engines, media), transaction(engines.writer) as session:
        for numbers in (range(library.first), range(library.first, library.first + library.later)):
            import_some(session, media, library, order(numbers), images)
            release = create_release(session, media)
            left_out = {row.image_sha256 for row in releases.exclusions(session, release.id)}
            steps.append((release.manifest_hash, splits_of(session, release), left_out))
            assert releases.verify(session, media, release.id) == []
        names = {number: image.sha256 for number, image in images.items()}
    return names, steps


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(random_libraries(), st.randoms(use_true_random=False))
@pytest.mark.slow
def test_random_libraries_never_leak_never_move_anybody_and_are_the_same_twice(tmp_path_factory, library, random):
    assume(len(library.gray) < library.first - 2)
    folder = tmp_path_factory.mktemp("library")
    (folder / "one").mkdir()
    (folder / "two").mkdir()
    names, steps = grown(folder / "one", library, list)
    (earlier, before, _), (later, after, left_out) = steps
    assert all(after[name] == split for name, split in before.items() if name in after)
    ties = [*library.pairs, *((a, b) for a, one in library.sources.items() for b, other in library.sources.items() if one == other)]
    for a, b in ties:
        if {names[a], names[b]} <= after.keys():
            assert after[names[a]] == after[names[b]]
    came = {names[number] for number in range(library.first, library.first + library.later)}
    same = came if earlier == later else set()  # a release of nothing new is the one before, with what that left out
    assert set(names.values()) - same <= after.keys() | left_out <= set(names.values())
    _, again = grown(folder / "two", library, lambda numbers: random.sample(list(numbers), len(numbers)))
    assert [facts[0] for facts in again] == [facts[0] for facts in steps]
