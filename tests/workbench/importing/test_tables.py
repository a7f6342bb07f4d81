"""Caption tables in every format give the same rows, and a broken one is shown at its place."""

import json
import re

import numpy as np
import pytest

from db.enums import CaptionLevel, RegionOrigin
from workbench.errors import InvalidInputError
from workbench.imaging import masks
from workbench.importing.items import ItemCaption, Notes, Phrase
from workbench.importing.tables import kind_of, rows_of

MASK = np.zeros((20, 30), bool)
MASK[5:11, 10:16] = True
RLE = masks.encode(MASK)


def merged(name, content, kind=None):
    notes_of: dict[str, Notes] = {}
    for file_name, notes in rows_of(name, content if isinstance(content, bytes) else content.encode(), kind):
        notes_of.setdefault(file_name, Notes()).add(notes)
    return notes_of


def texts(name, content):
    return {file_name: [(caption.text, caption.level) for caption in notes.captions] for file_name, notes in merged(name, content).items()}


EXPECTED = {"a.jpg": [("a red cup", None), ("a cup", None)], "b.jpg": [("two cats, one gray", None)]}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.json", json.dumps({"a.jpg": ["a red cup", "a cup"], "b.jpg": "two cats, one gray"})),
        ("c.json", json.dumps([{"image": "a.jpg", "captions": ["a red cup", "a cup"]}, {"image": "b.jpg", "text": "two cats, one gray"}])),
        ("c.csv", 'file_name,caption\na.jpg,a red cup\na.jpg,a cup\nb.jpg,"two cats, one gray"\n'),
        ("c.csv", "﻿Image;Description\r\na.jpg;a red cup\r\na.jpg;a cup\r\nb.jpg;two cats, one gray\r\n"),
        ("c.tsv", "filename\ttext\na.jpg\ta red cup\na.jpg\ta cup\nb.jpg\ttwo cats, one gray\n"),
        (
            "c.jsonl",
            '{"file_name": "a.jpg", "caption": "a red cup"}\n\n{"file_name": "a.jpg", "text": "a cup"}\n'
            '{"path": "b.jpg", "captions": [{"text": "two cats, one gray"}]}\n',
        ),
        (
            "c.json",
            json.dumps(
                {
                    "info": {},
                    "annotations": [
                        {"image_id": 7, "caption": "a red cup"},
                        {"image_id": 7, "caption": "a cup"},
                        {"image_id": 9, "caption": "two cats, one gray"},
                    ],
                    "images": [{"id": 7, "file_name": "a.jpg"}, {"id": 9, "file_name": "b.jpg"}],
                }
            ),
        ),
    ],
)
def test_every_format_says_the_same(name, content):
    assert texts(name, content) == EXPECTED


def test_levels_are_read_and_may_be_left_out():
    content = "file_name,caption,level\na.jpg,a red cup,Complete\na.jpg,a cup,\n"
    assert texts("c.csv", content) == {"a.jpg": [("a red cup", CaptionLevel.COMPLETE), ("a cup", None)]}


def test_licenses_sources_and_tags_come_along():
    row = {"file_name": "a.jpg", "license": "CC0", "source": "a museum", "tags": ["night", " city "], "caption": "a cup"}
    notes = merged("c.jsonl", json.dumps(row))["a.jpg"]
    assert (notes.license, notes.source, notes.tags) == ("CC0", "a museum", ["night", "city"])
    assert merged("c.csv", 'file,caption,tags\na.jpg,a cup,"night,city"\n')["a.jpg"].tags == ["night", "city"]


def test_a_row_of_our_export_brings_its_regions_and_names_its_gray_version():
    region = {"phrase": "a red cup", "start": 0, "end": 9, "colors": ["red"], "mask": RLE}
    row = {"gray_file_name": "gray/1.png", "color_file_name": "color/1.png", "caption": "a red cup", "level": "complete"}
    notes = merged("metadata.jsonl", json.dumps(row | {"regions": [region]}))["color/1.png"]
    assert notes.captions == [ItemCaption("a red cup", CaptionLevel.COMPLETE, (Phrase(0, 9, 0),))]
    assert notes.regions[0].mask == RLE
    assert notes.versions == ["gray/1.png"]


def test_named_regions_are_pointed_to_by_phrases():
    row = {
        "file_name": "a.jpg",
        "captions": [{"text": "a cup, a cup", "phrases": [{"start": 0, "end": 5, "region": "left"}]}, {"text": "cups"}],
        "regions": [{"name": "right", "mask": RLE}, {"name": "left", "mask": masks.encode(~MASK), "origin": "composed"}],
    }
    notes = merged("c.jsonl", json.dumps(row))["a.jpg"]
    assert [region.label for region in notes.regions] == ["right", "left"]
    assert notes.regions[1].origin is RegionOrigin.COMPOSED
    assert [caption.phrases for caption in notes.captions] == [(Phrase(0, 5, 1),), ()]


def test_rows_about_one_picture_share_their_regions():
    rows = [
        {"file_name": "a.jpg", "caption": text, "regions": [{"start": 0, "end": 5, "mask": mask}]}
        for text, mask in (("a cup", masks.encode(~MASK)), ("a cat", RLE), ("a red cup", masks.encode(~MASK)))
    ]
    notes = merged("c.jsonl", "\n".join(json.dumps(row) for row in rows))["a.jpg"]
    assert len(notes.regions) == 2
    assert [caption.phrases[0].region for caption in notes.captions] == [0, 1, 0]


@pytest.mark.parametrize("segmentation", [[[10, 5, 16, 5, 16, 11, 10, 11]], RLE, {"size": [20, 30], "counts": [205, *[6, 14] * 5, 6, 289]}])
def test_coco_instances_become_regions(segmentation):
    content = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 30, "height": 20, "license": 4}],
        "licenses": [{"id": 4, "name": "CC BY"}],
        "categories": [{"id": 3, "name": "cup"}],
        "annotations": [{"image_id": 1, "category_id": 3, "segmentation": segmentation, "iscrowd": 0}],
    }
    notes = merged("instances.json", json.dumps(content))["a.jpg"]
    assert [(region.label, region.mask) for region in notes.regions] == [("cup", RLE)]
    assert notes.license == "CC BY"


def test_polygons_of_one_object_are_one_region():
    halves = [[10, 5, 13, 5, 13, 11, 10, 11], [13, 5, 16, 5, 16, 11, 13, 11]]
    content = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 30, "height": 20}],
        "annotations": [{"image_id": 1, "segmentation": halves}],
    }
    assert merged("instances.json", json.dumps(content))["a.jpg"].regions[0].mask == RLE


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.csv", b"", "csv"),
        ("a.tsv", b"", "csv"),
        ("a.jsonl", b"", "jsonl"),
        ("a.json", b'{"a.jpg": []}', "lcad"),
        ("a.json", b"{}", "lcad"),
        ("a.json", b'{"images": []}', "coco"),
        ("a.json", b"[]", "jsonl"),
    ],
)
def test_a_table_is_told_by_its_suffix_and_content(name, content, kind):
    assert kind_of(name, content) == kind


BROKEN = [
    ("c.json", "no json", "no JSON"),
    ("c.json", '"text"', "holds no captions"),
    ("c.json", '{"a.jpg": ["a cup", 7]}', '"a.jpg" in c.json'),
    ("c.json", '{"a.jpg": ["a cup"', "broken"),
    ("c.json", '[{"image": "a.jpg"}, 7]', "Entry 2"),
    ("c.jsonl", '{"file_name": "a.jpg"}\n{"caption"', "broken"),
    ("c.jsonl", '{"caption": "a cup"}', "Line 1 of c.jsonl names no picture"),
    ("c.jsonl", '{"file": "a.jpg", "caption": 7}', "no text"),
    ("c.jsonl", '{"file": "a.jpg", "caption": "a", "level": "high"}', "complete, partial, scarce"),
    ("c.jsonl", '{"file": "a.jpg", "caption": "a", "regions": [{}]}', '"mask"'),
    ("c.jsonl", '{"file": "a.jpg", "caption": "a", "regions": [{"mask": {"size": [2, 2], "counts": [1]}}]}', "runs that add up"),
    ("c.jsonl", '{"file": "a.jpg", "captions": [{"text": "a", "phrases": [{"start": 0, "end": 1, "region": "x"}]}]}', '"x"'),
    ("c.csv", "a.jpg,a cup\n", "first line"),
    ("c.csv", "", "first line"),
    ("c.csv", "file_name,caption\n,a cup\n", "Line 2"),
    ("c.csv", "file_name,caption,level\na.jpg,a cup,high\n", "Line 2"),
    ("c.csv", 'file_name,caption\na.jpg,"a cup\n', "cannot be read"),
    ("c.csv", b"file_name,caption\na.jpg,\xff\xfe\n", "UTF-8"),
    ("c.json", '{"annotations": []}', "images"),
    ("c.json", '{"images": [{"id": 1}]}', "file_name"),
    ("c.json", '{"images": [{"id": 1, "file_name": "a"}], "annotations": [{"image_id": 2, "caption": "a"}]}', "image 2"),
    (
        "c.json",
        '{"images": [{"id": 1, "file_name": "a"}], "annotations": [{"image_id": 1, "segmentation": [[1, 2, 3, 4, 5, 6]]}]}',
        "height",
    ),
    (
        "c.json",
        '{"images": [{"id": 1, "file_name": "a", "height": 9, "width": 9}], "annotations": [{"image_id": 1, "segmentation": [[1, 2]]}]}',
        "three or more points",
    ),
]


@pytest.mark.parametrize(("name", "content", "reason"), BROKEN)
def test_a_broken_table_is_shown_at_its_place(name, content, reason):
    try:
        problems = [problem for notes in merged(name, content).values() for problem in notes.problems]
    except InvalidInputError as error:  # the whole table is broken, or all that follows
        problems = [str(error)]
    assert any(re.search(reason, problem) for problem in problems), problems
