"""The doctor says which weights are there, and how to get those that are not."""

import shutil

import pytest

from workbench.colorizations import checkpoints


@pytest.fixture
def home(store):
    """Options that name the store's home."""
    return ("--home", store.settings.home)


@pytest.fixture
def findings(workbench, store):
    """What the doctor finds, by subject; nothing that it says of weights makes it fail."""

    def look() -> dict[str, dict]:
        answer = workbench("doctor", "--json", "--home", store.settings.home)
        assert answer.status == 0
        return {finding["subject"]: finding for finding in answer.json}

    return look


def test_weights_that_are_absent_come_with_the_place_they_belong_to(findings, store, monkeypatch):
    monkeypatch.delenv("WORKBENCH_SAM_WEIGHTS", raising=False)
    told, folder = findings(), store.settings.home / "weights"
    for subject, place in (
        ("weights segment-anything", folder),
        ("weights LPIPS", folder / "lpips"),
        ("weights FID", folder / "inception"),
        ("weights CLIP score", folder / "clip"),
    ):
        assert (told[subject]["well"], told[subject]["state"]) == (False, "absent")
        assert f"into {place}" in told[subject]["advice"]
    assert "workbench checkpoints convert CKPT --base DIR_OR_ID --out DIR" in told["weights checkpoints"]["advice"]


def test_weights_that_are_there_are_named_with_their_place(findings, store, monkeypatch):
    monkeypatch.delenv("WORKBENCH_SAM_WEIGHTS", raising=False)
    places = {
        "weights segment-anything": "sam_vit_b_01ec64.pth", "weights LPIPS": "lpips/alex.pth", "weights FID": "inception/fid.pth",
        "weights CLIP score": "clip/config.json",
    }  # fmt: skip
    for place in places.values():
        path = store.settings.home / "weights" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    told = findings()
    for subject, place in places.items():
        assert (told[subject]["well"], told[subject]["advice"]) == (True, "")
        assert told[subject]["state"] == str(store.settings.home / "weights" / place.split("/")[0])


def test_the_file_that_the_variable_names_is_the_one_that_counts(findings, store, monkeypatch, tmp_path):
    (store.settings.home / "weights").mkdir()
    (store.settings.home / "weights" / "sam.pth").touch()
    monkeypatch.setenv("WORKBENCH_SAM_WEIGHTS", str(tmp_path / "mine.pth"))
    absent = findings()["weights segment-anything"]
    assert (absent["well"], absent["state"]) == (False, f"$WORKBENCH_SAM_WEIGHTS names {tmp_path / 'mine.pth'}, which is not there")
    (tmp_path / "mine.pth").touch()
    assert findings()["weights segment-anything"]["state"] == str(tmp_path / "mine.pth")


def test_a_checkpoint_whose_folder_is_gone_is_named(findings, store, tmp_path):
    for name in ("kept", "lost"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lcad.json").write_text("{}")
        with store.writing() as session:
            checkpoints.register(session, name=name, location=str(tmp_path / name), digest=name)
    assert findings()["weights checkpoints"]["state"] == "2 of 2 beside mini are where they were entered"
    shutil.rmtree(tmp_path / "lost")
    gone = findings()["weights checkpoints"]
    assert (gone["well"], gone["advice"]) == (False, "gone: lost; put them back")


@pytest.mark.slow
def test_the_doctor_names_what_is_missing_and_fails_only_where_the_store_is_broken(workbench, home, library, tmp_path):
    none = workbench("doctor", "--json", "--home", tmp_path / "none").json
    assert {"subject": "store", "well": True}.items() <= next(f for f in none if f["subject"] == "store").items()
    library(1)
    sound = workbench("doctor", "--json", *home)
    assert sound.status == 0
    told = {finding["subject"]: finding for finding in sound.json}
    assert told["store files"]["state"] == "1 of the newest 1 of 1 images are whole"
    assert told["workers"]["well"] is False
    for path in (tmp_path / "media").rglob("*.png"):
        path.write_bytes(b"changed")
    broken = workbench("doctor", *home)
    assert broken.status == 1
    assert "0.png" in broken.output


def test_a_database_that_is_away_is_a_sentence_and_status_1(workbench, tmp_path, monkeypatch):
    pytest.importorskip("psycopg")
    monkeypatch.setenv("WORKBENCH_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:9/none?connect_timeout=2")
    answer = workbench("doctor", "--deep", "--home", tmp_path, "--json")
    assert answer.status == 1
    [found] = [finding for finding in answer.json if finding["subject"] == "store database"]
    assert found["state"].startswith("cannot be reached: ")
    assert found["advice"] == "start it, or correct WORKBENCH_DATABASE_URL"
    assert "Traceback" not in answer.messages
