"""Exports say how well the colors of a target follow the words, and in whose masks that was measured."""

import json

import pytest
from sqlalchemy import select

from db.enums import RegionOrigin, Split, Verdict
from db.models import Colorization
from tests.stores import colorize, create_release, insert_caption, insert_checkpoint, insert_image, open_pair_study
from workbench import exports, reviews
from workbench.exports import preferences
from workbench.exports.preferences import SplitPairs

CAPTIONS = ("a red cup", "a blue plate", "a green bowl")
EXPECTED = {"a red cup": ("0.3000", "independent"), "a blue plate": ("", "not measured"), "a green bowl": ("0.8000", "person")}


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path):
    """The reader remembers folders by their files; those of another run of this test are gone."""
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


@pytest.fixture
def exported(session, media, tmp_path):
    """A function that exports a release whose targets are colorizations of adherence in masks of all kinds, and gives the folder."""
    for number, text in enumerate(CAPTIONS):
        insert_caption(session, insert_image(session, media, number, gray=True), text)
    known = {
        CAPTIONS[0]: (0.9, reviews.facts_of([RegionOrigin.SAM], steered=True, independent=0.3)),
        CAPTIONS[1]: (0.9, reviews.facts_of([RegionOrigin.SAM], steered=True)),
        CAPTIONS[2]: (0.8, reviews.facts_of([RegionOrigin.HUMAN], steered=True)),
    }
    for row in colorize(session, media, insert_checkpoint(session)):
        row.adherence, row.facts = known[row.caption_text]
        reviews.review(session, row.id, "accept", reviewer="ada")
    original = insert_caption(session, insert_image(session, media, 9), "a brown dog")
    release = create_release(session, media)

    def export(layout):
        exports.write(session, media, release.id, layout, tmp_path / layout)
        return tmp_path / layout

    assert original.text not in EXPECTED
    return export


def _of_datasets(folder):
    from datasets import load_dataset

    return [row for split in load_dataset(str(folder)).values() for row in split]


def _of_webdataset(folder):
    import webdataset

    shards = webdataset.WebDataset(sorted(map(str, folder.glob("data/*.tar"))), shardshuffle=False, empty_check=False).decode()
    return [sample["json"] for sample in shards]


def _of_coco(folder):
    return [row for path in folder.glob("annotations/captions_*.json") for row in json.loads(path.read_text())["annotations"]]


def _of_lines(folder):
    return [json.loads(line) for path in folder.glob("origins_*.jsonl") for line in path.read_text().splitlines()]


def _of_label_studio(folder):
    results = [result for task in json.loads((folder / "tasks.json").read_text()) for result in task["predictions"][0]["result"]]
    return [{"caption": result["value"]["text"][0], **result["meta"]} for result in results if result["type"] == "textarea"]


READ = {
    "imagefolder": _of_datasets, "parquet": _of_datasets, "webdataset": _of_webdataset, "coco": _of_coco, "lcad": _of_lines,
    "sd-scripts": _of_lines, "label-studio": _of_label_studio,
}  # fmt: skip


@pytest.mark.parametrize("layout", exports.FORMATS)
@pytest.mark.slow
def test_every_format_says_the_adherence_of_a_target_and_whose_masks_say_it(exported, layout):
    told = {row["caption"]: (row.get("adherence", ""), row.get("adherence_masks", "")) for row in READ[layout](exported(layout))}
    assert told == EXPECTED | {"a brown dog": ("", "")}


def test_pairs_say_the_adherence_of_both_pictures(session, media, tmp_path):
    open_pair_study(session, media, images=2)
    better, worse = session.scalars(select(Colorization).where(Colorization.image_id == 1).order_by(Colorization.id))
    better.adherence, better.facts = 0.8, reviews.facts_of([RegionOrigin.HUMAN], steered=True)
    worse.adherence, worse.facts = 0.9, reviews.facts_of([RegionOrigin.SAM], steered=True)
    reviews.review(session, better.id, Verdict.ACCEPT, reviewer="ann")
    reviews.review(session, worse.id, Verdict.REJECT, reviewer="ann", reason="the cup is green")
    pairs = preferences._by_verdict(session)
    preferences.write_pairs(session, media, SplitPairs(dict.fromkeys(preferences.SPLITS, pairs), 0), tmp_path / "pairs")
    [line] = [json.loads(line) for line in (tmp_path / "pairs" / Split.TRAIN / "pairs.jsonl").read_text().splitlines()]
    assert (line["adherence_0"], line["adherence_0_masks"]) == (0.8, "person")
    assert (line["adherence_1"], line["adherence_1_masks"]) == (None, "not measured")
