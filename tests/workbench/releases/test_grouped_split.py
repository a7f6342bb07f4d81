"""Partitions: groups stay together, nobody moves, leaks are named."""

from collections import Counter
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from db.enums import Split
from workbench.errors import InvalidInputError
from workbench.releases.grouped_split import SHARES, Bound, assign, leaks

TRAIN, VALIDATION, TEST = Split


def names(count, prefix="i"):
    return [f"{prefix}{number:04d}" for number in range(count)]


@st.composite
def libraries(draw, most=60):
    images = names(draw(st.integers(0, most)))
    pick = st.sampled_from(images) if images else st.nothing()
    links = draw(st.lists(st.tuples(pick, pick), max_size=most // 2)) if images else []
    sources = draw(st.dictionaries(pick, st.lists(st.sampled_from("xyz"), max_size=2), max_size=8)) if images else {}
    return images, links, sources


@settings(max_examples=150, deadline=None)
@given(libraries(), st.integers(0, 3))
@pytest.mark.slow
def test_no_group_is_ever_split_and_everybody_has_a_place(library, seed):
    images, links, sources = library
    partition = assign(images, links, sources=sources, seed=seed)
    assert partition.placed.keys() == set(images)
    assert not partition.left_out
    assert leaks(partition.placed, links, sources=sources) == []


@settings(max_examples=150, deadline=None)
@given(libraries(), libraries(), st.data())
@pytest.mark.slow
def test_adding_images_and_links_moves_nobody_and_never_leaks(first, second, data):
    before = assign(first[0], first[1], sources=first[2])
    grown = [*first[0], *(f"new{name}" for name in second[0])]
    fresh = [(f"new{a}", f"new{b}") for a, b in second[1]]
    pick = st.sampled_from(grown) if grown else st.nothing()
    across = data.draw(st.lists(st.tuples(pick, pick), max_size=10)) if grown else []
    sources = first[2] | {f"new{name}": made_from for name, made_from in second[2].items()}
    after = assign(grown, first[1] + fresh + across, sources=sources, bound=before.placed)
    assert all(after.placed[name] == before.placed[name] for name in before.placed if name not in after.left_out)
    assert after.placed.keys() | after.left_out.keys() == set(grown)
    assert not after.placed.keys() & after.left_out.keys()
    assert leaks(after.placed, first[1] + fresh + across, sources=sources) == []


@settings(max_examples=100, deadline=None)
@given(libraries(), st.randoms(use_true_random=False))
@pytest.mark.slow
def test_the_order_of_images_and_links_does_not_matter(library, random):
    images, links, sources = library
    shuffled = assign(random.sample(images, len(images)), random.sample(links, len(links)), sources=sources)
    assert shuffled == assign(images, links, sources=sources)


@pytest.mark.parametrize("count", [10, 100, 1000])
def test_shares_are_met_to_within_one_image(count):
    filled = Counter(place.split for place in assign(names(count)).placed.values())
    assert all(abs(filled[split] - SHARES[split] * count) <= 1 for split in Split)


def farthest(sizes):
    """How far the splits are from their shares, in images: the farthest of the three."""
    count = sum(sizes.values())
    return max(abs(sizes.get(split, 0) - SHARES[split] * count) for split in Split)


def nearest_possible(groups):
    """The least `farthest` of all ways to put groups of these sizes into splits of which none is empty."""
    reached = {(0, 0, 0)}
    for size in groups:
        reached = {(a + size, b, c) for a, b, c in reached} | {(a, b + size, c) for a, b, c in reached} | {
            (a, b, c + size) for a, b, c in reached
        }  # fmt: skip
    return min(farthest(dict(zip(Split, sizes, strict=True))) for sizes in reached if min(sizes) > 0)


@settings(max_examples=120, deadline=None)
@given(libraries(most=90), st.integers(0, 3))
@pytest.mark.slow
def test_splits_are_within_two_points_of_their_shares_wherever_whole_groups_permit_it(library, seed):
    images, links, sources = library
    placed = assign(images, links, sources=sources, seed=seed).placed
    groups = Counter(place.group_key for place in placed.values())
    assume(len(groups) >= 3)
    deviation = farthest(Counter(place.split for place in placed.values()))
    assert deviation <= max(0.02 * len(images), nearest_possible(groups.values())) + 1e-6


@pytest.mark.parametrize(("largest", "count"), [(9, 600), (40, 2000), (1, 50)])
def test_groups_up_to_a_fiftieth_of_the_library_always_permit_it(largest, count):
    images, links = names(count), []
    for start in range(0, count // 2, largest):
        links += [(images[start], images[start + step]) for step in range(1, min(largest, 1 + start % 41))]
    filled = Counter(place.split for place in assign(images, links).placed.values())
    assert farthest(filled) <= 0.02 * count


@settings(max_examples=40, deadline=None)
@given(st.integers(60, 200), st.integers(60, 200), st.randoms(use_true_random=False))
@pytest.mark.slow
def test_a_library_that_grows_stays_within_two_points(before, more, random):
    images = names(before + more)
    links = [tuple(random.sample(images[:before], 2)) for _ in range(before // 10)]
    links += [tuple(random.sample(images[before:], 2)) for _ in range(more // 10)]
    first = assign(images[:before], links)
    second = assign(images, links, bound=first.placed)
    assert first.placed.items() <= second.placed.items()
    for partition in (first, second):
        assert farthest(Counter(place.split for place in partition.placed.values())) <= 0.02 * len(partition.placed)


def traits_of(images, random):
    """Levels, sources and numbers of instances as unevenly spread as in a library."""
    return {
        name: Counter(
            {f"level {random.choices('abc', (6, 3, 1))[0]}": 1, f"source {min(int(random.expovariate(0.7)), 3)}": 1,
             f"instances {min(int(random.expovariate(1)), 3)}": 1}
        )
        for name in images
    }  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
@pytest.mark.slow
def test_levels_sources_and_numbers_of_instances_are_dealt_in_proportion(seed):
    images, random = names(500), Random(seed)
    links = [tuple(random.sample(images, 2)) for _ in range(40)]
    traits = traits_of(images, random)
    placed = assign(images, links, traits=traits).placed
    assert leaks(placed, links) == []
    totals = sum(traits.values(), Counter())
    by_split = {split: sum((traits[name] for name in images if placed[name].split is split), Counter()) for split in Split}
    for trait, total in totals.items():
        for split in Split:
            assert abs(by_split[split][trait] - SHARES[split] * total) <= 3, (trait, total, split)


def test_a_source_of_single_images_does_not_crowd_out_the_levels():
    images = names(400)
    traits = {name: Counter({f"source {name}": 1, f"level {'ab'[number % 2]}": 1}) for number, name in enumerate(images)}
    placed = assign(images, traits=traits).placed
    by_split = {split: Counter(number % 2 for number, name in enumerate(images) if placed[name].split is split) for split in Split}
    assert all(abs(own[0] - own[1]) <= 2 for own in by_split.values())


@pytest.mark.parametrize("count", range(3, 12))
def test_three_or_more_groups_leave_no_split_empty(count):
    assert {place.split for place in assign(names(count)).placed.values()} == set(Split)


def test_one_group_trains_and_a_second_validates():
    images = names(4)
    lone = assign(images, [(images[0], other) for other in images[1:]])
    assert {place.split for place in lone.placed.values()} == {TRAIN}
    pair = assign(images, [(images[0], images[1]), (images[2], images[3])])
    assert {place.split for place in pair.placed.values()} == {TRAIN, VALIDATION}


def test_the_largest_group_does_not_end_up_as_the_test_set():
    images = names(30)
    big = [(images[0], other) for other in images[1:20]]
    placed = assign(images, big).placed
    assert placed[images[0]].split == TRAIN
    assert placed[images[0]].group_key == images[0]


def test_a_group_goes_through_a_source_and_through_an_image_that_takes_no_part():
    by_source = assign(["a", "b", *names(5)], sources={"a": ["cup"], "b": ["cup", "cat"]}).placed
    assert by_source["a"] == by_source["b"]
    by_gray_photo = assign(["a", "b", *names(5)], [("a", "gray"), ("gray", "b")]).placed
    assert by_gray_photo["a"] == by_gray_photo["b"]
    assert "gray" not in by_gray_photo


def test_a_newcomer_joins_the_group_that_is_bound():
    bound = {"old": Bound("old", TEST)}
    assert assign(["new", *names(9)], [("new", "old")], bound=bound).placed["new"] == Bound("old", TEST)


def test_a_newcomer_between_two_splits_is_left_out_with_the_reason():
    bound = {"a": Bound("a", TRAIN), "b": Bound("b", TEST)}
    partition = assign(["a", "b", "c"], [("a", "c"), ("c", "b")], bound=bound)
    assert partition.placed == bound
    assert "train and test" in partition.left_out["c"]


def test_of_bound_images_found_to_be_alike_the_first_stays():
    bound = {"z": Bound("z", TRAIN), "a": Bound("a", TEST)}
    partition = assign(["a", "z"], [("a", "z")], bound=bound)
    assert list(partition.placed) == ["z"]
    assert list(partition.left_out) == ["a"]


def test_a_bound_image_binds_its_group_even_where_it_takes_no_part_itself():
    bound = {"old": Bound("old", VALIDATION)}
    placed = assign(["new"], [("new", "old")], bound=bound).placed
    assert placed == {"new": Bound("old", VALIDATION)}


def test_leaks_are_named_by_link_by_group_and_by_source():
    placed = {"a": Bound("g", TRAIN), "b": Bound("g", TEST), "c": Bound("c", VALIDATION), "d": Bound("d", TRAIN)}
    leaking = leaks(placed, [("c", "a"), ("d", "a")], sources={"c": ["cup"], "d": ["cup"]})
    assert [(leak.first, leak.second) for leak in leaking] == [("a", "c"), ("a", "b"), ("c", "d")]
    assert "resemble" in leaking[0].reason
    assert "group g" in leaking[1].reason
    assert "source cup" in leaking[2].reason


@pytest.mark.parametrize("shares", [{TRAIN: 1.0}, {TRAIN: 0.8, VALIDATION: 0.2, TEST: 0.0}, {TRAIN: 0.8, VALIDATION: 0.2, TEST: 0.2}])
def test_shares_that_are_no_partition_are_refused(shares):
    with pytest.raises(InvalidInputError, match="add up to 1"):
        assign(names(3), shares=shares)


@settings(max_examples=150, deadline=None)
@given(libraries(), st.data())
@pytest.mark.slow
def test_what_can_only_teach_stands_in_training_or_beside_what_can_be_measured(library, data):
    images, links, sources = library
    only_train = set(data.draw(st.lists(st.sampled_from(images)))) if images else set()
    placed = assign(images, links, sources=sources, only_train=only_train).placed
    assert placed.keys() == set(images)
    assert leaks(placed, links, sources=sources) == []
    measured = {place.group_key for name, place in placed.items() if name not in only_train}
    assert all(place.split is TRAIN or place.group_key in measured for place in placed.values())


def test_gray_photos_take_no_place_away_from_those_that_are_measured():
    images = names(100)
    placed = assign(images, only_train=images[:85]).placed
    filled = Counter(place.split for place in placed.values())
    assert {placed[name].split for name in images[:85]} == {TRAIN}
    assert filled[VALIDATION] + filled[TEST] == 15
    assert abs(filled[VALIDATION] - filled[TEST]) <= 1


def test_the_first_measured_group_beside_gray_ones_is_validated_on():
    placed = assign(["gray", "photo"], only_train={"gray"}).placed
    assert (placed["gray"].split, placed["photo"].split) == (TRAIN, VALIDATION)
