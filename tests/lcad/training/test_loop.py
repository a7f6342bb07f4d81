import json
import os
import signal
from dataclasses import replace

import pytest
import torch
from torch import nn

from lcad.training.denoiser import DenoiserConfig, DenoiserObjective
from lcad.training.ema import Average
from lcad.training.loop import LoopConfig, Training

CONFIG = LoopConfig(steps=6, learning_rate=1e-3, warmup=2, cooldown=2, log_every=1, validate_every=3)


class Line:
    """Fit y = 3x; small enough to follow by hand."""

    def __init__(self, interrupt_at=None):
        torch.manual_seed(0)
        self.modules, self.interrupt_at, self.drawn = nn.ModuleDict({"line": nn.Linear(1, 1)}), interrupt_at, 0

    def loss(self, modules, generator):
        self.drawn += 1
        if self.drawn == self.interrupt_at:
            os.kill(os.getpid(), signal.SIGTERM)
        x = torch.randn(8, 1, generator=generator)
        return (modules["line"](x) - 3 * x).square().mean(), {}

    def validation_loss(self, modules):
        return (modules["line"](torch.ones(1, 1)) - 3).square().item()


def weights(training):
    return torch.cat([p.detach().flatten() for p in training.average.parameters])


def rows(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path, packs, tiny_folder):
    """With the real denoiser stage: weights, averages and the log after 2 + 4 steps are those after 6."""
    from lcad import load_pipeline

    def objective():
        model = load_pipeline(tiny_folder)
        return DenoiserObjective(model.unet, model.text_encoder, model.tokenizer, model.scheduler, *packs, DenoiserConfig(batch_size=3))

    whole = Training(objective(), CONFIG, tmp_path / "whole")
    assert whole.run()
    first = Training(objective(), CONFIG, tmp_path / "parts")
    first.run(until=2)
    second = Training(objective(), CONFIG, tmp_path / "parts")
    assert second.step == 2
    assert second.run()
    assert torch.equal(weights(whole), weights(second))
    assert all(torch.equal(a, b) for a, b in zip(whole.average.values, second.average.values, strict=True))
    assert [r["loss"] for r in rows(tmp_path / "whole")[1:]] == [r["loss"] for r in rows(tmp_path / "parts")[1:]]


def test_sigterm_stops_after_the_step_and_leaves_a_state_to_resume_from(tmp_path):
    handler = signal.getsignal(signal.SIGTERM)
    stopped = Training(Line(interrupt_at=3), CONFIG, tmp_path)
    assert not stopped.run()
    assert stopped.step == 3
    assert signal.getsignal(signal.SIGTERM) == handler
    resumed = Training(Line(), CONFIG, tmp_path)
    assert resumed.step == 3
    assert resumed.run()
    alone = Training(Line(), CONFIG, tmp_path / "alone")
    alone.run()
    assert torch.equal(weights(resumed), weights(alone))


def test_the_log_has_the_validation_loss_of_the_start_and_of_the_end(tmp_path):
    training = Training(Line(), replace(CONFIG, steps=60, learning_rate=0.1, cooldown=0, validate_every=1000), tmp_path)
    training.run()
    validated = [r for r in rows(tmp_path) if "validation_loss" in r]
    assert [r["step"] for r in validated] == [0, 60]
    assert validated[1]["validation_loss"] < validated[0]["validation_loss"]
    assert {"step", "seconds", "lr", "loss"} <= rows(tmp_path)[1].keys()


def test_the_best_validated_weights_can_be_taken_also_after_resuming(tmp_path):
    """The rate is so high that the line overshoots: the last weights are not the best."""
    config = replace(CONFIG, steps=30, learning_rate=2.0, warmup=1, cooldown=0, validate_every=1, ema_decay=0.0)
    Training(Line(), config, tmp_path).run(until=20)
    training = Training(Line(), config, tmp_path)
    training.run()
    training.take_best()
    validated = [r for r in rows(tmp_path) if "loss" in r]
    best = min(validated, key=lambda r: r["validation_loss"])
    assert best["step"] < 30
    last = rows(tmp_path)[-1]
    assert (last["kept_step"], last["validation_loss"]) == (best["step"], best["validation_loss"])
    assert training.validate() == pytest.approx(best["validation_loss"], abs=1e-6)


def test_there_is_no_best_before_anything_was_validated(tmp_path):
    with pytest.raises(ValueError, match="nothing was validated"):
        Training(Line(), CONFIG, tmp_path).take_best()


def test_only_the_two_newest_states_are_kept(tmp_path):
    training = Training(Line(), CONFIG, tmp_path)
    for until in (1, 2, 3, 4):
        training.run(until)
    assert sorted(p.name for p in tmp_path.glob("state-*")) == ["state-00000003", "state-00000004"]


def test_a_state_that_was_not_written_whole_is_not_used(tmp_path):
    Training(Line(), CONFIG, tmp_path).run(until=2)
    (tmp_path / "state-00000005.part").mkdir()
    assert Training(Line(), CONFIG, tmp_path).step == 2


def test_the_learning_rate_rises_stays_and_falls():
    rates = [LoopConfig(steps=100, learning_rate=1.0, warmup=10, cooldown=20).rate_at(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9:80] == [1.0] * 71
    assert rates[80:] == sorted(rates[80:], reverse=True)
    assert rates[-1] < 0.06


def test_a_loss_that_is_no_number_ends_the_run_with_advice(tmp_path):
    class Broken(Line):
        def loss(self, modules, generator):
            return super().loss(modules, generator)[0] * float("nan"), {}

    with pytest.raises(ValueError, match="NaN at step 1: lower the learning rate"):
        Training(Broken(), CONFIG, tmp_path).run()


def test_there_must_be_something_to_train(tmp_path):
    line = Line()
    line.modules.requires_grad_(False)
    with pytest.raises(ValueError, match="nothing to train"):
        Training(line, CONFIG, tmp_path)


def test_an_average_follows_its_parameters_and_is_put_back():
    parameter = nn.Parameter(torch.zeros(2))
    average = Average([parameter], decay=0.9)
    with torch.no_grad():
        parameter.fill_(1.0)
    for _ in range(200):
        average.update()
    assert torch.allclose(average.values[0], torch.ones(2), atol=1e-3)
    with torch.no_grad():
        parameter.fill_(5.0)
    with average.applied():
        assert torch.allclose(parameter, torch.ones(2), atol=1e-3)
    assert torch.equal(parameter.detach(), torch.full((2,), 5.0))
    with pytest.raises(ValueError, match="other parameters"):
        average.load_state_dict({"values": [torch.zeros(3)], "updates": 1})
