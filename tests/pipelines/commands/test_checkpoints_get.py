"""`workbench checkpoints get`: nothing is fetched unasked, nothing is taken for what it is not, and offline it says what to do."""

import hashlib

import pytest

from workbench.colorizations import published_weights
from workbench.colorizations.published_weights import PublishedWeights

pytestmark = pytest.mark.model
CONTENT = b"weights" * 100


def publish(monkeypatch, **changes) -> PublishedWeights:
    """Make one entry of the list point at this machine."""
    here = "http://127.0.0.1:9/"
    facts = {"name": "sam", "title": "Weights", "kind": "segment-anything", "file_name": "w.pth", "address": f"{here}w.pth", "page": here}
    facts |= {"size": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest(), "license": "CC0"}
    weights = PublishedWeights(**facts | changes)
    monkeypatch.setattr(published_weights, "PUBLISHED", (weights,))
    return weights


def test_the_list_says_size_license_and_origin_of_each(workbench):
    rows = {row["name"]: row for row in workbench("checkpoints", "get", "--json").json}
    assert rows["sam"]["size"] == 375_042_383
    assert rows["sam"]["license"] == "Apache-2.0"
    assert "NC" in rows["lcad"]["license"]
    assert all(row["address"] or row["page"] for row in rows.values())


@pytest.mark.slow
def test_without_a_network_it_says_what_to_fetch_and_where_to_put_it(workbench, tmp_path, monkeypatch):
    publish(monkeypatch)
    answer = workbench("checkpoints", "get", "sam", "--yes", "--home", tmp_path)
    assert answer.status == 1
    assert "http://127.0.0.1:9/w.pth" in answer.messages
    assert str(tmp_path / "weights" / "w.pth") in answer.messages


def test_what_no_program_can_fetch_is_asked_of_a_person(workbench, tmp_path):
    answer = workbench("checkpoints", "get", "lcad", "--home", tmp_path)
    assert answer.status == 1
    assert "github.com/changzheng123/L-CAD" in answer.messages
    assert "--file" in answer.messages


def test_another_file_than_the_published_one_is_refused(workbench, tmp_path, monkeypatch):
    publish(monkeypatch)
    (tmp_path / "mine.pth").write_bytes(CONTENT[:-1] + b"!")
    answer = workbench("checkpoints", "get", "sam", "--file", tmp_path / "mine.pth", "--home", tmp_path / "store")
    assert answer.status == 1
    assert "SHA-256" in answer.messages


def test_an_unknown_name_lists_the_known_ones(workbench, tmp_path):
    answer = workbench("checkpoints", "get", "ddcolor", "--home", tmp_path)
    assert answer.status == 1
    assert "sam, sam-l, sam-h, lcad" in answer.messages
