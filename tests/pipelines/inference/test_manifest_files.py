"""`colorize-files` colors a manifest's rows without a store, or says which row cannot be used."""

import json

import numpy as np
import PIL.Image
import pytest
from skimage.color import rgb2lab

from pipelines.inference.colorize import Sampling
from pipelines.inference.manifest_files import colorize_rows, read_manifest
from workbench.errors import InvalidInputError

pytestmark = pytest.mark.model

CAPTION = "a red cup on a brown table"


@pytest.fixture
def folder(tmp_path):
    """A folder with a gray photo of 48×40 pixels, and a mask of its left half."""
    PIL.Image.fromarray(np.linspace(20, 230, 48 * 40).astype(np.uint8).reshape(40, 48)).save(tmp_path / "photo.png")
    mask = np.zeros((40, 48), bool)
    mask[:, :24] = True
    PIL.Image.fromarray(mask).save(tmp_path / "cup.png")
    return tmp_path


def write(folder, *rows) -> object:
    path = folder / "manifest.jsonl"
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def row(**changes) -> dict:
    return {"image": "photo.png", "caption": CAPTION, "seed": 3, "regions": [{"phrase": "a red cup", "mask": "cup.png"}], **changes}


@pytest.mark.slow
def test_every_row_becomes_a_picture_and_a_line_of_results(folder, tiny_checkpoint, workbench):
    manifest = write(folder, row(), row(seed=4), {"image": "photo.png", "caption": "a cup"})
    answer = workbench("colorize-files", manifest, "--out", folder / "out", "--checkpoint", tiny_checkpoint, "--json")
    summary = answer.json
    lines = [json.loads(line) for line in (folder / "out/results.jsonl").read_text().splitlines()]
    assert summary["images"] == 3
    assert [line["index"] for line in lines] == [0, 1, 2]
    assert [line["seed"] for line in lines] == [3, 4, 0]
    assert lines[0].keys() == {"index", "image", "caption", "seed", "checkpoint", "steps", "seconds", "adherence"}
    assert 0 <= lines[0]["adherence"] <= 1
    assert lines[2]["adherence"] is None
    source = rgb2lab(np.asarray(PIL.Image.open(folder / "photo.png").convert("RGB")))[..., 0]
    for index in range(3):
        result = np.asarray(PIL.Image.open(folder / f"out/{index:03}.png").convert("RGB"))
        assert np.abs(rgb2lab(result)[..., 0] - source).max() <= 1


@pytest.mark.slow
def test_without_instances_masks_judge_but_do_not_guide(folder, tiny_checkpoint):
    from lcad import load_pipeline

    pipeline = load_pipeline(tiny_checkpoint)
    with_masks = read_manifest(write(folder, row()))
    plain = read_manifest(write(folder, row(regions=[])))
    guided = list(colorize_rows(pipeline, with_masks, folder / "guided", checkpoint="tiny"))
    judged = list(colorize_rows(pipeline, with_masks, folder / "judged", checkpoint="tiny", sampling=Sampling(instances=False)))
    list(colorize_rows(pipeline, plain, folder / "plain", checkpoint="tiny", sampling=Sampling(instances=False)))
    list(colorize_rows(pipeline, plain, folder / "sought", checkpoint="tiny"))
    assert (folder / "sought/000.png").read_bytes() != (folder / "plain/000.png").read_bytes(), "phrases without masks are looked for"
    assert (folder / "judged/000.png").read_bytes() == (folder / "plain/000.png").read_bytes()
    assert guided[0]["adherence"] is not None
    assert judged[0]["adherence"] is not None


@pytest.mark.slow
def test_pinned_colors_and_a_palette_are_what_the_results_show(folder, tiny_checkpoint):
    from lcad import load_pipeline

    blue, red = [40, 60, 200], "#c03020"
    PIL.Image.fromarray(np.asarray(PIL.Image.open(folder / "cup.png")) == 0).save(folder / "rest.png")
    rows = [
        row(),
        row(colors=[{"phrase": "a red cup", "color": blue}, {"mask": "rest.png", "color": red}]),
        row(regions=[], colors=[{"mask": "cup.png", "color": [-50.0, 40.0]}]),
        row(regions=[], palette=["#2040c0"]),
    ]
    list(colorize_rows(load_pipeline(tiny_checkpoint), read_manifest(write(folder, *rows)), folder / "out", checkpoint="tiny"))
    lab = [rgb2lab(np.asarray(PIL.Image.open(folder / f"out/{index:03}.png").convert("RGB"))) for index in range(len(rows))]
    assert np.median(lab[1][:, :22, 2]) < -20, "blue where the phrase is"
    assert np.median(lab[1][:, 26:, 1]) > 20, "red where the other mask is"
    assert np.median(lab[2][:, :22, 1]) < -20, "green under a mask without a phrase"
    yellow, allowed = (np.quantile(one[..., 2][one[..., 0] > 30], 0.99) for one in (lab[0], lab[3]))
    assert allowed < 6 < yellow, "nothing is yellow where only blue is allowed"


@pytest.mark.slow
def test_pins_hold_without_instance_guidance_too(folder, tiny_checkpoint, workbench):
    manifest = write(folder, row(colors=[{"phrase": "a red cup", "color": "#2840c8"}]))
    answer = workbench("colorize-files", manifest, "--out", folder / "out", "--checkpoint", tiny_checkpoint, "--no-instances", "--json")
    assert answer.json["images"] == 1
    assert np.median(rgb2lab(np.asarray(PIL.Image.open(folder / "out/000.png").convert("RGB")))[:, :22, 2]) < -15


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("{nonsense", "Line 2 of the manifest is no JSON"),
        ("[1]", "Line 2 of the manifest is no JSON object"),
        ({"caption": CAPTION}, "Line 2 of the manifest, field 'image'"),
        (row(caption="  "), "Line 2 of the manifest, field 'caption'"),
        (row(image="missing.png"), "field 'image': there is no file"),
        (row(image="manifest.jsonl"), "field 'image'"),
        (row(seed=-1), "field 'seed'"),
        (row(seed=True), "field 'seed'"),
        (row(color="red"), "field 'color': is not known"),
        (row(regions={}), "field 'regions': expected a list"),
        (row(regions=[{"phrase": "a red cup"}]), "field 'regions[0]'"),
        (row(regions=[{"phrase": "a dog", "mask": "cup.png"}]), "does not stand in the caption"),
        (row(regions=[{"phrase": "a red cup", "mask": "small.png"}]), "is 4×4, its image 48×40"),
        (row(colors=[{"mask": "black.png", "color": "red"}]), "field 'colors[0].mask': "),
        (row(palette="red"), "field 'palette': expected a list"),
        (row(palette=["red", "nocolor"]), "field 'palette[1]': no color: “nocolor”"),
        (row(palette=[[300, 0, 0]]), "field 'palette[0]': no color"),
        (row(colors={}), "field 'colors': expected a list"),
        (row(colors=[{"phrase": "a red cup"}]), "field 'colors[0]': expected"),
        (row(colors=[{"color": "red"}]), "field 'colors[0]': expected"),
        (row(colors=["red"]), "field 'colors[0]': expected"),
        (row(colors=[{"phrase": "a red cup", "mask": "cup.png", "color": "red"}]), "field 'colors[0]': expected"),
        (row(colors=[{"phrase": "a red cup", "color": "nocolor"}]), "field 'colors[0].color': no color: “nocolor”"),
        (row(colors=[{"phrase": "a dog", "color": "red"}]), "“a dog” does not stand in the caption"),
        (row(colors=[{"mask": "missing.png", "color": "red"}]), "field 'colors[0].mask': there is no file"),
        (row(colors=[{"mask": "small.png", "color": "red"}]), "field 'colors[0].mask'"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_before_anything_is_written(folder, tiny_checkpoint, workbench, bad, says):
    PIL.Image.new("L", (4, 4), 255).save(folder / "small.png")
    PIL.Image.new("L", (48, 40), 0).save(folder / "black.png")
    manifest = write(folder, row(), bad)
    answer = workbench("colorize-files", manifest, "--out", folder / "out", "--checkpoint", tiny_checkpoint)
    assert answer.status == 1
    assert says in answer.messages
    assert not (folder / "out").exists()


def test_a_truncated_picture_is_found_before_anything_is_written(folder):
    content = (folder / "photo.png").read_bytes()
    (folder / "cut.png").write_bytes(content[: len(content) // 2])
    with pytest.raises(InvalidInputError, match="Line 1 of the manifest, field 'image'"):
        read_manifest(write(folder, row(image="cut.png")))


@pytest.mark.slow
def test_a_mask_of_a_thing_that_is_hidden_stops_nothing_and_is_named(folder, tiny_checkpoint, workbench):
    PIL.Image.new("L", (48, 40), 0).save(folder / "black.png")
    manifest = write(folder, row(), row(regions=[{"phrase": "a red cup", "mask": "black.png"}]))
    answer = workbench("colorize-files", manifest, "--out", folder / "out", "--checkpoint", tiny_checkpoint)
    assert answer.status == 0
    assert "the mask of “a red cup” has no pixel brighter than half" in answer.messages
    lines = [json.loads(line) for line in (folder / "out/results.jsonl").read_text().splitlines()]
    assert ["empty_masks" in line for line in lines] == [False, True]
    assert lines[1]["adherence"] is None


def test_an_empty_manifest_and_a_missing_one_are_refused(folder):
    with pytest.raises(InvalidInputError, match="no rows"):
        read_manifest(write(folder))
    with pytest.raises(InvalidInputError, match="cannot be read"):
        read_manifest(folder / "nowhere.jsonl")


def test_an_unknown_checkpoint_is_refused_with_what_there_is(folder, workbench):
    answer = workbench("colorize-files", write(folder, row()), "--out", folder / "out", "--checkpoint", "nothing")
    assert answer.status == 1
    assert "there is no checkpoint “nothing”" in answer.messages
