"""The training as a process group of its own: started, followed by its log, stopped with everything it started."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from workbench.errors import WorkbenchError

MODULE = "lcad.training"
POLL_SECONDS = 0.5
SAVE_SECONDS = 60.0
"""How long a stopped training may take to save its state."""


@dataclass(frozen=True)
class Outcome:
    """What a training came to: validation losses of the base and of the weights that were kept, where those stood, and how long it took.

    `judged` has adherence and ΔE00 on the validation split by name, as (before, after), where the training was chosen by them.
    """

    loss_before: float
    loss_after: float
    kept_step: int
    seconds: float
    judged: dict[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Training:
    """One training: what the entry point of `lcad.training` is told, and where it works."""

    release: Path
    base: str
    stage: str
    steps: int
    out: Path
    options: Mapping[str, object] = field(default_factory=dict)
    """What else the entry point is told, by the names of its options; None leaves a value to the training."""

    @property
    def log(self) -> Path:
        """The JSONL log: a row has step, seconds and losses; the first is the validation before step 1, the last names what was kept."""
        return self.out / "training" / "log.jsonl"

    @property
    def _holder(self) -> Path:
        return self.out / "process.json"

    def arguments(self) -> list[str]:
        """The command: through accelerate's launcher where there are several devices, else the module itself."""
        devices = torch.cuda.device_count()
        launcher = ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", str(devices)] if devices > 1 else []
        told: dict[str, object] = {"release": self.release, "base": self.base, "stage": self.stage, "steps": self.steps, "out": self.out}
        told |= {name.replace("_", "-"): value for name, value in self.options.items() if value is not None}
        return [sys.executable, *launcher, "-m", MODULE, *(part for name, value in told.items() for part in (f"--{name}", str(value)))]

    def start(self) -> subprocess.Popen:
        """Start it, or go on from the newest saved state; one that a killed worker left running is stopped first."""
        self.out.mkdir(parents=True, exist_ok=True)
        self.stop_orphan()
        with (self.out / "output.log").open("ab") as output:
            child = subprocess.Popen(
                self.arguments(), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        self._holder.write_text(json.dumps({"host": socket.gethostname(), "group": child.pid}))
        return child

    def stop(self, child: subprocess.Popen) -> None:
        """End the whole group; it saves its state on SIGTERM."""
        end_group(child.pid, child)
        self._holder.unlink(missing_ok=True)

    def stop_orphan(self) -> None:
        """Stop a process of this training that a killed worker of this host left running."""
        if not self._holder.exists():
            return
        holder = json.loads(self._holder.read_text())
        if holder["host"] == socket.gethostname() and MODULE in _command_line(holder["group"]):
            end_group(holder["group"])

    def rows(self) -> list[dict[str, Any]]:
        """The whole rows of the log so far."""
        if not self.log.exists():
            return []
        text = self.log.read_text(encoding="utf-8")
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def follow(self, child: subprocess.Popen) -> Iterator[dict[str, Any] | None]:
        """The newest row of the log, again and again, None before there is one, until the process has ended well.

        Raises WorkbenchError with the last lines it said where it ended otherwise.
        """
        while child.poll() is None:
            rows = self.rows()
            yield rows[-1] if rows else None
            time.sleep(POLL_SECONDS)
        if child.returncode:
            said = (self.out / "output.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise WorkbenchError(f"The training ended with status {child.returncode}: {' '.join(said[-3:])}")
        self._holder.unlink(missing_ok=True)

    def outcome(self) -> Outcome:
        """What the log of an ended training says: its first validation, and the one of the weights that it kept, the best."""
        rows = self.rows()
        before = next(row for row in rows if "validation_loss" in row)
        kept = next(row for row in reversed(rows) if "kept_step" in row)
        judged = {name: (before[name], kept[name]) for name in ("adherence", "delta_e") if name in before and name in kept}
        return Outcome(before["validation_loss"], kept["validation_loss"], kept["kept_step"], kept["seconds"], judged)


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def end_group(group: int, child: subprocess.Popen | None = None) -> None:
    """Send SIGTERM to a process group, wait until it is gone, and kill what stays longer than SAVE_SECONDS."""
    deadline = time.monotonic() + SAVE_SECONDS
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        while True:
            if child is not None:
                child.poll()
            os.killpg(group, signal.SIGKILL if time.monotonic() > deadline else 0)
            time.sleep(0.1)
