"""Verdicts become pairs, pairs a checkpoint, and two checkpoints are compared on the same items."""

import json

import PIL.Image
import pytest
from sqlalchemy import select

from db.enums import RunStatus, Verdict
from db.models import Colorization
from workbench import releases, reviews
from workbench.colorizations import checkpoints, evaluation_sheets

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture
def judged(store, library, tiny, carry_out) -> int:
    """A release of eight images, each with an accepted and a rejected colorization of its complete caption."""
    library(8)
    carry_out("colorize_images", checkpoint=tiny, levels=["complete"], seeds=[0, 1])
    with store.writing() as session:
        for row in session.scalars(select(Colorization).order_by(Colorization.id)).all():
            verdict, reason = (Verdict.ACCEPT, "") if row.seed == 0 else (Verdict.REJECT, "pale")
            reviews.review(session, row.id, verdict, reviewer="ann", reason=reason)
        return releases.create(session, store.media, name="small", author="tester").id


@pytest.mark.slow
def test_a_checkpoint_is_trained_from_preferences_and_stands_beside_its_parent(store, carry_out, judged, tiny, workbench, forked):
    run = carry_out("retrain_checkpoint", release_id=judged, base=tiny, steps=2, stage="preferences")
    assert run.status is RunStatus.DONE, run.message
    with store.reading() as session:
        row = checkpoints.by_name(session, run.summary["checkpoint"])
    assert (row.facts["stage"], row.facts["method"]) == ("preferences", "dpo")
    pairs = next(store.settings.trainings.glob("*/preferences/train/pairs.jsonl")).read_text().splitlines()
    assert {json.loads(line)["votes"] for line in pairs} == {1}
    for name in (tiny, row.name):
        carry_out("evaluate_checkpoint", checkpoint=name, release_id=judged)
    home = ("--home", store.settings.home)
    told = workbench("checkpoints", "compare", tiny, row.name, "--release", "small", "1.0.0", "--json", *home)
    assert told.status == 0, told.messages
    assert {"adherence", "delta_e", "psnr"} <= told.json["differences"].keys()
    sheets = store.settings.home / "sheets"
    table = workbench("checkpoints", "compare", tiny, row.name, "--release", "small", "1.0.0", "--sheets", sheets, *home)
    with PIL.Image.open(sheets / "best.webp") as best, PIL.Image.open(sheets / "worst.webp") as worst:
        assert best.size == worst.size
        assert best.width == 3 * (evaluation_sheets.SIDE + evaluation_sheets.GAP), "original, before, after"
    assert (sheets / "changed.webp").is_file()
    assert f"{row.name} − {tiny}" in table.output
    missing = workbench("checkpoints", "compare", tiny, row.name, "--release", "small", "1.0.0", "--split", "train", *home)
    assert missing.status == 1
    assert "was not evaluated on the split train" in missing.messages
    alone = workbench("checkpoints", "compare", tiny, row.name, "--release", "small", "1.0.0", "--captions-alone", *home)
    assert alone.status == 1
    assert "was not evaluated by captions alone on the split test" in alone.messages


@pytest.mark.slow
def test_what_cannot_be_learned_from_preferences_is_said(store, library, tiny, carry_out):
    library(8)
    with store.writing() as session:
        release_id = releases.create(session, store.media, name="small", author="tester").id
    run = carry_out("retrain_checkpoint", release_id=release_id, base=tiny, steps=2, stage="preferences")
    assert run.status is RunStatus.FAILED
    assert "There are no preferences for the train and validation photos" in run.message
    run = carry_out("retrain_checkpoint", release_id=release_id, base=tiny, steps=2, stage="preferences", method="ppo")
    assert "There is no method 'ppo'" in run.message
