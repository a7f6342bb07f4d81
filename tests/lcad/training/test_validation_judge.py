"""Weights are chosen by what their colors are worth: adherence in the release's masks, beside the distance from the target."""

import numpy as np
import PIL.Image
import pytest
import torch

from lcad.dataset import ReleaseDataset
from lcad.metrics import adherence
from lcad.training.validation_judge import UNITS, ValidationJudge, cases_of
from tests.lcad.training.conftest import SIDE


@pytest.fixture
def validation(release):
    return ReleaseDataset(release, "validation", SIDE)


def test_each_photo_is_judged_under_the_caption_that_asks_for_most_colors(validation):
    cases = cases_of(validation, 10)
    assert len(cases) == 3
    assert all(case.description.level == "complete" for case in cases)
    assert [len(cases_of(validation, most)) for most in (1, 2)] == [1, 2]


@pytest.mark.slow
def test_the_score_is_made_of_adherence_and_distance_and_is_the_same_again(tiny_model, validation):
    judge = ValidationJudge(tiny_model, validation, steps=2)
    first = judge()
    assert first == judge()
    assert first["score"] == pytest.approx(first["adherence"] - first["delta_e"] / UNITS)
    assert 0 <= first["adherence"] <= 1


@pytest.mark.slow
def test_a_sheet_of_results_over_targets_is_kept_by_step(tiny_model, validation, tmp_path):
    ValidationJudge(tiny_model, validation, steps=2, pictures=tmp_path / "sheets")(40)
    with PIL.Image.open(tmp_path / "sheets" / "000040.webp") as sheet:
        assert sheet.size == (3 * SIDE, 2 * SIDE)


@pytest.mark.slow
def test_true_colors_are_worth_more_than_gray(tiny_model, validation, monkeypatch):
    judge = ValidationJudge(tiny_model, validation)

    class Fixed:
        def __init__(self, images):
            self.images = images

    def score(images):
        monkeypatch.setattr(type(tiny_model), "__call__", lambda *_, **__: Fixed(images))
        return judge()["score"]

    true = [case.rgb for case in judge.cases]
    gray = [np.repeat(case.rgb.mean(-1, keepdims=True).astype(np.uint8), 3, -1) for case in judge.cases]
    assert score(true) > score(gray) + 0.3
    case = judge.cases[0]
    assert adherence(case.rgb, case.phrases, [case.masks[p.mask] for p in case.description.phrases]).score > 0.5


@pytest.mark.slow
def test_words_that_the_text_encoder_learns_anew_are_read_anew(tiny_model, validation):
    judge = ValidationJudge(tiny_model, validation, steps=2)
    before = judge()
    with torch.no_grad():
        for parameter in tiny_model.text_encoder.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(0)))
    assert judge() != before
