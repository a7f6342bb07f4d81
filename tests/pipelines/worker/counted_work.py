"""A job whose batches are counted and held at gates, and waiting for what a worker does with it."""

import threading
import time

from pipelines.worker.job import Plan, StepResult
from pipelines.worker.process import Rhythm
from workbench import runs

QUICK = Rhythm(poll=0.05, heartbeat=0.2, reap=0.2, grace=10)
SECONDS = 90


class Counting:
    """A job of numbered batches; each step notes its batch, and waits at the gates that a test closes."""

    def __init__(self, batches: int = 6):
        self.batches, self.steps, self.gates = batches, [], {}

    def gate(self, batch: int) -> threading.Event:
        return self.gates.setdefault(batch, threading.Event())

    def plan(self, _context) -> Plan:
        return Plan(list(range(self.batches)), self.batches)

    def step(self, context, batch: int) -> StepResult:
        self.steps.append(batch)
        while batch in self.gates and not self.gates[batch].wait(0.02):
            context.check()
        return StepResult(done=1, findings=[batch])

    def finish(self, _context, findings) -> dict:
        return {"batches": findings}


def ask(store, job: str = "thumbnails", **parameters) -> int:
    with store.writing() as session:
        return runs.create(session, job, parameters, requested_by="tester").id


def wait_for(condition, what: str, seconds: float = SECONDS):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        held = condition()
        if held:
            return held
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s for {what}")


def the_run(store, run_id: int):
    with store.reading() as session:
        return runs.get(session, run_id)


def ended(store, run_id: int):
    return wait_for(lambda: (run := the_run(store, run_id)).status in runs.ENDED and run, f"the end of run {run_id}")
