import gzip
import json

import numpy as np
import PIL.Image
import pytest
import torch

from lcad.checkpoints import EMBEDDED
from lcad.grounding.detector import KINDS, ThingDetector
from lcad.grounding.finder_files import read_finder
from lcad.grounding.nouns import NounTable
from lcad.grounding.phrase_finder import FrozenClassifier
from lcad.models.phrase_grounder import CELLS
from pipelines.composing.scenes import Backdrop, Cutout
from pipelines.pretraining.grounder import PHRASES, BatchDrawer, MixedViews, SeenViews, calibration_of, train_grounder, write_grounder
from pipelines.pretraining.grounding_scenes import SeenScenes
from pipelines.pretraining.grounding_sources import GroundingSources, decode_counts, marked_view
from pipelines.pretraining.grounding_targets import box_map
from pipelines.pretraining.grounding_words import BY_CAPTION, GARMENTS, GROUNDS, THINGS

DETECTOR = EMBEDDED / "mini" / "grounder" / "nanodet_m.onnx"


def counts_of(mask):
    flat = mask.T.reshape(-1)
    edges = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1, [len(flat)]])
    runs = np.diff(edges).tolist()
    return [0, *runs] if flat[0] else runs


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Twelve photos of a light sky over a dark road, six with a person in a shirt and a dog beside."""
    folder, rng = tmp_path_factory.mktemp("sources"), np.random.default_rng(0)
    sky, road, shirt, dog = (np.zeros((48, 64), bool) for _ in range(4))
    sky[:20], road[30:], shirt[14:30, 10:20], dog[28:44, 40:56] = True, True, True, True
    rows = {name: [] for name in ("photos.jsonl", "human_masks.jsonl", "things.jsonl", "machine")}
    for number in range(12):
        name = f"{number:02}.png"
        rgb = np.where(sky[..., None], 220, 60) + rng.integers(-20, 20, (48, 64, 3))
        PIL.Image.fromarray(rgb.clip(0, 255).astype(np.uint8)).save(folder / name)
        common = {"file_name": name, "size": [48, 64]}
        rows["photos.jsonl"].append({"file_name": name, "source": "drawn"})
        masks = [{"label": "sky", "counts": counts_of(sky)}, {"label": "road", "counts": counts_of(road)}]
        boxes = [{"label": "dog", "score": 0.8, "box": [40, 28, 16, 16]}] if number < 6 else []
        rows["machine"].append({**common, "masks": masks, "boxes": boxes})
        if number < 6:
            rows["human_masks.jsonl"].append({**common, "masks": [{"label": "shirt", "counts": counts_of(shirt)}]})
            rows["things.jsonl"].append({**common, "label": "dog", "box": [40, 28, 16, 16], "quality": 0.9, "counts": counts_of(dog)})
    for name, lines in rows.items():
        text = "".join(json.dumps(line) + "\n" for line in lines)
        if name == "machine":
            (folder / "machine_labels.jsonl.gz").write_bytes(gzip.compress(text.encode()))
        else:
            (folder / name).write_text(text)
    return GroundingSources(folder)


@pytest.fixture(scope="module")
def nouns():
    names = {n for group in (GARMENTS, GROUNDS) for meaning in group.values() for n in meaning.names}
    names = sorted(names | {*BY_CAPTION, *KINDS, *(name for group in THINGS.values() for name in group)})
    return NounTable(names, [[16] if name in ("dog", "puppy") else [] for name in names], [[]] * len(names))


@pytest.fixture(scope="module")
def views(sources, tmp_path_factory):
    torch.manual_seed(0)
    return SeenViews(sources, [], tmp_path_factory.mktemp("features"), FrozenClassifier())


@pytest.fixture(scope="module")
def scenes(views, tmp_path_factory):
    """Three scenes of a light square that is called a dog."""
    rgba = np.full((40, 40, 4), 230, np.uint8)
    rgba[..., 3] = 255
    backdrop = Backdrop(np.random.default_rng(0).integers(0, 90, (160, 160, 3)).astype(np.uint8), "floor")
    folder = tmp_path_factory.mktemp("scenes")
    return SeenScenes([Cutout(rgba, "Dog")], [backdrop], folder, views.classifier, ThingDetector(DETECTOR), 3)


@pytest.mark.slow
def test_a_composed_scene_is_marked_by_the_names_of_its_cutouts(scenes):
    assert scenes.names == ["scene-00000", "scene-00001", "scene-00002"]
    marked = scenes.marked("scene-00001")
    assert {name for name, _ in marked.named} == {"dog"}
    assert all(mask.shape == (CELLS, CELLS) and 0 < mask.sum() < CELLS * CELLS for _, mask in marked.named)
    assert not marked.grounds
    assert [level.shape[-1] for level in scenes.features("scene-00001")] == [CELLS, CELLS // 2, CELLS // 4]


def test_the_last_of_each_source_and_of_those_with_human_masks_are_held_out(sources):
    assert sources.held_out == {"11.png", "05.png"}


def test_counts_run_down_the_columns(sources):
    mask = np.random.default_rng(0).random((5, 7)) < 0.5
    assert np.array_equal(decode_counts(counts_of(mask), (5, 7)), mask)


def test_a_marked_view_has_grounds_clothes_and_things_where_they_are(sources, views):
    marked = marked_view(sources.photos["05.png"], views.view("05.png", 0), (48, 64))
    (dog,) = [box for box in marked.boxes if box.kind == "dog"]
    assert (dog.mask * box_map([(1.0, dog.sides)])).sum() > 0.9 * dog.mask.sum()
    assert (marked.grounds["road"] * dog.mask).max() < 0.3  # what lies before a ground is not of it
    assert marked.people[0][0]["shirt"].sum() > 10
    assert marked.seen.shape == (CELLS, CELLS)


@pytest.mark.slow
def test_what_is_pasted_hides_what_lies_behind_it(sources, views):
    pasted = [name for name in sources.photos if views.view(name, 1).layers]
    assert pasted
    for name in pasted:
        marked = views.marked(name, 1)
        (_, whole) = marked.people[-1]
        assert all((mask * (whole > 0.99)).max() < 0.02 for mask in marked.grounds.values())


@pytest.mark.slow
def test_a_grounder_is_trained_calibrated_written_and_finds_phrases(sources, views, scenes, nouns, tmp_path):
    vectors = torch.randn(len(nouns), 8, generator=torch.Generator().manual_seed(0))
    mixed = MixedViews(views, scenes)
    grounder = train_grounder(mixed, nouns, vectors, 2, tmp_path)
    drawer = BatchDrawer(mixed, sorted(sources.held_out), nouns, vectors, (0,))
    batch = drawer.batch([("11.png", 0)], np.random.default_rng(0), noisy=False)
    assert len(batch.is_present) == PHRASES
    weights = calibration_of(grounder, [batch])
    assert len(weights) == 7
    classifier = views.classifier
    write_grounder(tmp_path / "grounder", grounder, classifier, nouns, vectors, DETECTOR, weights)
    last = ("conv_head", "bn2", "classifier")
    first = {name: tensor for name, tensor in classifier.network.state_dict().items() if name.split(".")[0] not in last}
    finder = read_finder(tmp_path / "grounder", first)
    (match,) = finder.find(sources.lightness("11.png"), "a blue sky", [(0, 10)])
    assert match.mask.shape == (48, 64)
    assert 0 <= match.confidence <= 1


def test_sources_without_photos_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"photos\.jsonl"):
        GroundingSources(tmp_path)
