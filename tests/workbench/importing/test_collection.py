"""Pictures find their captions in every layout, and what does not fit is told."""

import io
import json
import tarfile
import uuid
import zipfile

import fsspec
import pytest

from tests.pictures import encoded, picture, png
from workbench.errors import InvalidInputError, NotFoundError, UnreadableFileError
from workbench.importing import FORMATS, collect, scan


def lay(folder, **files):
    """Write files; a dot in a name is written as two underscores, a slash as three."""
    for key, content in files.items():
        path = folder / key.replace("___", "/").replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode() if isinstance(content, str) else dump(content))
    return folder


def dump(content):
    return json.dumps(content).encode()


def scanned(*arguments, **options):
    """Texts by picture; what cannot be read by its reason."""
    told = {}
    for item in scan(*arguments, **options):
        try:
            item.read()
            told[item.name] = [caption.text for caption in item.captions]
        except UnreadableFileError as error:
            told[item.name] = str(error)
    return told


def tar(folder, name, **files):
    with tarfile.open(folder / name, "w") as archive:
        for key, content in files.items():
            content = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(key.replace("___", "/").replace("__", "."))
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return folder / name


def test_a_folder_of_pictures_without_captions_is_fine(tmp_path):
    lay(tmp_path, b__png=png(1), a__jpg=b"x", notes__txt="not a caption", sub___c__PNG=png(2), README__md="x")
    assert scanned([tmp_path]) == {"a.jpg": [], "b.png": [], "sub/c.PNG": []}
    assert len(collect([tmp_path])) == 3


def test_single_files_and_folders_come_together(tmp_path):
    one, other = lay(tmp_path / "one", a__png=png(1)), lay(tmp_path / "other", b__png=png(2))
    assert scanned([one, other / "b.png"]) == {"a.png": [], "b.png": []}


def test_l_cad_captions_find_their_pictures_anywhere_below(tmp_path):
    lay(tmp_path, val2017___a__png=png(1), deep___er___b__png=png(2))
    lay(tmp_path, captions__json={"a.png": ["a red cup", "a cup"], "er/b.png": ["a cat"]})
    expected = {"val2017/a.png": ["a red cup", "a cup"], "deep/er/b.png": ["a cat"]}
    assert scanned([tmp_path]) == expected
    assert scanned([tmp_path], format="lcad") == expected
    pictures_only = lay(tmp_path / "only", val2017___a__png=png(1))
    assert scanned([pictures_only], captions_file=tmp_path / "captions.json")["val2017/a.png"] == ["a red cup", "a cup"]
    assert scanned([pictures_only, tmp_path / "captions.json"])["val2017/a.png"] == ["a red cup", "a cup"]


def test_a_table_alone_has_its_pictures_beside_it(tmp_path):
    lay(tmp_path, a__png=png(1), my__csv="file,caption\na.png,a cup\n")
    assert scanned([tmp_path / "my.csv"]) == {"a.png": ["a cup"]}


def test_captions_without_a_picture_are_reported_and_the_rest_comes(tmp_path):
    lay(tmp_path, a__png=png(1), captions__json={"a.png": ["a cup"], "gone.png": ["a cat"]})
    assert scanned([tmp_path]) == {"a.png": ["a cup"], "gone.png": 'The captions name "gone.png", but there is no such picture.'}


def test_captions_that_fit_two_pictures_are_reported_and_both_come_without(tmp_path):
    lay(tmp_path, one___a__png=png(1), two___a__png=png(2), captions__json={"a.png": ["a cup"], "two/a.png": ["a cat"]})
    told = scanned([tmp_path])
    assert told["two/a.png"] == ["a cat"]
    assert told["one/a.png"] == ["a cup"]
    lay(tmp_path, captions__json={"a.png": ["a cup"]})
    told = scanned([tmp_path])
    assert (told["one/a.png"], told["two/a.png"]) == ([], [])
    assert "fit 2 pictures" in told["a.png"]


def test_an_imagefolder_keeps_its_splits_apart(tmp_path):
    for split, text in (("train", "a cup"), ("test", "a cat")):
        row = json.dumps({"file_name": "1.png", "text": text})
        lay(tmp_path / split, **{"1__png": png(len(split)), "metadata__jsonl": row})
    assert scanned([tmp_path], format="imagefolder") == {"test/1.png": ["a cat"], "train/1.png": ["a cup"]}


def test_an_imagefolder_with_csv_metadata(tmp_path):
    lay(tmp_path, images___1__png=png(1), metadata__csv="file_name,text\nimages/1.png,a cup\n")
    assert scanned([tmp_path], format="imagefolder") == {"images/1.png": ["a cup"]}


def test_our_export_comes_back_with_colors_only(tmp_path):
    row = {"gray_file_name": "gray/1.png", "color_file_name": "color/1.png", "caption": "a red cup", "level": "complete", "regions": []}
    lay(tmp_path / "train", gray___1__png=png(1, color=False), color___1__png=png(1), metadata__jsonl=dump(row))
    assert scanned([tmp_path]) == {"train/color/1.png": ["a red cup"]}


def test_coco_has_its_tables_in_annotations(tmp_path):
    coco = {"images": [{"id": 1, "file_name": "a.png"}], "annotations": [{"id": 1, "image_id": 1, "caption": "a cup"}]}
    lay(tmp_path, val2017___a__png=png(1), annotations___captions_val2017__json=coco, annotations___other__json={"unrelated": 1})
    assert scanned([tmp_path]) == {"val2017/a.png": ["a cup"]}
    lay(tmp_path, annotations___other__json=b"[]")
    assert scanned([tmp_path], format="coco") == {"val2017/a.png": ["a cup"]}


def test_text_beside_a_picture_is_its_captions(tmp_path):
    lay(tmp_path, a__png=png(1), a__txt="a red cup\n\n a cup \n", b__jpg=encoded(picture(2), "JPEG"), b__caption="a cat")
    expected = {"a.png": ["a red cup", "a cup"], "b.jpg": ["a cat"]}
    assert scanned([tmp_path]) == expected
    assert scanned([tmp_path], format="sd-scripts") == expected
    assert scanned([tmp_path], format="folder") == {"a.png": [], "b.jpg": []}


def test_a_sample_of_a_webdataset_is_its_picture_with_text_and_json(tmp_path):
    row = json.dumps({"caption": "a red cup", "license": "CC0"})
    path = tar(
        tmp_path,
        "shard-000.tar",
        **{"000__jpg": encoded(picture(1), "JPEG"), "000__txt": "a cup", "000__json": row, "000__seg__png": png(2), "000__cls": "3"},
    )
    assert scanned([path]) == {"000.jpg": ["a cup", "a red cup"]}
    assert next(scan([path], format="webdataset")).credit.license == "CC0"


def test_archives_in_a_folder_are_read_and_a_broken_one_is_reported(tmp_path):
    tar(tmp_path, "shard-0.tar", **{"0__png": png(1), "0__txt": "a cup"})
    tar(tmp_path, "shard-1.tar", **{"1__png": png(2), "1__txt": "a cat"})
    lay(tmp_path, shard_2__tar=b"broken")
    told = scanned([tmp_path])
    assert told.pop("shard_2.tar").startswith("The archive shard_2.tar is broken")
    assert told == {"0.png": ["a cup"], "1.png": ["a cat"]}


def test_a_zip_with_a_table_in_it(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("set/pictures/a.png", png(1))
        archive.writestr("set/captions.csv", "file_name,caption\npictures/a.png,a cup\n")
    assert scanned([tmp_path / "a.zip"]) == {"set/pictures/a.png": ["a cup"]}


def test_pictures_at_an_address_come_too():
    filesystem, root = fsspec.filesystem("memory"), f"/{uuid.uuid4().hex}"
    filesystem.pipe_file(f"{root}/a.png", png(1))
    filesystem.pipe_file(f"{root}/captions.json", dump({"a.png": ["a cup"]}))
    assert scanned([f"memory:/{root}"]) == {"a.png": ["a cup"]}
    assert scanned([f"memory:/{root}/a.png"], captions_file=f"memory:/{root}/captions.json") == {"a.png": ["a cup"]}


def test_a_broken_side_file_costs_itself_alone(tmp_path):
    lay(tmp_path, a__png=png(1), a__json="{broken", b__png=png(2), b__txt=b"\xff\xfe", c__png=png(3), c__txt="a cup")
    told = {item.name: item.notes.problems for item in collect([tmp_path]).items()}
    assert "a.json: It is no JSON" in told["a.png"][0]
    assert "UTF-8" in told["b.png"][0]
    assert told["c.png"] == []
    assert scanned([tmp_path])["c.png"] == ["a cup"]


def test_items_are_found_again_by_reference_in_another_collection(tmp_path):
    lay(tmp_path, a__png=png(1), b__png=png(2), captions__json={"b.png": ["a cup"]})
    tar(tmp_path, "more.tar", **{"c__png": png(3)})
    references = list(collect([tmp_path]).references())
    again = list(collect([tmp_path]).items(reversed(references)))
    assert [item.name for item in again] == ["c.png", "b.png", "a.png"]
    assert [caption.text for caption in again[1].captions] == ["a cup"]
    assert again[0].open().read() == png(3)


def test_a_format_that_is_not_read_is_told_with_those_that_are(tmp_path):
    with pytest.raises(InvalidInputError, match="imagefolder, coco, lcad"):
        collect([tmp_path], format="stone tablets")


@pytest.mark.parametrize("name", ["imagefolder", "coco", "lcad", "csv", "jsonl", "label-studio"])
def test_a_format_without_its_table_is_refused(tmp_path, name):
    lay(tmp_path, a__png=png(1))
    with pytest.raises(InvalidInputError, match=f'"{name}" was found'):
        collect([tmp_path], format=name)


def test_nothing_and_nowhere_are_refused(tmp_path):
    with pytest.raises(InvalidInputError, match="Nothing"):
        collect([])
    with pytest.raises(NotFoundError, match="nowhere"):
        collect([tmp_path / "nowhere"])
    with pytest.raises(NotFoundError, match="nowhere"):
        collect([tmp_path], captions_file=tmp_path / "nowhere.json")


def test_every_format_of_the_list_can_be_asked_for(tmp_path):
    lay(tmp_path, a__png=png(1), metadata__jsonl=dump({"file_name": "a.png", "caption": "a cup"}), c__csv="file,caption\na.png,a cup\n")
    lay(tmp_path, captions__json={"a.png": ["a cup"]}, coco__json={"images": [{"id": 1, "file_name": "a.png"}], "annotations": []})
    lay(tmp_path, tasks__json=[{"data": {"image": "a.png"}, "annotations": []}])
    for name in FORMATS:
        assert "a.png" in scanned([tmp_path], format=name)
