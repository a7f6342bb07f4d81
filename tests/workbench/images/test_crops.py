"""Crops of the photos of a library are recorded as near duplicates, can be taken back, and are never parted by a release."""

import numpy as np
import pytest
import skimage.data

from db.enums import DuplicateKind
from tests.pictures import encoded
from tests.stores import add_caption, create_release, splits_of
from workbench import images, releases
from workbench.images import crops
from workbench.imaging.crop_index import CropIndex
from workbench.imaging.landmarks import landmarks_of
from workbench.store import events

pytestmark = pytest.mark.slow


@pytest.fixture
def cut(session, media):
    """Four photos and a crop of each, with captions; the crops were taken where a perceptual hash no longer sees the photo."""
    photos = [skimage.data.astronaut(), skimage.data.chelsea(), skimage.data.coffee(), skimage.data.rocket()]
    height = 0.7
    crops_of = [pixels[: round(height * pixels.shape[0]), -round(height * pixels.shape[1]) :] for pixels in photos]
    added = []
    for number, pixels in enumerate([*photos, *crops_of]):
        outcome = images.import_file(session, media, encoded(np.ascontiguousarray(pixels)), file_name=f"{number}.png", source="test")
        add_caption(session, outcome.image, "a red cup on a table")
        assert outcome.near == 0
        added.append(outcome.image)
    return added


def look(session, keys):
    return crops.look(session, crops.catch_up(session, CropIndex()), keys)


def test_each_crop_finds_its_photo_and_no_other(session, cut):
    expected = [(cut[number].id, cut[number + 4].id) for number in range(4)]
    for keys in ([image.id for image in cut], [image.id for image in cut[4:]], [image.id for image in cut[:4]]):
        assert [(pair.original_id, pair.image_id) for pair in look(session, keys)] == expected


def test_pairs_are_recorded_once_grouped_and_taken_back(session, cut):
    pairs = look(session, [image.id for image in cut])
    assert crops.record(session, pairs, actor="ann", batch_id="compared") == 4
    assert crops.record(session, pairs, actor="ann") == 0
    [twin] = images.duplicates_of(session, cut[0].id)
    assert (twin.image_id, twin.kind) == (cut[4].id, DuplicateKind.CROP)
    assert images.duplicate_groups(session) == [[cut[number].id, cut[number + 4].id] for number in range(4)]
    assert images.duplicate_groups(session, [cut[5].id]) == [[cut[1].id, cut[5].id]]
    events.rollback(session, "compared", actor="ann")
    assert images.duplicate_groups(session) == []


def test_a_release_keeps_a_photo_and_its_crops_in_one_split(session, media, cut):
    crops.record(session, look(session, [image.id for image in cut]), actor="ann")
    release = create_release(session, media)
    splits = splits_of(session, release)
    assert all(splits[cut[number].sha256] == splits[cut[number + 4].sha256] for number in range(4))
    assert len(set(splits.values())) > 1
    assert (release.facts["gate"]["pairs"], release.facts["gate"]["uncompared"]) == (4, 0)


def test_images_from_before_landmarks_were_kept_are_named_and_made_up_for(session, media, cut):
    session.delete(session.get(crops.Landmarks, cut[0].id))
    session.flush()
    assert list(session.scalars(images.uncompared())) == [cut[0].id]
    assert create_release(session, media).facts["gate"]["uncompared"] == 1
    crops.keep(session, {cut[0].id: landmarks_of(images.upright_rgb(media, cut[0]))})
    assert list(session.scalars(images.uncompared())) == []
    assert len(look(session, [cut[0].id])) == 1


def test_a_crop_of_a_foreign_image_stays_out_and_lists_that_are_handed_on_hold_no_picture(session, media, cut, tmp_path):
    folder = tmp_path / "benchmark"
    folder.mkdir()
    (folder / "secret.png").write_bytes(encoded(skimage.data.coffee()[40:, 60:]))
    release = create_release(session, media, rules={"foreign": [str(folder)]})
    reasons = {row.image_sha256: row.reason for row in releases.exclusions(session, release.id)}
    assert reasons.keys() == {cut[2].sha256, cut[6].sha256}
    assert all("secret.png" in reason for reason in reasons.values())
    assert "landmarks" not in "".join(releases.lines_of(folder))


def test_a_list_that_is_handed_on_with_landmarks_keeps_crops_out_as_its_folder_does(session, media, cut, tmp_path):
    folder, listed = tmp_path / "benchmark", tmp_path / "benchmark.jsonl"
    folder.mkdir()
    (folder / "secret.png").write_bytes(encoded(skimage.data.coffee()[40:, 60:]))
    by_hash = create_release(session, media, rules={"foreign": [_written(listed, releases.lines_of(folder))]})
    assert releases.exclusions(session, by_hash.id) == []
    by_crop = create_release(session, media, rules={"foreign": [_written(listed, releases.lines_of(folder, landmarks=True))]})
    assert {row.image_sha256 for row in releases.exclusions(session, by_crop.id)} == {cut[2].sha256, cut[6].sha256}


def _written(path, lines):
    path.write_text("".join(lines))
    return str(path)
