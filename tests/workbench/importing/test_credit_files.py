"""A file says where images are from, by their names, in the form that people have at hand."""

import json

import pytest

from tests.stores import add_image
from workbench import images
from workbench.errors import InvalidInputError
from workbench.importing import credit_files, scan
from workbench.store import within


def credited(session):
    return {image.file_name: (image.source, image.author, image.license, image.url) for image in images.find(session)}


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_a_manifest_in_any_form_credits_the_images_that_it_names(session, media, tmp_path, form):
    name = add_image(session, media).file_name
    rows = [
        {"file": name, "source": "album", "author": "Ada", "license": "CC BY 4.0", "url": "https://a.example/1"},
        {"file": "gone.jpg", "source": "album", "author": "Bo", "license": "", "url": ""},
    ]
    texts = {
        "csv": "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]),
        "json": json.dumps(rows),
        "jsonl": "\n".join(map(json.dumps, rows)),
    }
    place = tmp_path / f"sources.{form}"
    place.write_text(texts[form])
    outcome = credit_files.apply(credit_files.read(place), actor="bo", reading=within(session), writing=within(session))
    assert credited(session)[name] == ("album", "Ada", "CC BY 4.0", "https://a.example/1")
    assert (outcome.changed, [unknown for unknown, _ in outcome.unmatched]) == (1, ["gone.jpg"])


def test_a_file_that_says_nothing_of_sources_is_refused(session, tmp_path):
    place = tmp_path / "captions.csv"
    place.write_text("file,caption\na.jpg,a cup\n")
    with pytest.raises(InvalidInputError, match="where it is from"):
        credit_files.read(place)


def test_a_coco_photo_brings_its_number_license_and_address(tmp_path):
    (tmp_path / "000139.jpg").write_bytes(b"x")
    image = {"id": 139, "file_name": "000139.jpg", "license": 4, "flickr_url": "http://f.example/139", "coco_url": "http://c.example/139"}
    licenses = [{"id": 4, "name": "Attribution License", "url": "http://l.example"}]
    captions = [{"image_id": 139, "id": 1, "caption": "a room"}]
    (tmp_path / "captions.json").write_text(json.dumps({"images": [image], "licenses": licenses, "annotations": captions}))
    [item] = scan([tmp_path])
    assert (item.credit.license, item.credit.url, item.attributes["coco_id"]) == ("Attribution License", "http://f.example/139", 139)
