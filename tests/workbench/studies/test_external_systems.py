"""Pictures made elsewhere, by a folder or a manifest, compared with ours."""

import io
from collections import Counter

import numpy as np
import PIL.Image
import pytest
from sqlalchemy import select

from db.enums import TrialKind
from db.models import Image, Stimulus, Trial
from tests.workbench.studies.drafts import designed, draft, outputs, systems
from workbench.errors import InvalidInputError
from workbench.imaging import lightness_of
from workbench.studies import build


@pytest.mark.parametrize("method", ["pair", "choice"])
def test_a_peers_folder_is_matched_by_file_name(session, media, stocked, tmp_path, method):
    outputs(tmp_path / "peer", [0, 1, 3], size=(64, 48))
    text = "stimuli:\n  between: [checkpoint]\n  levels: [complete]\n  reference: true\n  outside: [{name: peer, folder: peer}]"
    made = draft(session, media, text, method, base=tmp_path)
    assert build.count_trials(session, designed(text, method, tmp_path), base=tmp_path) == made.trials
    pairs = Counter(frozenset(shown) for shown in systems(session, made.study))
    if method == "choice":
        assert pairs == {frozenset({"one", "two", "peer", "reference"}): 3, frozenset({"one", "two", "reference"}): 1}
    else:
        assert pairs[frozenset({"one", "peer"})] == pairs[frozenset({"two", "peer"})] == pairs[frozenset({"peer", "reference"})] == 3
        assert pairs[frozenset({"one", "two"})] == 4


def test_peers_are_compared_without_any_colorization_of_ours(session, media, stocked, tmp_path):
    for name in ("a", "b"):
        outputs(tmp_path / name, [0, 1])
    text = "stimuli: {checkpoints: [], levels: [scarce], outside: [{name: a, folder: a}, {name: b, folder: b}]}"
    assert build.count_trials(session, designed(text, base=tmp_path), base=tmp_path) == 2
    made = draft(session, media, text, base=tmp_path)
    assert Counter(systems(session, made.study)) == {("a", "b"): 2}
    assert set(session.scalars(select(Trial.caption_text).where(Trial.study_id == made.study.id))) == {"a cup on a table"}


def test_a_peers_folder_that_cannot_be_used_is_refused_with_the_reason(session, media, stocked, tmp_path):
    def refused(says):
        with pytest.raises(InvalidInputError, match=says), session.begin_nested():
            draft(session, media, "stimuli: {between: [checkpoint], outside: [{name: peer, folder: peer}]}", base=tmp_path)

    refused("there is no folder")
    outputs(tmp_path / "peer", [77])
    refused("named as one of the images; they are called photo-0.png")
    outputs(tmp_path / "peer", [0])
    outputs(tmp_path / "peer" / "again", [0], suffix=".png")
    refused("have one name")
    (tmp_path / "peer" / "again" / "photo-0.png").unlink()
    outputs(tmp_path / "peer", [0], size=(18, 12))
    refused("shapes differ")


def a_manifest(folder, rows):
    (folder / "peer.csv").write_text("\n".join([",".join(row) for row in rows]), encoding="utf-8-sig")


@pytest.mark.parametrize("file", ["x" * 5000, "a\0b", "~nobody-of-this-name/a.png"])
def test_a_manifest_that_names_what_can_be_no_file_is_refused_in_a_sentence(session, media, stocked, tmp_path, file):
    a_manifest(tmp_path, [("image", "file"), ("photo-0.png", file)])
    with pytest.raises(InvalidInputError, match=r"row 2 of peer\.csv names no image and file that is there"):
        draft(session, media, "stimuli: {between: [checkpoint], outside: [{name: peer, manifest: peer.csv}]}", base=tmp_path)


@pytest.mark.parametrize("folder", ["~nobody-of-this-name/outputs", "x" * 5000])
def test_a_folder_of_nobody_is_refused_in_a_sentence(session, media, stocked, tmp_path, folder):
    with pytest.raises(InvalidInputError, match="there is no folder"):
        draft(session, media, f"stimuli: {{between: [checkpoint], outside: [{{name: peer, folder: '{folder}'}}]}}", base=tmp_path)


@pytest.mark.slow
def test_a_peers_manifest_names_a_file_for_each_image_and_caption(session, media, stocked, tmp_path):
    outputs(tmp_path / "peer", [0, 1])
    a_manifest(
        tmp_path,
        [("image", "caption", "file"), ("photo-0.png", "a cup on a table", "peer/photo-0.jpg"), ("photo-1", "", "peer/photo-1.jpg")],
    )
    made = draft(session, media, "stimuli: {checkpoints: [one], between: [], outside: [{name: peer, manifest: peer.csv}]}", base=tmp_path)
    shown = session.execute(select(Trial.caption_text, Image.file_name).join(Image).where(Trial.kind == TrialKind.REGULAR)).all()
    assert sorted(map(tuple, shown)) == [
        ("a cup on a table", "photo-0.png"), ("a cup on a table", "photo-1.png"), ("a red cup on a table", "photo-1.png"),
    ]  # fmt: skip
    [warning] = made.warnings
    assert "is missing in trials of 3 images" in warning


@pytest.mark.parametrize(
    ("rows", "says"),
    [([("image", "path")], "no column file"), ([("image", "file"), ("photo-0", "none.jpg")], "row 2 of peer.csv"),
     ([("image", "file"), ("other", "peer/photo-0.jpg")], "none of the images"),
     ([("image", "file"), ("photo-0", "peer/photo-0.jpg"), ("photo-0", "peer/photo-1.jpg")], "second file")],
)  # fmt: skip
def test_a_manifest_that_cannot_be_used_is_refused_with_row_and_reason(session, media, stocked, tmp_path, rows, says):
    outputs(tmp_path / "peer", [0, 1])
    a_manifest(tmp_path, rows)
    with pytest.raises(InvalidInputError, match=says):
        draft(session, media, "stimuli: {between: [checkpoint], outside: [{name: peer, manifest: peer.csv}]}", base=tmp_path)


def test_rows_and_images_that_do_not_meet_are_told_to_the_author(session, media, stocked, tmp_path):
    outputs(tmp_path / "peer", [0, 1])
    a_manifest(
        tmp_path,
        [("image", "caption", "file"), ("photo-0", "a cup on a table", "peer/photo-0.jpg"), ("phot-1", "", "peer/photo-1.jpg"),
         ("photo-0", "a cup on a tabel", "peer/photo-1.jpg")],
    )  # fmt: skip
    made = draft(session, media, "stimuli: {between: [checkpoint], outside: [{name: peer, manifest: peer.csv}]}", base=tmp_path)
    assert [warning.partition('"peer"')[2] for warning in made.warnings] == [
        ": 1 rows of peer.csv name images that this study does not show (phot-1).",
        ": 1 files are for captions that this study does not show (a cup on a tabel).",
        " is missing in trials of 4 images, for want of a picture (photo-0.png, photo-1.png, photo-2.png …).",
    ]


def test_an_image_that_a_manifest_does_not_tell_from_another_is_refused(session, media, stocked, tmp_path):
    outputs(tmp_path / "peer", [0])
    first, second = session.scalars(select(Image).order_by(Image.id).limit(2))
    first.file_name, second.file_name = "photo.png", "photo.jpg"
    system = "stimuli: {between: [checkpoint], outside: [{name: peer, manifest: peer.csv}]}"
    a_manifest(tmp_path, [("image", "file"), ("photo", "peer/photo-0.jpg")])
    with pytest.raises(InvalidInputError, match="means 2 images of the library by 'photo'; write the whole file name"):
        draft(session, media, system, base=tmp_path)
    a_manifest(tmp_path, [("image", "file"), ("photo.jpg", "peer/photo-0.jpg")])
    draft(session, media, system, base=tmp_path)
    shown = session.scalars(select(Image.file_name).join(Trial).join(Stimulus).where(Stimulus.system == "peer").distinct())
    assert list(shown) == ["photo.jpg"]


def test_small_pictures_of_a_peer_are_warned_about(session, media, stocked, tmp_path):
    outputs(tmp_path / "peer", [0, 1], size=(16, 12))
    for image in session.scalars(select(Image)):
        image.width, image.height = 1024, 768
    made = draft(session, media, "stimuli: {between: [checkpoint], outside: [{name: peer, folder: peer}]}", base=tmp_path)
    warning = made.warnings[-1]
    assert "2 pictures are smaller than their images, down to 16 × 12 pixels" in warning


def test_all_systems_get_the_lightness_of_the_source_where_the_design_says_so(session, media, stocked, tmp_path):
    outputs(tmp_path / "peer", [0], size=(16, 12))
    text = "stimuli: {between: [checkpoint], source_lightness: true, outside: [{name: peer, folder: peer}]}"
    draft(session, media, "design: {gold: false, trap: false, training: 0}\n" + text, base=tmp_path)
    rows = session.execute(select(Stimulus, Image.upright_key).join(Trial, Trial.id == Stimulus.trial_id).join(Image)).all()
    assert {stimulus.system for stimulus, _ in rows} == {"one", "two", "peer"}
    for stimulus, source in rows:
        shown, gray = (
            lightness_of(np.asarray(PIL.Image.open(io.BytesIO(media.read(key))).convert("RGB"))) for key in (stimulus.media_key, source)
        )
        assert shown.shape == gray.shape
        assert np.median(np.abs(shown - gray)) < 1  # colors that sRGB cannot show at a lightness are clipped
