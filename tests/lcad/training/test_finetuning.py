import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch

from lcad import LCADPipeline, load_pipeline
from lcad.training.__main__ import main
from lcad.training.finetuning import FineTuning, finetune
from lcad.training.natural_colors import FARTHEST


def command(release, base, out, *more):
    return ["--release", str(release), "--base", str(base), "--out", str(out), "--batch-size", "3", *more]


def logged(out):
    return [json.loads(line) for line in (out / "training" / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("stage", ["denoiser", "luminance"])
@pytest.mark.slow
def test_a_release_gives_a_new_checkpoint_with_a_lower_validation_loss(tmp_path, release, tiny_folder, stage):
    out = tmp_path / "out"
    status = main(command(release, tiny_folder, out, "--stage", stage, "--steps", "30", "--learning-rate", "0.003"))
    assert status == 0
    validated = [row["validation_loss"] for row in logged(out) if "validation_loss" in row]
    assert validated[-1] < validated[0]
    before, after = load_pipeline(tiny_folder), load_pipeline(out)
    part = "unet" if stage == "denoiser" else "autoencoder"
    assert any(not torch.equal(a, b) for a, b in zip(getattr(before, part).parameters(), getattr(after, part).parameters(), strict=True))
    assert after.settings == before.settings


@pytest.mark.slow
def test_natural_colors_are_made_as_lively_as_the_release_where_the_prior_learns(tmp_path, release, monkeypatch):
    monkeypatch.setattr("lcad.training.finetuning.VIEWED", 0)
    mini = load_pipeline("mini")
    LCADPipeline(mini.components, replace(mini.settings, native_size=64)).save_pretrained(tmp_path / "base")
    config = FineTuning(release, tmp_path / "base", tmp_path / "child", steps=1, batch_size=2, natural_steps=1, validations=1)
    assert finetune(replace(config, chosen_by="loss"))
    before, after = load_pipeline(tmp_path / "base").settings, load_pipeline(tmp_path / "child").settings
    assert after == replace(before, lively=replace(before.lively, gain=after.lively.gain))
    assert after.lively.gain != before.lively.gain
    assert 1 / FARTHEST <= after.lively.gain / before.lively.gain <= FARTHEST


@pytest.mark.slow
def test_the_command_resumes_after_sigterm_and_another_run_needs_another_folder(tmp_path, release, tiny_folder):
    out = tmp_path / "out"
    arguments = command(release, tiny_folder, out, "--steps", "100", "--patience", "0", "--validations", "3")
    running = subprocess.Popen([sys.executable, "-m", "lcad.training", *arguments], env=os.environ | {"OMP_NUM_THREADS": "1"})
    log = out / "training" / "log.jsonl"
    while running.poll() is None and not (log.is_file() and len(log.read_text().splitlines()) > 2):
        time.sleep(0.01)
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=60) == 143
    before = logged(out)
    assert 0 < before[-1]["step"] < 100
    assert not (out / "lcad.json").exists(), "no checkpoint before the end"
    assert main(arguments) == 0
    assert logged(out)[: len(before)] == before, "it went on and did not begin anew"
    steps = [row["step"] for row in logged(out)]
    assert steps == sorted(steps)
    assert steps[-1] == 100
    assert main(command(release, tiny_folder, out, "--steps", "10")) == 1


def test_what_cannot_be_trained_is_refused_with_a_sentence(tmp_path, release, tiny_folder, caplog):
    assert main(command(tmp_path / "nowhere", tiny_folder, tmp_path / "a")) == 1
    assert "expected an exported release" in caplog.text
    assert main(command(release, "no-such-checkpoint", tmp_path / "b")) == 1
    assert "no-such-checkpoint" in caplog.text
    with pytest.raises(ValueError, match="at least 1 step"):
        finetune(FineTuning(release, tiny_folder, tmp_path / "c", steps=0))
