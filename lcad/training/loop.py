"""The training loop: draw, differentiate, step, average; with resumable state, a JSONL log and a stop on SIGTERM.

What is drawn at a step depends on the seed and the step's number alone, so a resumed run equals an uninterrupted one.
"""

import json
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs
from diffusers.training_utils import EMAModel
from torch import nn


@dataclass(frozen=True)
class LoopConfig:
    """How long, how fast and how often; `cooldown` steps before the end the learning rate falls linearly to a hundredth.

    accumulate  batches of a step, whose gradients are averaged: two processes with one each give what one process gives with two
    patience    validations without a better one after which the run ends; 0: it goes on to the last step
    """

    steps: int
    learning_rate: float = 5e-4
    warmup: int = 100
    cooldown: int = 0
    weight_decay: float = 0.01
    most_gradient: float = 1.0
    ema_decay: float = 0.998
    accumulate: int = 1
    patience: int = 0
    seed: int = 0
    log_every: int = 10
    validate_every: int = 200
    save_seconds: float = 240.0

    def rate_at(self, step: int) -> float:
        """The learning rate of step 0, 1, …: linear warmup, constant, linear cooldown."""
        rise = min(1.0, (step + 1) / max(1, self.warmup))
        left = (self.steps - step) / max(1, self.cooldown)
        return self.learning_rate * rise * max(0.01, min(1.0, left))


@dataclass(frozen=True)
class Best:
    """The best averaged weights so far: the step at which they were measured, what was measured, and what is least of the best."""

    step: int
    badness: float
    measures: dict[str, float]
    values: list[torch.Tensor]


class Objective(Protocol):
    """What is trained and toward what; `modules` are all that the loss needs, of which parameters that require gradients move."""

    modules: nn.ModuleDict

    def loss(self, modules: nn.ModuleDict, generator: torch.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        """The loss of a batch drawn by the generator (CPU), and its parts for the log."""

    def validation_loss(self, modules: nn.ModuleDict) -> float:
        """The loss on fixed items, noise and time steps."""


class _Loss(nn.Module):
    """An objective's loss as the forward pass of its modules, which is where processes that train together meet."""

    def __init__(self, objective: Objective):
        super().__init__()
        self.objective, self.trained = objective, objective.modules

    def forward(self, generator: torch.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        """The loss of a batch and its parts."""
        return self.objective.loss(self.trained, generator)


@contextmanager
def _stop_on_sigterm() -> Iterator[threading.Event]:
    """An event that SIGTERM sets, within the block and in the main thread (elsewhere it is never set)."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.signal(signal.SIGTERM, lambda *_: stop.set())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGTERM, before)


class Training:
    """One run of an objective in a folder: `log.jsonl` and `state-…` there; made anew, it goes on from the newest state.

    judge  what the averaged weights are worth in practice, given the step: measures for the log, of which `score` (higher is better)
    chooses the best weights instead of the validation loss
    """

    def __init__(
        self, objective: Objective, config: LoopConfig, folder: str | Path, accelerator: Accelerator | None = None,
        judge: Callable[[int], dict[str, float]] | None = None,
    ):  # fmt: skip
        self.config, self.objective, self.folder = config, objective, Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        # Where a batch has no masks or phrases, parameters that serve these have no gradient in it.
        together = DistributedDataParallelKwargs(find_unused_parameters=True)
        self.accelerator = accelerator or Accelerator(kwargs_handlers=[together])
        trained = [p for p in objective.modules.parameters() if p.requires_grad]
        if not trained:
            raise ValueError("nothing to train: no parameter of the objective requires gradients")
        optimizer = torch.optim.AdamW(trained, lr=config.learning_rate, betas=(0.9, 0.99), weight_decay=config.weight_decay)
        self.model, self.optimizer = self.accelerator.prepare(_Loss(objective), optimizer)
        self.judge = judge
        self.trained, self.average = trained, EMAModel(trained, decay=config.ema_decay, foreach=True)
        self.step, self.seconds = 0, 0.0
        self.best: Best | None = None
        self.first_loss: float | None = None  # the validation loss before the first step
        self.stale = 0  # validations since the best one
        self.accelerator.register_for_checkpointing(self.average, self)
        states = self._states()
        if states:
            self.accelerator.load_state(str(states[-1]))
        self._forget_unsaved()

    def state_dict(self) -> dict[str, Any]:
        """The position of the run and its best weights, saved with its state, and that of what kind its average is."""
        return {
            "average": EMAModel.__name__,
            "step": self.step,
            "seconds": self.seconds,
            "stale": self.stale,
            "best": None if self.best is None else asdict(self.best),
            "first_loss": self.first_loss,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up a saved position; ValueError for the state of a version that averaged otherwise."""
        if state.get("average") != EMAModel.__name__:
            raise ValueError(f"{self.folder} holds states of an earlier version, whose averages cannot be read: remove them to begin anew")
        self.step, self.seconds = int(state["step"]), float(state["seconds"])
        self.stale = int(state["stale"])
        self.best = Best(**state["best"]) if state.get("best") else None
        self.first_loss = state.get("first_loss")

    def run(self, until: int | None = None) -> bool:
        """Train up to step `until` (`config.steps` by default); False when SIGTERM stopped it, else True: it is there, or out of patience.

        State is saved.
        """
        until = self.config.steps if until is None else min(until, self.config.steps)
        clock, saved = time.monotonic() - self.seconds, time.monotonic()
        with _stop_on_sigterm() as stop:
            if self.step == 0:
                measures = self._measured()
                self.first_loss = measures["validation_loss"]
                self.log(**measures)
            while self.step < until and not self.out_of_patience and not stop.is_set():
                loss, parts = self._advance()
                self.seconds = time.monotonic() - clock
                self._report(loss, parts)
                if time.monotonic() - saved > self.config.save_seconds:
                    self.save()
                    saved = time.monotonic()
            self.save()
        return self.step >= until or self.out_of_patience

    @property
    def out_of_patience(self) -> bool:
        """Whether so many validations in a row brought nothing better that the run ends."""
        return 0 < self.config.patience <= self.stale

    def _advance(self) -> tuple[float, dict[str, float]]:
        """One optimizer step."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.rate_at(self.step)
        self.model.train()
        value, parts = 0.0, {}
        for part in range(self.config.accumulate):
            last = part == self.config.accumulate - 1
            with nullcontext() if last else self.accelerator.no_sync(self.model):
                with self.accelerator.autocast():
                    loss, parts = self.model(self._generator(part))
                self.accelerator.backward(loss / self.config.accumulate)
            value += loss.item() / self.config.accumulate
        self.accelerator.clip_grad_norm_(self.trained, self.config.most_gradient)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.average.step(self.trained)
        self.step += 1
        if value != value:
            raise ValueError(f"the loss became NaN at step {self.step}: lower the learning rate ({self.config.learning_rate})")
        return value, parts

    def _generator(self, part: int) -> torch.Generator:
        """What draws a batch: the batches of a step are numbered over its parts and processes, whichever computes them."""
        processes = self.accelerator.num_processes
        number = self.step * processes * self.config.accumulate + part * processes + self.accelerator.process_index
        return torch.Generator().manual_seed(self.config.seed * 1_000_003 + number)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Let the trained parameters hold their average within the block."""
        self.average.store(self.trained)
        self.average.copy_to(self.trained)
        try:
            yield
        finally:
            self.average.restore(self.trained)

    def validate(self) -> float:
        """The validation loss of the averaged weights."""
        self.model.eval()
        with self.averaged(), torch.no_grad():
            return self.objective.validation_loss(self.objective.modules)

    def _measured(self) -> dict[str, float]:
        """The validation loss of the averaged weights, and what the judge says of them."""
        measures = {"validation_loss": self.validate()}
        if self.judge:
            with self.averaged(), torch.no_grad():
                measures |= self.judge(self.step)
        return measures

    def _report(self, loss: float, parts: dict[str, float]) -> None:
        validate = self.step % self.config.validate_every == 0 or self.step == self.config.steps
        if validate or self.step % self.config.log_every == 0:
            measures = self._measured() if validate else {}
            self.log(loss=loss, **parts, **measures)
            if validate:
                self._keep_if_best(measures)

    def _keep_if_best(self, measures: dict[str, float]) -> None:
        badness = -measures["score"] if "score" in measures else measures["validation_loss"]
        if self.best is None or badness < self.best.badness:
            self.best = Best(self.step, badness, measures, [value.clone() for value in self.average.shadow_params])
            self.stale = 0
        else:
            self.stale += 1

    def take_best(self) -> None:
        """Make the best averaged weights the average, and log which they are: what the log's last row measured is theirs."""
        if self.best is None:
            raise ValueError("nothing was validated yet, so there is no best")
        self.average.shadow_params = [value.clone() for value in self.best.values]
        self.log(**self.best.measures, kept_step=self.best.step)

    @property
    def known_losses(self) -> dict[float, float]:
        """The validation losses at the two ends of the way to the best weights, its start and its end, those that were measured."""
        ends = {0.0: self.first_loss, 1.0: None if self.best is None else self.best.measures["validation_loss"]}
        return {share: loss for share, loss in ends.items() if loss is not None}

    def log(self, **values: float) -> None:
        """Add a row to the log, with the step, the seconds and the learning rate."""
        if self.accelerator.is_main_process:
            row = {"step": self.step, "seconds": round(self.seconds, 1), "lr": self.config.rate_at(max(0, self.step - 1))}
            with (self.folder / "log.jsonl").open("a") as log:
                log.write(json.dumps(row | {name: round(value, 6) for name, value in values.items()}) + "\n")

    def _forget_unsaved(self) -> None:
        """Take out of the log what a killed run wrote after its newest state: these steps are done again."""
        path = self.folder / "log.jsonl"
        if self.accelerator.is_main_process and path.is_file():
            text = path.read_text()
            lines = text[: text.rfind("\n") + 1].splitlines(keepends=True)  # a row that was being written is none
            kept = "".join(line for line in lines if 0 < self.step >= json.loads(line)["step"])
            if kept != text:
                part = path.with_suffix(".part")
                part.write_text(kept)
                part.rename(path)

    def _states(self) -> Sequence[Path]:
        """Whole saved states, oldest first."""
        return sorted(p for p in self.folder.glob("state-*") if p.is_dir() and not p.name.endswith(".part"))

    def save(self) -> None:
        """Save all that a resumed run needs, whole or not at all; the two newest states are kept."""
        target = self.folder / f"state-{self.step:08}"
        part = target.with_name(target.name + ".part")
        if target.exists():
            return
        self.accelerator.save_state(str(part))
        self.accelerator.wait_for_everyone()
        if self.accelerator.is_main_process:
            part.rename(target)
            for old in self._states()[:-2]:
                shutil.rmtree(old)
