"""What a retraining can be told beside its steps, and what it says before it begins."""

import json
from pathlib import Path

import pytest
from safetensors.torch import load_file

from db.enums import RunStatus
from lcad.training.blending import SHARES
from workbench import releases
from workbench.colorizations import checkpoints

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture
def release_id(store, library) -> int:
    library(8)
    with store.writing() as session:
        return releases.create(session, store.media, name="small", author="tester").id


def unet_of(row):
    return load_file(next(Path(row.location, "unet").glob("*.safetensors")))


def test_low_rank_training_gives_a_checkpoint_like_any_other(store, carry_out, release_id, tiny, tiny_checkpoint, forked):
    run = carry_out("retrain_checkpoint", release_id=release_id, base=tiny, steps=2, lora_rank=2, batch_size=4, learning_rate=0.01)
    assert run.status is RunStatus.DONE, run.message
    with store.reading() as session:
        row = checkpoints.by_name(session, run.summary["checkpoint"])
    assert (row.facts["lora_rank"], row.facts["batch_size"]) == (2, 4)
    before = load_file(next((tiny_checkpoint / "unet").glob("*.safetensors")))
    assert unet_of(row).keys() == before.keys()
    (log,) = store.settings.trainings.glob("*/checkpoint/training/log.jsonl")
    assert json.loads(log.read_text().splitlines()[-1])["kept_share"] in SHARES
    again = carry_out("retrain_checkpoint", release_id=release_id, base=tiny, steps=2, lora_rank=2, batch_size=4, learning_rate=0.01)
    assert again.summary["checkpoint_id"] == row.id, "the same training is not done twice"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"lora_rank": -1}, "Expected a whole number from 0 on as lora_rank, got -1"),
        ({"batch_size": 0}, "Expected a whole number from 1 on as batch_size, got 0"),
        ({"trained": "half"}, "Expected everything or published as what is trained, got 'half'"),
    ],
)
def test_what_cannot_be_told_is_refused(carry_out, release_id, tiny, told, said):
    run = carry_out("retrain_checkpoint", release_id=release_id, base=tiny, steps=1, **told)
    assert run.status is RunStatus.FAILED
    assert said in run.message


def test_a_plan_says_what_a_training_takes_and_trains_nothing(store, release_id, tiny, workbench):
    asked = ("retrain", "small", "1.0.0", "--base", tiny, "--steps", 40, "--plan", "--home", store.settings.home)
    here = workbench(*asked, "--json")
    assert here.status == 0, here.messages
    assert here.json["steps"] == 40
    assert here.json["measured"] is True
    named = workbench(*asked, "--on", "T4", "--price", "2")
    assert "T4: " in named.output
    assert "40 steps" in named.output
    assert "validations" in named.output
    assert "an estimate" in named.output
    assert set(here.json["parts"]) == {"preparing", "steps", "validations"}
    assert here.json["seconds"] == pytest.approx(sum(here.json["parts"].values()))
    for stage in ("luminance", "preferences"):
        other = workbench(*asked, "--stage", stage)
        assert other.status == 1
        assert f"the stage {stage} is not planned" in other.messages
    unknown = workbench(*asked, "--on", "C64")
    assert unknown.status == 1
    assert "name one of T4" in unknown.messages
    astray = workbench("retrain", "small", "1.0.0", "--base", tiny, "--on", "T4", "--home", store.settings.home)
    assert astray.status == 1
    assert "go with --plan" in astray.messages
    with store.reading() as session:
        assert [row.name for row in checkpoints.listing(session)] == [tiny]
