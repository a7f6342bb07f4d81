"""The training loop: draw, differentiate, step, average; with resumable state, a JSONL log and a stop on SIGTERM.

What is drawn at a step depends on the seed and the step's number alone, so a resumed run equals an uninterrupted one.
"""

import json
import shutil
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from torch import nn

from lcad.training.ema import Average


@dataclass(frozen=True)
class LoopConfig:
    """How long, how fast and how often; `cooldown` steps before the end the learning rate falls linearly to a hundredth."""

    steps: int
    learning_rate: float = 5e-4
    warmup: int = 100
    cooldown: int = 0
    weight_decay: float = 0.01
    most_gradient: float = 1.0
    ema_decay: float = 0.998
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
    """The averaged weights with the lowest validation loss so far, and the step at which they were measured."""

    step: int
    validation_loss: float
    values: list[torch.Tensor]


class Objective(Protocol):
    """What is trained and toward what; `modules` are all that the loss needs, of which parameters that require gradients move."""

    modules: nn.ModuleDict

    def loss(self, modules: nn.ModuleDict, generator: torch.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        """The loss of a batch drawn by the generator (CPU), and its parts for the log."""

    def validation_loss(self, modules: nn.ModuleDict) -> float:
        """The loss on fixed items, noise and time steps."""


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
    """One run of an objective in a folder: `log.jsonl` and `state-…` there; made anew, it goes on from the newest state."""

    def __init__(self, objective: Objective, config: LoopConfig, folder: str | Path, accelerator: Accelerator | None = None):
        self.config, self.objective, self.folder = config, objective, Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.accelerator = accelerator or Accelerator()
        trained = [p for p in objective.modules.parameters() if p.requires_grad]
        if not trained:
            raise ValueError("nothing to train: no parameter of the objective requires gradients")
        optimizer = torch.optim.AdamW(trained, lr=config.learning_rate, betas=(0.9, 0.99), weight_decay=config.weight_decay)
        self.modules, self.optimizer = self.accelerator.prepare(objective.modules, optimizer)
        self.average = Average(trained, config.ema_decay)
        self.step, self.seconds = 0, 0.0
        self.best: Best | None = None
        self.accelerator.register_for_checkpointing(self.average, self)
        states = self._states()
        if states:
            self.accelerator.load_state(str(states[-1]))

    def state_dict(self) -> dict[str, Any]:
        """The position of the run and its best weights, saved with its state."""
        return {"step": self.step, "seconds": self.seconds, "best": None if self.best is None else asdict(self.best)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up a saved position."""
        self.step, self.seconds = int(state["step"]), float(state["seconds"])
        self.best = Best(**state["best"]) if state.get("best") else None

    def run(self, until: int | None = None) -> bool:
        """Train up to step `until` (`config.steps` by default); True when there, False when SIGTERM stopped it. State is saved."""
        until = self.config.steps if until is None else min(until, self.config.steps)
        clock, saved = time.monotonic() - self.seconds, time.monotonic()
        with _stop_on_sigterm() as stop:
            if self.step == 0:
                self._log(validation_loss=self.validate())
            while self.step < until and not stop.is_set():
                loss, parts = self._advance()
                self.seconds = time.monotonic() - clock
                self._report(loss, parts)
                if time.monotonic() - saved > self.config.save_seconds:
                    self.save()
                    saved = time.monotonic()
            self.save()
        return self.step >= until

    def _advance(self) -> tuple[float, dict[str, float]]:
        """One optimizer step."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.rate_at(self.step)
        generator = torch.Generator().manual_seed(
            self.config.seed * 1_000_003 + self.step * self.accelerator.num_processes + self.accelerator.process_index
        )
        self.modules.train()
        with self.accelerator.autocast():
            loss, parts = self.objective.loss(self.modules, generator)
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.average.parameters, self.config.most_gradient)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.average.update()
        self.step += 1
        value = loss.item()
        if value != value:
            raise ValueError(f"the loss became NaN at step {self.step}: lower the learning rate ({self.config.learning_rate})")
        return value, parts

    def validate(self) -> float:
        """The validation loss of the averaged weights."""
        self.modules.eval()
        with self.average.applied(), torch.no_grad():
            return self.objective.validation_loss(self.accelerator.unwrap_model(self.modules))

    def _report(self, loss: float, parts: dict[str, float]) -> None:
        validate = self.step % self.config.validate_every == 0 or self.step == self.config.steps
        if validate or self.step % self.config.log_every == 0:
            extra = {"validation_loss": self.validate()} if validate else {}
            self._log(loss=loss, **parts, **extra)
            if validate and (self.best is None or extra["validation_loss"] < self.best.validation_loss):
                self.best = Best(self.step, extra["validation_loss"], [value.clone() for value in self.average.values])

    def take_best(self) -> None:
        """Make the best averaged weights the average, and log which they are: the log's last validation loss is theirs."""
        if self.best is None:
            raise ValueError("nothing was validated yet, so there is no best")
        self.average.load_state_dict({"values": self.best.values, "updates": self.average.updates})
        self._log(validation_loss=self.best.validation_loss, kept_step=self.best.step)

    def _log(self, **values: float) -> None:
        if self.accelerator.is_main_process:
            row = {"step": self.step, "seconds": round(self.seconds, 1), "lr": self.config.rate_at(max(0, self.step - 1))}
            with (self.folder / "log.jsonl").open("a") as log:
                log.write(json.dumps(row | {name: round(value, 6) for name, value in values.items()}) + "\n")

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
