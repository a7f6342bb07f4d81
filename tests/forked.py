"""Commands in processes forked from one that has imported the model's packages, which takes a new interpreter seconds of a processor."""

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from types import SimpleNamespace

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["lcad.training.finetuning", "pipelines.inference.loaded_models", "pipelines.commands.work"])


class Forked:
    """What `subprocess.Popen` is to those who start `python -m MODULE …` in a session of its own with a file as its output."""

    def __init__(self, arguments, *, stdout, env: Mapping[str, str] | None = None, **_as_usual):
        here, there = CONTEXT.Pipe(duplex=False)
        begun = (list(map(str, arguments)), dict(env or os.environ), stdout.name, there)
        self.args, self._process = arguments, CONTEXT.Process(target=_run, args=begun)
        self._process.start()
        here.recv()  # in a session of its own by now

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    poll = returncode.fget

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return self.returncode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()


FORKING = SimpleNamespace(**(vars(subprocess) | {"Popen": Forked}))
"""In the place of the module `subprocess` of a room whose processes are to be forked."""


def _run(arguments: list[str], environment: dict[str, str], output: str, begun: Connection) -> None:
    os.setsid()
    begun.send(True)
    descriptor = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.environ.clear()
    os.environ.update(environment)
    module = arguments.index("-m") + 1
    sys.argv = arguments[module:]
    runpy.run_module(arguments[module], run_name="__main__", alter_sys=True)
