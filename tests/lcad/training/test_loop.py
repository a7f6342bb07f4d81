import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from lcad.training.denoiser import DenoiserConfig, DenoiserObjective
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
    return torch.cat([p.detach().flatten() for p in training.trained])


def rows(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.mark.slow
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
    assert all(torch.equal(a, b) for a, b in zip(whole.average.shadow_params, second.average.shadow_params, strict=True))
    assert second.known_losses == pytest.approx(whole.known_losses)
    assert [r["loss"] for r in rows(tmp_path / "whole")[1:]] == [r["loss"] for r in rows(tmp_path / "parts")[1:]]


KILLED = """
import os, signal, sys
from dataclasses import replace
from tests.lcad.training.test_loop import CONFIG, Line
from lcad.training.loop import Training

def train_until_killed(folder, saved, killed):
    training = Training(Line(), replace(CONFIG, steps=30), folder)
    training.run(until=saved)
    training.objective.drawn, loss = saved, training.objective.loss

    def until_killed(modules, generator):
        if training.objective.drawn == killed:
            os.kill(os.getpid(), signal.SIGKILL)
        return loss(modules, generator)

    training.objective.loss = until_killed
    training.run()

for place in sys.argv[2:]:
    child = os.fork()
    if not child:
        train_until_killed(sys.argv[1] + "/" + place, *map(int, place.split("-")))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
KILLS = [(1, 7), (11, 12), (17, 26)]
"""The step of the newest state, and the step in which the run is killed."""


@pytest.fixture(scope="module")
def killed_runs(tmp_path_factory):
    """A folder with the killed run of each of KILLS, in a folder "saved-killed"; one process, which imports torch once, forks them all."""
    folder = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-c", KILLED, str(folder), *(f"{saved}-{killed}" for saved, killed in KILLS)]
    done = subprocess.run(command, check=True, cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, text=True)
    assert [int(line) for line in done.stdout.split()] == [-signal.SIGKILL] * len(KILLS)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(("saved", "killed"), KILLS)
def test_a_run_killed_without_warning_ends_with_the_same_curve_and_weights(tmp_path, killed_runs, saved, killed):
    """SIGKILL, some steps after the newest state: these are done again, and nothing of them stays in the log twice."""
    config, folder = replace(CONFIG, steps=30), killed_runs / f"{saved}-{killed}"
    assert rows(folder)[-1]["step"] == killed
    resumed = Training(Line(), config, folder)
    assert resumed.step == saved
    assert resumed.run()
    alone = Training(Line(), config, tmp_path / "alone")
    alone.run()
    assert torch.equal(weights(resumed), weights(alone))
    of_both = [[{**row, "seconds": 0} for row in rows(one)] for one in (folder, tmp_path / "alone")]
    assert of_both[0] == of_both[1]


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


@pytest.mark.slow
def test_the_average_follows_the_parameters_and_is_put_back(tmp_path):
    training = Training(Line(), replace(CONFIG, steps=200, warmup=0, cooldown=0, learning_rate=0.05, validate_every=200), tmp_path)
    assert training.run()
    own = weights(training)
    with training.averaged():
        averaged = weights(training)
    assert not torch.equal(averaged, own)
    assert torch.allclose(averaged, own, atol=0.2)
    assert torch.equal(weights(training), own)


def test_the_states_of_an_earlier_version_are_refused_with_what_to_do(tmp_path):
    training = Training(Line(), CONFIG, tmp_path)
    with pytest.raises(ValueError, match=r"states of an earlier version.*remove them to begin anew"):
        training.load_state_dict({"step": 3, "seconds": 1.0, "best": None})


def test_the_judge_chooses_the_weights_instead_of_the_loss(tmp_path):
    """It likes what the loss dislikes: the first weights most, each later ones less."""
    scores = iter([0.0, *(1 / n for n in range(1, 100))])
    config = replace(CONFIG, steps=9, validate_every=3, learning_rate=0.1)
    training = Training(Line(), config, tmp_path, judge=lambda _step: {"score": next(scores), "adherence": 0.5})
    assert training.run()
    training.take_best()
    assert rows(tmp_path)[-1]["kept_step"] == 3
    assert rows(tmp_path)[-1]["adherence"] == 0.5
    assert rows(tmp_path)[0]["score"] == 0.0


def test_a_run_that_gets_no_better_ends_when_its_patience_does_and_stays_ended(tmp_path):
    scores = iter([0.0, 5.0, 1.0, 2.0, 9.0])
    config = replace(CONFIG, steps=100, validate_every=5, patience=2)
    training = Training(Line(), config, tmp_path, judge=lambda _step: {"score": next(scores)})
    assert training.run()
    assert training.step == 15
    again = Training(Line(), config, tmp_path, judge=lambda _step: {"score": next(scores)})
    assert again.run()
    assert again.step == 15
    again.take_best()
    assert rows(tmp_path)[-1]["kept_step"] == 5


def test_a_step_of_two_accumulated_batches_is_the_mean_of_their_gradients(tmp_path):
    config = replace(CONFIG, steps=1, accumulate=2, warmup=0, cooldown=0, most_gradient=1e9)
    training = Training(Line(), config, tmp_path)
    drawn = [torch.randn(8, 1, generator=torch.Generator().manual_seed(number)) for number in (0, 1)]
    model = Line().modules["line"]
    sum((model(x) - 3 * x).square().mean() / 2 for x in drawn).backward()
    gradients = []
    training.optimizer.optimizer.register_step_pre_hook(lambda *_: gradients.extend(p.grad.clone() for p in training.trained))
    training.run()
    assert torch.allclose(torch.cat([g.flatten() for g in gradients]), torch.cat([p.grad.flatten() for p in model.parameters()]), atol=1e-6)


TOGETHER = """
import sys
import torch
from accelerate import Accelerator
from lcad.training.loop import Training
from tests.lcad.training.test_loop import CONFIG, Line, weights
training = Training(Line(), CONFIG, sys.argv[1], Accelerator(cpu=True))
assert training.run()
assert training.accelerator.num_processes == 2
if training.accelerator.is_main_process:
    torch.save(weights(training), sys.argv[1] + "/weights.pt")
"""


@pytest.mark.slow
def test_two_processes_give_what_one_gives_with_two_batches_a_step(tmp_path):
    """On the processor, by the launcher that `accelerate launch` uses; gradients are summed in another order, so to within rounding."""
    script, root, folder = tmp_path / "together.py", Path(__file__).parents[3], tmp_path / "of-two"
    script.write_text(TOGETHER)
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_port", str(free_port())]
    environment = os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    done = subprocess.run([*launch, str(script), str(folder)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    alone = Training(Line(), replace(CONFIG, accumulate=2), tmp_path / "of-one")
    assert alone.run()
    assert torch.allclose(weights(alone).cpu(), torch.load(folder / "weights.pt", weights_only=True), atol=1e-5)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
