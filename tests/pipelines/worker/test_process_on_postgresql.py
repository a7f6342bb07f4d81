"""Workers of a queue on a PostgreSQL server."""

import os
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from db.enums import RunStatus
from pipelines.worker.process import Worker
from tests.pipelines.worker.counted_work import QUICK, SECONDS, ask, ended, wait_for
from tests.stores import migrated
from workbench import runs
from workbench.open_store import Store, open_store
from workbench.settings import Settings, read_settings


@pytest.mark.slow
@pytest.mark.postgres
def test_workers_that_come_first_to_a_server_at_once_all_serve(postgres_url, tmp_path):
    """Each in a process of its own, as on several machines: one makes the queue's tables, the others wait for it."""
    environment = os.environ | {"WORKBENCH_DATABASE_URL": postgres_url, "WORKBENCH_JOBS_URL": postgres_url}
    store = open_store(replace(read_settings(tmp_path / "here"), database_url=postgres_url, jobs_url=postgres_url))
    children = [
        subprocess.Popen([sys.executable, "-m", "pipelines", "work", "--home", tmp_path / name, "--name", name], env=environment)
        for name in ("alpha", "beta", "gamma")
    ]
    try:
        wait_for(lambda: _live(store) == len(children) or any(child.poll() is not None for child in children), "all workers", 90)
        assert [child.poll() for child in children] == [None] * len(children)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(60)
        store.close()


def _live(store) -> int:
    with store.reading() as session:
        return len(runs.workers(session))


@pytest.mark.postgres
@pytest.mark.slow
def test_the_same_worker_serves_a_store_and_a_queue_on_postgresql(postgres_url, tmp_path, media, job):
    settings = Settings(tmp_path, postgres_url, postgres_url, str(tmp_path / "media"), "tester")
    job.gate(3)
    with migrated(postgres_url) as engines:
        store = Store(settings, engines, media)
        run_id = ask(store)
        for stopped in (True, False):
            worker = Worker(store, ["files"], rhythm=QUICK)
            thread = threading.Thread(target=worker.run, daemon=True)
            thread.start()
            wait_for(lambda: 3 in job.steps, "the fourth batch")
            if stopped:
                worker.stop()
                thread.join(SECONDS)
                job.gate(3).set()
        run = ended(store, run_id)
        worker.stop()
        thread.join(SECONDS)
    assert (run.status, run.done) == (RunStatus.DONE, 6)
    assert job.steps == [0, 1, 2, 3, 3, 4, 5]
