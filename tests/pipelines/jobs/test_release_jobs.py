"""Export, training and evaluation of a release: files out, a new checkpoint in, numbers by level and by instances."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from sqlalchemy import func, select
from torchvision.models import alexnet

from db.enums import RunStatus
from db.models import Checkpoint, Evaluation, Export, ReleaseItem
from lcad.metrics.learned_networks import ALEXNET_WIDTHS, frechet_distance
from pipelines.jobs import evaluate_checkpoint, retrain_checkpoint, training_process
from pipelines.jobs.training_process import Outcome, Training, end_group
from pipelines.worker.job import JobContext
from workbench import exports, releases, runs
from workbench.colorizations import checkpoints, evaluations
from workbench.errors import CancelledError, WorkbenchError

pytestmark = pytest.mark.model


@pytest.fixture
def release_id(store, library) -> int:
    """A release of eight small images, each with captions at three levels."""
    library(8)
    with store.writing() as session:
        return releases.create(session, store.media, name="small", author="tester").id


@pytest.mark.slow
def test_a_release_is_exported_whole_and_again_without_a_change(store, carry_out, release_id):
    run = carry_out("export_release", release_id=release_id)
    assert run.status is RunStatus.DONE, run.message
    assert run.done == run.total == 24
    folder = Path(run.summary["folder"])
    assert folder == store.settings.exports / "small-1.0.0-imagefolder"
    assert run.summary["files"] == sum(1 for path in folder.rglob("*") if path.is_file())
    assert exports.verify_folder(folder) == []
    assert carry_out("export_release", release_id=release_id).summary["export_id"] == run.summary["export_id"]
    bad = carry_out("export_release", release_id=release_id, format="nonsense")
    assert bad.status is RunStatus.FAILED
    assert "imagefolder" in bad.message


@pytest.mark.slow
def test_a_checkpoint_is_evaluated_by_level_and_by_instances_once(store, carry_out, release_id, tiny):
    run = carry_out("evaluate_checkpoint", checkpoint=tiny, release_id=release_id)
    assert run.status is RunStatus.DONE, run.message
    metrics = run.summary["metrics"]
    assert metrics["items"] == run.done
    assert set(metrics["by_level"]) == {"complete", "partial", "scarce"}
    assert set(metrics["by_instances"]) == {"2"}
    assert 0 < metrics["psnr"] < 60
    assert 0 <= metrics["adherence"] <= 1
    assert metrics["by_level"]["scarce"]["adherence"] is None
    assert {metrics[name] for name in ("lpips", "fid", "clip_score")} == {"not computed: weights absent"}
    assert metrics["colorfulness_gap"] + 1e-4 >= metrics["colorfulness_gap_of_means"] >= 0  # each is rounded by itself
    again = carry_out("evaluate_checkpoint", checkpoint=tiny, release_id=release_id)
    assert (again.done, again.skipped, again.summary) == (0, run.done, run.summary)
    with store.reading() as session:
        assert session.scalar(select(func.count(Evaluation.id))) == 1
        (row,) = session.scalars(select(Evaluation))
        kept = evaluations.items_of(store.media, row)
    assert np.mean([item["psnr"] for item in kept]) == pytest.approx(metrics["psnr"], abs=1e-4)
    assert {item["source"] for item in kept} == {"test"}
    assert set(metrics["intervals"]) == {"all", "by_level", "by_instances", "by_source"}
    bad = carry_out("evaluate_checkpoint", checkpoint=tiny, release_id=release_id, split="middle")
    assert "There is no split 'middle'" in bad.message


@pytest.mark.slow
def test_an_evaluation_by_captions_alone_is_one_of_its_own_and_judged_in_the_same_masks(store, carry_out, release_id, tiny):
    masked = carry_out("evaluate_checkpoint", checkpoint=tiny, release_id=release_id)
    alone = carry_out("evaluate_checkpoint", checkpoint=tiny, release_id=release_id, captions_alone=True)
    assert alone.status is RunStatus.DONE, alone.message
    assert alone.summary["evaluation_id"] != masked.summary["evaluation_id"]
    with store.reading() as session:
        rows = {row.id: row for row in session.scalars(select(Evaluation))}
        first, second = (rows[run.summary["evaluation_id"]] for run in (masked, alone))
        judged = [[item["adherence"] is None for item in evaluations.items_of(store.media, row)] for row in (first, second)]
    assert first.settings == {"steps": None, "guidance": None, "instances": True, "unmasked": "looked for", "seed": 0}
    assert second.settings == first.settings | {"captions_alone": True}
    assert judged[0] == judged[1], "the release's masks judge both"
    pictures = [row.metrics["pictures"] for row in (first, second)]
    assert pictures[0].keys() == pictures[1].keys()
    assert pictures[0] != pictures[1]
    again = carry_out("evaluate_checkpoint", checkpoint=tiny, release_id=release_id, captions_alone=True)
    assert (again.done, again.summary["evaluation_id"]) == (0, second.id)


@pytest.mark.slow
def test_no_color_is_judged_in_a_mask_that_a_program_found(store, carry_out, release_id, tiny):
    with store.writing() as session:
        for item in session.scalars(select(ReleaseItem).where(ReleaseItem.release_id == release_id)):
            item.regions = [region | {"origin": "grabcut"} for region in item.regions]
    metrics = carry_out("evaluate_checkpoint", checkpoint=tiny, release_id=release_id).summary["metrics"]
    assert metrics["adherence"] is None
    assert metrics["psnr"] > 0


@pytest.mark.slow
def test_learned_metrics_are_computed_where_their_weights_lie_in_the_store(store, carry_out, release_id, tiny):
    folder = store.settings.home / "weights" / "lpips"
    folder.mkdir(parents=True)
    torch.save(alexnet(weights=None).state_dict(), folder / "alexnet-random.pth")
    torch.save({f"lin{n}.model.1.weight": torch.ones(1, width, 1, 1) for n, width in enumerate(ALEXNET_WIDTHS)}, folder / "alex.pth")
    metrics = carry_out("evaluate_checkpoint", checkpoint=tiny, release_id=release_id).summary["metrics"]
    assert metrics["lpips"] > 0
    assert metrics["by_level"]["scarce"]["lpips"] > 0
    assert metrics["fid"] == "not computed: weights absent"


def test_a_frechet_distance_is_taken_of_the_features_that_the_batches_found():
    rng = np.random.default_rng(0)
    results, targets = rng.normal(size=(2, 5, 4)).astype(np.float32)
    findings = [{"features": [evaluate_checkpoint.packed(a), evaluate_checkpoint.packed(b)]} for a, b in zip(results, targets, strict=True)]
    assert evaluate_checkpoint.fid_of(findings) == pytest.approx(frechet_distance(results, targets))
    assert evaluate_checkpoint.fid_of(findings[:1]) == "not computed: of one image"


@pytest.mark.slow
def test_retraining_gives_a_checkpoint_with_its_parent_its_release_and_its_losses_once(store, carry_out, release_id, tiny):
    run = carry_out("retrain_checkpoint", release_id=release_id, base=tiny, steps=4)
    assert run.status is RunStatus.DONE, run.message
    assert (run.total, run.done) == (4, 4)
    with store.reading() as session:
        row, parent = checkpoints.by_name(session, "tiny-2"), checkpoints.by_name(session, tiny)
    assert run.summary["checkpoint_id"] == row.id
    assert (row.parent_id, row.release_id, row.run_id) == (parent.id, release_id, run.id)
    assert row.facts["validation_loss_before"] > 0
    assert row.facts["steps"] == 4
    validated = _validations(store)
    kept = row.facts["kept_step"]
    assert kept > 0
    assert row.facts["validation_loss_after"] == _kept(store)["validation_loss"], "of the weights that are kept"
    assert validated[kept] < validated[0]
    assert row.facts["validation_loss_after"] <= (validated[kept] + validated[0]) / 2 + 1e-5, "half of the gain at least"
    assert {"validation_adherence_before", "validation_adherence_after", "validation_delta_e_before"} <= row.facts.keys()
    assert row.facts["validation_loss_before"] == validated[0]
    assert row.digest == checkpoints.folder_digest(row.location) != parent.digest
    assert not (Path(row.location) / "training").exists()
    colored = carry_out("colorize_images", checkpoint="tiny-2", levels=["complete"])
    assert (colored.status, colored.done) == (RunStatus.DONE, 8)
    again = carry_out("retrain_checkpoint", release_id=release_id, base=tiny, steps=4)
    assert again.summary == run.summary
    with store.reading() as session:
        assert session.scalar(select(func.count(Checkpoint.id))) == 2
        assert session.scalar(select(func.count(Export.id))) == 1


def _validations(store) -> dict[int, float]:
    """The validation loss by step that the only training of a store logged."""
    return {row["step"]: row["validation_loss"] for row in _logged(store) if "validation_loss" in row and "kept_step" not in row}


def _kept(store) -> dict:
    """The last row that the only training of a store logged: what is kept of it."""
    return next(row for row in reversed(_logged(store)) if "kept_share" in row)


def _logged(store) -> list[dict]:
    (log,) = store.settings.trainings.glob("*/checkpoint/training/log.jsonl")
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_the_loss_after_is_that_of_the_weights_kept_not_of_the_last_ones(tmp_path):
    training = Training(tmp_path, "mini", "denoiser", 3, tmp_path)
    training.log.parent.mkdir()
    losses = [0.5, 0.3, 0.2, 0.4]
    rows = [{"step": step, "seconds": float(step), "validation_loss": loss} for step, loss in enumerate(losses)]
    kept = {"step": 3, "seconds": 3.0, "validation_loss": 0.2, "kept_step": 2}
    training.log.write_text("".join(json.dumps(row) + "\n" for row in [*rows, kept]))
    assert training.outcome() == Outcome(loss_before=0.5, loss_after=0.2, kept_step=2, seconds=3.0)


def test_a_release_without_anything_to_validate_on_is_not_trained_on(store, carry_out, library, tiny):
    library(1)
    with store.writing() as session:
        release = releases.create(session, store.media, name="lone", author="tester")
    run = carry_out("retrain_checkpoint", release_id=release.id, base=tiny, steps=2)
    assert run.status is RunStatus.FAILED
    assert run.message.startswith("lone 1.0.0 has nothing in validation.")


@pytest.mark.slow
def test_what_cannot_be_trained_is_refused_with_a_sentence(store, carry_out, release_id, tiny):
    assert "There is no stage 'both'" in carry_out("retrain_checkpoint", release_id=release_id, base=tiny, stage="both").message
    assert "one training step or more" in carry_out("retrain_checkpoint", release_id=release_id, base=tiny, steps=0).message
    taken = carry_out("retrain_checkpoint", release_id=release_id, base=tiny, steps=2, name=tiny)
    assert "There is a checkpoint tiny already" in taken.message


@pytest.mark.slow
def test_a_cancelled_training_takes_its_processes_with_it_and_leaves_a_state_to_resume_from(store, release_id, tiny, forked):
    with store.writing() as session:
        parameters = {"release_id": release_id, "base": tiny, "steps": 600}
        run = runs.create(session, "retrain_checkpoint", parameters, requested_by="tester")
        runs.start(session, run.id)
    context = JobContext(store, run.id, run.job, run.parameters, "tester")
    (batch,) = retrain_checkpoint.plan(context).batches
    out = store.settings.trainings / batch["key"] / "checkpoint"
    groups: list[int] = []

    def cancel_once_it_trains() -> None:
        try:
            _wait_for(lambda: _the_run(store, run.id).done > 0)
            groups.append(json.loads((out / "process.json").read_text())["group"])
        finally:
            with store.writing() as session:
                runs.cancel(session, run.id, actor="ann")

    thread = threading.Thread(target=cancel_once_it_trains)
    thread.start()
    with pytest.raises(CancelledError):
        retrain_checkpoint.step(context, batch)
    thread.join()
    with pytest.raises(ProcessLookupError):
        os.killpg(groups[0], 0)
    assert list((out / "training").glob("state-*"))
    assert not (out / "process.json").exists()


def test_a_training_that_a_killed_worker_left_running_is_stopped_before_it_goes_on(store):
    """Another process of the same training stands for the one left running."""
    idle = "import time; print('idle', flush=True); time.sleep(600)"
    left = subprocess.Popen([sys.executable, "-c", idle, "-m", "lcad.training"], start_new_session=True, stdout=subprocess.PIPE)
    assert left.stdout.readline() == b"idle\n"
    training = Training(store.settings.home / "release", "mini", "denoiser", 1, store.settings.home / "out")
    training.out.mkdir()
    holder = training.out / "process.json"
    holder.write_text(json.dumps({"host": "another", "group": left.pid}))
    training.stop_orphan()
    assert left.poll() is None
    holder.write_text(json.dumps({"host": socket.gethostname(), "group": left.pid}))
    waiter = threading.Thread(target=left.wait)
    waiter.start()
    training.stop_orphan()
    waiter.join(10)
    assert left.returncode == -signal.SIGTERM


def _the_run(store, run_id: int):
    with store.reading() as session:
        return runs.get(session, run_id)


def _wait_for(condition):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if outcome := condition():
            return outcome
        time.sleep(0.05)
    raise AssertionError("waited 120 s")


@pytest.mark.slow
def test_a_training_that_ends_badly_says_what_it_said_last(tmp_path, forked):
    training = Training(tmp_path / "nowhere", "no-such-checkpoint", "denoiser", 5, tmp_path / "out")
    with pytest.raises(WorkbenchError, match=r"(?s)ended with status 1.*no-such-checkpoint"):
        list(training.follow(training.start()))


@pytest.mark.slow
def test_a_group_that_ignores_sigterm_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(training_process, "SAVE_SECONDS", 0.5)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"deaf\n"
    end_group(child.pid, child)
    assert child.returncode == -signal.SIGKILL
