"""Importing records what cannot be read and goes on; the same import again adds nothing."""

import json

import numpy as np
import PIL.Image
import pytest
from sqlalchemy import func, select

from db.enums import RunStatus
from db.models import Caption, Event, Image
from workbench import runs
from workbench.images import thumbnails


@pytest.fixture
def photos(tmp_path):
    """A folder of forty photos, one of them cut short, and a table that describes two and names one that is not there."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(40):
        pixels = np.random.default_rng(number).integers(0, 256, (24, 32, 3), np.uint8)
        PIL.Image.fromarray(pixels).save(folder / f"{number:02}.png")
    whole = (folder / "07.png").read_bytes()
    (folder / "07.png").write_bytes(whole[: len(whole) // 2])
    table = {"00.png": ["a red cup", "a cup"], "01.png": ["a blue car"], "99.png": ["a green tree"]}
    (tmp_path / "captions.json").write_text(json.dumps(table))
    return folder


def counts(store) -> tuple[int, ...]:
    with store.reading() as session:
        return tuple(session.scalar(select(func.count()).select_from(table)) for table in (Image, Caption, Event))


@pytest.mark.slow
def test_a_broken_file_fails_with_its_reason_and_the_rest_is_imported_once(store, photos, carry_out):
    parameters = {"paths": [str(photos)], "captions": str(photos.parent / "captions.json")}
    run = carry_out("import_images", **parameters)
    assert run.status is RunStatus.DONE, run.message
    assert (run.total, run.done, run.failed, run.skipped) == (41, 39, 2, 0)
    assert run.summary["images"] == 39
    assert run.summary["captions"] == 3
    with store.reading() as session:
        reasons = {item.item: item.reason for item in runs.items(session, run.id)}
        image = session.scalar(select(Image).where(Image.file_name == "00.png"))
    assert set(reasons) == {"07.png", "99.png"}
    assert "no such picture" in reasons["99.png"]
    assert image.source == "photos"
    assert image.run_id == run.id
    assert thumbnails.place(store.settings, image.upright_key, "gray").exists()
    before = counts(store)
    again = carry_out("import_images", **parameters)
    assert (again.done, again.failed, again.skipped) == (0, 2, 39)
    assert counts(store) == before


def test_an_import_of_nothing_fails_with_a_sentence(carry_out, tmp_path):
    run = carry_out("import_images", paths=[str(tmp_path / "nowhere")])
    assert run.status is RunStatus.FAILED
    assert "nowhere" in run.message


@pytest.mark.slow
def test_thumbnails_are_made_again_where_they_are_gone(store, photos, carry_out):
    carry_out("import_images", paths=[str(photos)])
    with store.reading() as session:
        image = session.scalar(select(Image).order_by(Image.id))
    place = thumbnails.place(store.settings, image.upright_key)
    place.unlink()
    run = carry_out("thumbnails")
    assert (run.total, run.done, run.skipped) == (39, 1, 38)
    assert place.exists()
    store.media.path(image.upright_key).unlink()
    place.unlink()
    run = carry_out("thumbnails")
    assert (run.done, run.failed) == (0, 1)
