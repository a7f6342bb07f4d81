"""A worker's log, as JSON: every line of a run names the run, its job and who asked for it, and nothing that is nobody's business."""

import json
import os
import subprocess
import sys
import time

import pytest

from tests.pictures import png
from workbench import runs

pytestmark = pytest.mark.slow


def _ended(store, *run_ids: int) -> bool:
    with store.reading() as session:
        return all(runs.get(session, run_id).status in runs.ENDED for run_id in run_ids)


def test_a_worker_process_logs_its_runs_as_json_lines(store, tmp_path):
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "a.png").write_bytes(png(1))
    with store.writing() as session:
        good = runs.create(session, "import_images", {"paths": [str(tmp_path / "private")]}, requested_by="ann@example.org").id
        bad = runs.create(session, "import_images", {"paths": [str(tmp_path / "nowhere")]}, requested_by="bob").id
    environment = os.environ | {"WORKBENCH_LOG": "json", "WORKBENCH_PASSWORD": "open sesame", "PYTHONWARNINGS": "ignore"}
    arguments = [sys.executable, "-m", "pipelines", "work", "--queues", "files", "--home", str(tmp_path)]
    with (tmp_path / "log").open("w") as sink:
        worker = subprocess.Popen(arguments, env=environment, stderr=sink, stdout=sink)
    while not _ended(store, good, bad):
        assert worker.poll() is None
        time.sleep(0.1)
    worker.terminate()
    assert worker.wait(60) == 0
    text = (tmp_path / "log").read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    told = {(line.get("run"), line["message"].partition(":")[0], line.get("actor"), line.get("job")) for line in lines}
    assert {(good, word, "ann@example.org", "import_images") for word in ("begins", "done")} <= told
    assert {(bad, word, "bob", "import_images") for word in ("begins", "failed")} <= told
    levels = {line["message"].partition(":")[0]: line["level"] for line in lines if line.get("run")}
    assert (levels["done"], levels["failed"]) == ("info", "warning")
    logged = "".join(line for line in text.splitlines() if line.startswith("{"))
    assert str(tmp_path) not in logged
    assert "sesame" not in logged
