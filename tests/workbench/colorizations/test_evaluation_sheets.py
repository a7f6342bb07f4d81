"""Sheets show the best, the worst and what changed, each result beside its original."""

import numpy as np
import PIL.Image
import pytest

from db.enums import Split
from db.models import Evaluation
from tests.stores import insert_checkpoint, release_of_twelve
from workbench import releases
from workbench.colorizations import evaluation_sheets
from workbench.errors import ConflictError
from workbench.upkeep.media_in_use import keys_in_use


@pytest.fixture
def evaluation(session, media):
    """An evaluation of two items, with a red and a blue picture."""
    release = release_of_twelve(session, media)
    items = [item.id for item in releases.items(session, release.id)][:2]
    paints = ((200, 0, 0), (0, 0, 200))
    keys = [evaluation_sheets.keep_picture(media, PIL.Image.new("RGB", (800, 400), paint)) for paint in paints]
    row = Evaluation(
        checkpoint_id=insert_checkpoint(session, "new").id, release_id=release.id, split=Split.TEST, settings={}, settings_hash="a" * 64,
        metrics={evaluation_sheets.PICTURES_KEY: {str(item): key for item, key in zip(items, keys, strict=True)}},
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row, items, keys


def test_the_best_are_those_of_most_adherence_and_the_worst_those_of_least():
    rows = [
        {"item": n, "adherence": adherence, "delta_e": far} for n, adherence, far in ((1, 0.5, 9), (2, 0.9, 9), (3, None, 1), (4, 0.9, 3))
    ]
    assert evaluation_sheets.ranked(rows, 2) == {"best": [4, 2], "worst": [1, 2]}


def test_a_sheet_has_a_row_an_item_and_a_column_an_evaluation(session, media, evaluation):
    row, items, _ = evaluation
    pixels = np.asarray(evaluation_sheets.sheet(session, media, {"new": row}, items))
    step, height = evaluation_sheets.SIDE + evaluation_sheets.GAP, evaluation_sheets.SIDE + evaluation_sheets.LINE + evaluation_sheets.GAP
    assert pixels.shape == (evaluation_sheets.LINE + 2 * height, 2 * step, 3)
    first, second = (pixels[evaluation_sheets.LINE + n * height + 20, step + 20].astype(int) for n in range(2))
    assert first[0] > first[2] + 100
    assert second[2] > second[0] + 100


def test_pictures_are_kept_small_and_in_use_as_long_as_the_evaluation_is(session, media, evaluation):
    _, _, keys = evaluation
    assert set(keys) <= keys_in_use(session)
    with PIL.Image.open(media.open(keys[0])) as picture:
        assert max(picture.size) == evaluation_sheets.LONGEST


def test_an_evaluation_without_pictures_says_so(session, media, evaluation):
    row, items, _ = evaluation
    row.metrics = {}
    with pytest.raises(ConflictError, match="before pictures were kept"):
        evaluation_sheets.sheet(session, media, {"new": row}, items)
