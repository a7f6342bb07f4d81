"""Which queues a machine can serve, and how the workers of a store are numbered."""

import pytest

from pipelines.worker import engine
from pipelines.worker.process import claim_slot, queues_to_serve
from workbench.errors import InvalidInputError


def test_without_the_model_only_files_and_questions_to_other_servers_are_served(monkeypatch, tmp_path):
    assert queues_to_serve([], tmp_path) == ["files", "network", "model", "training", "interactive"]
    monkeypatch.setattr(engine, "find_spec", lambda name: None)
    assert queues_to_serve([], tmp_path) == ["files", "network"]
    assert queues_to_serve(["model"], tmp_path) == []
    with pytest.raises(InvalidInputError, match="There is no queue 'nonsense'"):
        queues_to_serve(["nonsense"], tmp_path)


def test_clicks_are_served_where_the_weights_are(monkeypatch, tmp_path):
    monkeypatch.delenv("WORKBENCH_SAM_WEIGHTS", raising=False)
    assert queues_to_serve(["clicks", "files"], tmp_path) == ["files"]
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "sam_vit_b.pth").touch()
    assert queues_to_serve(["clicks", "files"], tmp_path) == ["clicks", "files"]
    monkeypatch.setenv("WORKBENCH_SAM_WEIGHTS", str(tmp_path / "gone.pth"))
    assert queues_to_serve([], tmp_path) == ["files", "network", "model", "training", "interactive"]


def test_workers_of_one_home_have_numbers_and_the_lowest_free_one_is_taken(tmp_path):
    (one, first), (two, second) = claim_slot(tmp_path), claim_slot(tmp_path)
    assert (one, two) == (1, 2)
    first.close()
    three, third = claim_slot(tmp_path)
    assert three == 1
    second.close()
    third.close()
