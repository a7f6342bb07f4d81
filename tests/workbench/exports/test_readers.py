"""Every format is read by the library it is for, exactly as `docs/exports.md` says."""

import json
import re
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from tests.stores import HEIGHT, WIDTH, insert_caption, insert_grounding, insert_image, release_of_twelve
from workbench import exports, images, releases
from workbench.imaging import masks

DOCUMENT = Path(__file__).parents[3] / "docs" / "exports.md"
SPLITS = ("train", "validation", "test")


def snippets() -> dict[str, str]:
    """The Python of each section of the document."""
    sections = re.split(r"^## ", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    matches = {section.split("\n", 1)[0]: re.search(r"```python\n(.*?)```", section, re.DOTALL) for section in sections}
    return {name: snippet.group(1) for name, snippet in matches.items() if snippet}


@pytest.fixture(autouse=True)
def _offline(monkeypatch, tmp_path):
    """No reader asks the network for anything, nor leaves anything outside of the test's folder."""
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def read(session, media, tmp_path):
    """A function that exports a release and runs the document's snippet on it; it gives the frozen items and the snippet's names."""

    release = release_of_twelve(session, media)

    def export_and_run(layout, section=None):
        exports.write(session, media, release.id, layout, tmp_path / f"kitchen-1.0.0-{layout}")
        names: dict = {}
        exec(compile(snippets()[section or layout], f"{DOCUMENT} ({layout})", "exec"), names)
        return releases.items(session, release.id), names

    return export_and_run


def in_train(items):
    return [item for item in items if item.split == "train"]


def same_pixels(picture, key, media):
    with media.open(key) as stream:
        return (np.asarray(picture.convert("RGB")) == np.asarray(PIL.Image.open(stream).convert("RGB"))).all()


@pytest.mark.slow
def test_every_format_has_a_section_with_a_snippet():
    assert set(exports.FORMATS) | {"Croissant"} == set(snippets())


@pytest.mark.slow
def test_datasets_loads_the_imagefolder_with_both_pictures(read, media):
    items, loaded = read("imagefolder")
    assert {split: loaded["release"][split].num_rows for split in SPLITS} == {
        split: sum(item.split == split for item in items) for split in SPLITS
    }
    by_key = {(item.image_sha256, item.caption_text): item for item in items}
    for split in SPLITS:
        for row in loaded["release"][split]:
            item = by_key[row["image"], row["caption"]]
            assert row["gray"].mode == "L"
            assert same_pixels(row["color"], item.color_key, media)
            assert json.loads(row["regions"]) == item.regions


@pytest.mark.slow
def test_datasets_finds_the_splits_of_a_folder_by_itself(read, tmp_path):
    from datasets import load_dataset

    for layout in ("imagefolder", "webdataset"):
        read(layout)
        loaded = load_dataset(str(tmp_path / f"kitchen-1.0.0-{layout}"))
        assert sum(loaded[split].num_rows for split in SPLITS) == 12


@pytest.mark.slow
def test_webdataset_reads_the_shards_in_order(read, media):
    items, loaded = read("webdataset")
    assert [text for _, _, text, _ in loaded["samples"]] == [item.caption_text for item in in_train(items)]
    for (gray, color, _, facts), item in zip(loaded["samples"], in_train(items), strict=True):
        assert gray.size == color.size == (WIDTH, HEIGHT)
        assert same_pixels(color, item.color_key, media)
        assert (facts["level"], facts["image"], json.loads(facts["regions"])) == (item.level, item.image_sha256, item.regions)


@pytest.mark.slow
def test_shards_are_closed_when_they_are_full(read, tmp_path, monkeypatch):
    import webdataset

    monkeypatch.setattr("workbench.exports.formats.webdataset.SHARD_ITEMS", 3)
    items, loaded = read("webdataset")
    assert len(loaded["samples"]) == 3
    shards = sorted(str(path) for path in (tmp_path / "kitchen-1.0.0-webdataset" / "data").glob("train-*.tar"))
    texts = [sample["txt"].decode() for sample in webdataset.WebDataset(shards, shardshuffle=False)]
    assert texts == [item.caption_text for item in in_train(items)]


@pytest.mark.slow
def test_coco_tools_give_back_every_mask_bit_for_bit(read):
    items, loaded = read("coco")
    frozen = {masks.mask_hash(region["mask"]) for item in in_train(items) for region in item.regions}
    assert {masks.mask_hash(masks.encode(mask.astype(bool))) for mask in loaded["masks"]} == frozen
    assert sorted(loaded["texts"]) == sorted(item.caption_text for item in in_train(items))


def test_a_reader_written_from_the_official_description_gets_a_picture_and_one_of_its_captions(read):
    items, loaded = read("lcad")
    assert sum(map(len, loaded["captions"].values())) == len(in_train(items))
    assert len(loaded["pairs"]) == len({item.color_key for item in in_train(items)})
    texts = {item.caption_text for item in items}
    assert all(picture.size == (WIDTH, HEIGHT) and text in texts for picture, text in loaded["pairs"])


@pytest.mark.slow
def test_sd_scripts_finds_a_line_for_each_caption(read):
    items, loaded = read("sd-scripts")
    assert loaded["config"]["general"]["enable_wildcard"]
    assert all(path.is_file() for path in loaded["lines"])
    assert sorted(line for lines in loaded["lines"].values() for line in lines) == sorted(item.caption_text for item in in_train(items))


def test_a_caption_of_several_lines_with_braces_is_one_line_that_says_the_same():
    from workbench.exports.formats.sd_scripts import as_line

    assert as_line(" a {red|blue}\ncup\t") == "a {{red|blue}} cup"


@pytest.mark.slow
def test_pandas_and_datasets_read_the_embedded_pictures(read, media):
    items, loaded = read("parquet")
    assert list(loaded["table"]["caption"]) == [item.caption_text for item in in_train(items)]
    assert loaded["gray"].mode == "L"
    rows = {split: list(loaded["release"][split]) for split in SPLITS}
    assert sum(map(len, rows.values())) == 12
    for row, item in zip(rows["train"], in_train(items), strict=True):
        assert same_pixels(row["color"], item.color_key, media)
        assert row["regions"] == item.regions


def test_the_parquet_schema_says_what_datasets_would_say():
    import datasets

    from workbench.exports.formats.parquet import SCHEMA

    features = datasets.Features.from_arrow_schema(SCHEMA)
    assert json.loads(SCHEMA.metadata[b"huggingface"])["info"]["features"] == features.to_dict() | {
        name: {"_type": "Image"} for name in ("gray", "color")
    }
    assert isinstance(features["gray"], datasets.Image)


@pytest.mark.slow
def test_label_studio_takes_the_tasks_and_their_predictions(read):
    items, loaded = read("label-studio")
    assert len(loaded["tasks"]) == len({item.color_key for item in items})
    texts = []
    for task in loaded["tasks"]:
        (prediction,) = task["predictions"]
        assert loaded["form"].validate_task({"data": task["data"]})
        assert loaded["form"].validate_prediction(prediction, return_errors=True) == []
        texts += [text for result in prediction["result"] for text in result["value"].get("text", [])]
    assert sorted(texts) == sorted(item.caption_text for item in items)


@pytest.mark.parametrize("layout", exports.FORMATS)
@pytest.mark.slow
def test_mlcroissant_finds_nothing_wrong_and_reads_the_records(read, layout, tmp_path):
    import mlcroissant

    items, loaded = read(layout, "Croissant") if layout == "imagefolder" else (read(layout)[0], {})
    dataset = mlcroissant.Dataset(tmp_path / f"kitchen-1.0.0-{layout}" / "croissant.json")
    assert (dataset.metadata.ctx.issues.errors, dataset.metadata.ctx.issues.warnings) == (set(), set())
    assert str(dataset.metadata.ctx.conforms_to.value) == "http://mlcommons.org/croissant/1.1"
    assert dataset.metadata.version == "1.0.0"
    counts = {record_set.uuid: len(list(dataset.records(record_set.uuid))) for record_set in dataset.metadata.record_sets}
    pictures = len({item.color_key for item in items})
    expected = {
        "imagefolder": {"splits": 3, "items": 12, "gray": 10, "color": 10},
        "webdataset": {"descriptions": 12, "color": 12},
        "coco": {"descriptions": 12, "objects": 12},
        "lcad": {"color": pictures},
        "sd-scripts": {"descriptions": pictures, "color": pictures},
        "parquet": {"splits": 3, "items": 12},
        "label-studio": {"tasks": pictures},
    }
    assert counts == expected[layout]
    if loaded:
        assert not loaded["issues"].errors
        captions = {(row["items/split"].decode(), row["items/caption"].decode()) for row in loaded["records"]}
        assert captions == {(item.split.value, item.caption_text) for item in items}


CREDIT = {"source": "album", "author": "Ada Photo", "license": "CC BY 4.0", "url": "https://a.example/1"}


@pytest.fixture
def credited(session, media, tmp_path):
    """A function that exports one described photo, with a mask and all that is known of where it is from, and gives the folder."""
    image = insert_image(session, media, 1, attributes={"coco_id": 139})
    caption = insert_caption(session, image)
    insert_grounding(session, caption)
    others = [insert_image(session, media, number) for number in range(2, 5)]
    for other in others:
        insert_caption(session, other)
    images.credit_all(session, [image.id], images.Credit(**CREDIT), actor="bo")
    release = releases.create(session, media, name="set", author="ada")
    [item] = [item for item in releases.items(session, release.id) if item.image_id == image.id]

    def export(layout):
        exports.write(session, media, release.id, layout, tmp_path / layout)
        return tmp_path / layout, item

    return export


def _of_rows(rows, item):
    [row] = [row for row in rows if row["image"] == item.image_sha256]
    regions = json.loads(row["regions"]) if isinstance(row["regions"], str) else row["regions"]
    told = {name: row[name] for name in CREDIT}
    return told, row["original_name"], row["caption_origin"], row["level_origin"], [region["origin"] for region in regions]


def _of_imagefolder(folder, item):
    from datasets import load_dataset

    return _of_rows((row for split in load_dataset(str(folder)).values() for row in split), item)


def _of_webdataset(folder, item):
    import webdataset

    shards = webdataset.WebDataset(sorted(map(str, folder.glob("data/*.tar"))), shardshuffle=False, empty_check=False).decode()
    return _of_rows([sample["json"] for sample in shards], item)


def _of_coco(folder, item):
    from pycocotools.coco import COCO

    captions, instances = (COCO(folder / "annotations" / f"{kind}_{item.split}.json") for kind in ("captions", "instances"))
    image = captions.imgs[139]
    names = {row["id"]: row["name"] for row in captions.dataset["licenses"]}
    told = {"source": image["source"], "author": image["author"], "license": names[image["license"]], "url": image["coco_url"]}
    [caption] = captions.imgToAnns[139]
    drawn = [annotation["origin"] for annotation in instances.imgToAnns[139]]
    return told, image["original_name"], caption["caption_origin"], caption["level_origin"], drawn


def _of_lines(folder, item):
    rows = [json.loads(line) for path in folder.glob("origins_*.jsonl") for line in path.read_text().splitlines()]
    return _of_rows([{**row, "regions": row["masks"]} for row in rows], item)


def _of_label_studio(folder, item):
    tasks = json.loads((folder / "tasks.json").read_text())
    [task] = [task for task in tasks if task["data"]["wb_id"] == item.image_sha256]
    results = task["predictions"][0]["result"]
    [caption] = [result["meta"] for result in results if result["type"] == "textarea"]
    told = {name: task["data"][name] for name in CREDIT}
    drawn = [result["meta"]["origin"] for result in results if result["type"] == "brushlabels"]
    return told, task["data"]["original_name"], caption["caption_origin"], caption["level_origin"], drawn


READ = {
    "imagefolder": _of_imagefolder, "parquet": _of_imagefolder, "webdataset": _of_webdataset, "coco": _of_coco, "lcad": _of_lines,
    "sd-scripts": _of_lines, "label-studio": _of_label_studio,
}  # fmt: skip


@pytest.mark.parametrize("layout", exports.FORMATS)
@pytest.mark.slow
def test_every_format_says_where_picture_caption_level_and_mask_come_from(credited, layout):
    folder, item = credited(layout)
    assert READ[layout](folder, item) == (CREDIT, item.file_name, "human", "rule", ["human"])
