"""Evaluations keep the numbers of single items, so that checkpoints are compared item by item."""

import pytest

from db.enums import Split
from db.models import Evaluation, Release
from tests.stores import insert_checkpoint
from workbench.colorizations import evaluations
from workbench.errors import ConflictError, NotFoundError


def rows(shift=0.0):
    """Numbers of twelve items of six images."""
    return [
        {"item": n, "image": f"i{n // 2}", "level": "complete" if n % 2 else "scarce", "instances": n % 5, "source": "test",
         "adherence": None if n == 0 else 0.3 + 0.04 * n + shift, "right": n > 6, "delta_e": 9.0 - 10 * shift}
        for n in range(12)
    ]  # fmt: skip


@pytest.fixture
def evaluated(session, media):
    """Two checkpoints evaluated on the test split of one release, the second better by 0.1, and one that was not."""
    release = Release(name="r", version="1.0.0", rules={}, facts={}, author="test", manifest_hash="0" * 64)
    session.add(release)
    first, second, third = (insert_checkpoint(session, name) for name in ("first", "second", "third"))
    session.flush()
    for checkpoint, shift in ((first, 0.0), (second, 0.1)):
        metrics = {evaluations.ITEMS_KEY: evaluations.keep_items(media, rows(shift))}
        session.add(
            Evaluation(
                checkpoint_id=checkpoint.id, release_id=release.id, split=Split.TEST, settings={}, settings_hash="a", metrics=metrics
            )
        )
    session.flush()
    return release, first, second, third


def test_the_same_items_of_two_checkpoints_are_compared_one_by_one(session, media, evaluated):
    release, first, second, _ = evaluated
    comparison = evaluations.compare(session, media, first, second, release.id, Split.TEST)
    assert (comparison.first, comparison.second) == ("first", "second")
    assert comparison.differences["adherence"].mean == pytest.approx(0.1)
    assert comparison.differences["adherence"].excludes_zero
    assert (comparison.differences["adherence"].rows, comparison.differences["delta_e"].rows) == (11, 12)
    assert comparison.differences["delta_e"].mean == pytest.approx(-1.0)
    assert not comparison.differences["right"].excludes_zero
    assert set(comparison.groups["by_level"]) == {"complete", "scarce"}
    assert set(comparison.groups["by_instances"]) == {"0", "1", "2", "3"}
    assert len(comparison.most_changed) == 11
    assert 0 not in dict(comparison.most_changed)


def test_a_checkpoint_that_was_not_evaluated_is_named(session, media, evaluated):
    release, first, _, third = evaluated
    with pytest.raises(NotFoundError, match="third was not evaluated on the split test"):
        evaluations.compare(session, media, first, third, release.id, Split.TEST)
    with pytest.raises(NotFoundError, match="first was not evaluated on the split train"):
        evaluations.compare(session, media, first, third, release.id, Split.TRAIN)


def test_evaluations_under_other_settings_or_without_single_items_are_not_compared(session, media, evaluated):
    release, first, second, third = evaluated
    session.add(Evaluation(checkpoint_id=third.id, release_id=release.id, split=Split.TEST, settings={}, settings_hash="b", metrics={}))
    session.flush()
    with pytest.raises(NotFoundError, match="different steps or guidance"):
        evaluations.compare(session, media, first, third, release.id, Split.TEST)
    (row,) = evaluations.of_checkpoint(session, second.id)
    row.metrics = {}
    session.flush()
    with pytest.raises(ConflictError, match="evaluate the checkpoint again"):
        evaluations.compare(session, media, first, second, release.id, Split.TEST)


def test_what_masks_steered_and_what_captions_alone_steered_are_never_compared_with_each_other(session, media, evaluated):
    release, first, second, third = evaluated
    with pytest.raises(NotFoundError, match="first was not evaluated by captions alone on the split test"):
        evaluations.compare(session, media, first, second, release.id, Split.TEST, captions_alone=True)
    for checkpoint, shift in ((first, 0.0), (second, 0.3), (third, 0.2)):
        metrics = {evaluations.ITEMS_KEY: evaluations.keep_items(media, rows(shift))}
        asked = {"settings": {evaluations.CAPTIONS_ALONE: True}, "settings_hash": "alone"}
        session.add(Evaluation(checkpoint_id=checkpoint.id, release_id=release.id, split=Split.TEST, metrics=metrics, **asked))
    session.flush()
    masked, alone = (
        evaluations.compare(session, media, first, second, release.id, Split.TEST, captions_alone=alone) for alone in (False, True)
    )
    assert masked.differences["adherence"].mean == pytest.approx(0.1)
    assert alone.differences["adherence"].mean == pytest.approx(0.3)
    with pytest.raises(NotFoundError, match="third was not evaluated on the split test"):
        evaluations.compare(session, media, first, third, release.id, Split.TEST)


def test_intervals_are_given_for_all_items_and_for_every_group():
    comparison = evaluations.intervals(rows())
    low, high = comparison["all"]["adherence"]
    assert low < 0.54 < high
    assert set(comparison) == {"all", "by_level", "by_instances", "by_source"}
    assert comparison["by_level"]["complete"]["delta_e"] == [9.0, 9.0]
    assert "lpips" not in comparison["all"]
