"""The demo's command: what it tells of the loop, and of its failure."""

import pytest

from pipelines.commands import demo
from pipelines.demo.loop import Loop
from workbench import runs


@pytest.fixture
def home(store):
    """Options that name the store's home."""
    return ("--home", store.settings.home)


SUMMARY = {
    "images": 29, "captions": 144, "regions": 92, "colorizations": 300, "ratings": 60, "simulated_ratings": 60, "reviews": 100,
    "release": {"name": "demo-loop", "version": "1.0.0", "items": 140, "splits": 3}, "exported_files": 200, "retrained_checkpoint": 2,
    "retrained_checkpoint_name": "mini-2", "colorizations_with_retrained": 140, "runs": 11, "seconds": 12.5,
    "failed_items": [{"job": "import_images", "item": "cut-short.png", "reason": "The picture is broken or cut short."}],
    "validation_loss_before": 0.5, "validation_loss_after": 0.4, "kept_step": 60,
    "evaluations": {"mini": {"items": 7, "adherence": None, "psnr": 20.0}, "mini-2": {"items": 7, "adherence": 0.62, "psnr": 21.0}},
    "evaluations_by_captions_alone": {
        "mini": {"items": 7, "adherence": 0.5, "psnr": 19.0}, "mini-2": {"items": 7, "adherence": 0.56, "psnr": 19.5},
    },
}  # fmt: skip


def test_the_loop_prints_its_summary_in_sentences_or_as_json(workbench, home, monkeypatch):
    monkeypatch.setattr(Loop, "walk", lambda loop: {**SUMMARY, "base": loop.plan.base, "steps": loop.plan.training_steps})
    answer = workbench("demo", "--loop", "--base", "tiny", "--training-steps", 7, "--json", *home)
    assert answer.status == 0
    assert answer.json == {**SUMMARY, "base": "tiny", "steps": 7}
    said = workbench("demo", "--loop", *home).output
    assert "60 ratings (60 simulated)" in said
    assert "mini-2: validation loss 0.5000 before, 0.4000 after 60 steps" in said
    assert "mini-2 on 7 test items: adherence 62%, PSNR 21.0 dB" in said
    assert "mini-2 on 7 test items by captions alone: adherence 56%, PSNR 19.5 dB" in said
    assert said.index("mini on 7 test items: adherence not judged") < said.index("mini on 7 test items by captions alone: adherence 50%")
    assert "failed: cut-short.png (import_images): The picture is broken or cut short." in said


def test_a_demo_that_fails_says_why_and_has_status_1(workbench, home, monkeypatch):
    monkeypatch.setattr(demo, "follow", fails)
    answer = workbench("demo", *home)
    assert answer.status == 1
    assert "Run 1, make_demo: failed. there is no room left" in answer.output


def fails(store, run_id: int):
    """End a run as a worker does that has no room left."""
    with store.writing() as session:
        return runs.fail(session, run_id, "there is no room left")
