"""The grounder learns a release's phrases, and keeps what it knew."""

import json

import numpy as np
import pytest
import torch

from lcad import load_pipeline
from lcad.dataset import Description, Example, Grounded, ReleaseDataset
from lcad.grounding import PhraseFinder, load_finder
from lcad.grounding.finder_files import finder_folder
from lcad.grounding.nouns import NounTable
from lcad.grounding.phrase_finder import FrozenClassifier
from lcad.models.phrase_grounder import SIDE, PhraseGrounder
from lcad.training import release_phrases
from lcad.training.finetuning import FineTuning, finetune
from lcad.training.release_phrases import asked_pictures, learn_phrases


def same(one, other):
    """Whether two finders have the same grounder."""
    pairs = zip(one.grounder.state_dict().values(), other.grounder.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def keep_first(release, **counts):
    """Leave so many pictures of each split: keep_first(folder, train=2)."""
    for split, count in counts.items():
        listing = release / split / "metadata.jsonl"
        rows = [json.loads(line) for line in listing.read_text().splitlines()]
        listing.write_text("\n".join(json.dumps(row) for row in rows if int(row["image"]) < count))


class NoBoxes:
    """A detector that knows nothing of what is there, and counts how often it is asked."""

    asked = 0

    def boxes(self, _image):
        self.asked += 1
        return []


@pytest.fixture
def finder():
    torch.manual_seed(0)
    nouns = NounTable(["box", "dog", "sky"], [[], [16], []], [[], [151], []])
    grounder = PhraseGrounder(words=8, wide=16, middle=8, inner=4, hidden=16).eval()
    return PhraseFinder(FrozenClassifier(), grounder, torch.randn(3, 8), nouns, NoBoxes(), (0, 0, 1, 0, 0, 0, 0), ["dog"])


def test_a_caption_of_other_colors_asks_the_same_of_a_gray_picture(finder, release, tmp_path):
    pictures, taught = asked_pictures(finder, ReleaseDataset(tmp_path / "release", "train", SIDE), 0)
    assert taught == {"box"}
    assert len(pictures) == 2 * 6 * 2, "six images, also mirrored, under two captions with a mask each"
    assert all(one.is_present.sum() == 1 and one.target.shape[0] == len(one.is_present) for one in pictures)
    assert finder.detector.asked == 2 * 6, "a picture is looked at once for all that its captions ask"


def test_as_many_pictures_more_have_a_thing_of_another_kind_on_them(finder):
    def shown(words, start):
        mask = np.zeros((1, SIDE, SIDE), bool)
        mask[0, start : start + 30, start : start + 30] = True
        return Example(np.zeros((SIDE, SIDE, 3), np.uint8), mask, (Description(words, "scarce", (Grounded(0, len(words), 0),)),))

    unlike, alike = [shown("a box", 20), shown("a dog", 250)], [shown("a box", 20), shown("a box", 250)]
    assert len(asked_pictures(finder, unlike, 0)[0]) == 4
    more, _ = asked_pictures(finder, unlike, 0, 6)
    assert len(more) == 4 + 6
    told = [int(one.is_present.sum()) for one in more[4:]]
    assert set(told) <= {1, 2}
    assert told.count(2) >= 4, "the phrase that was there and the one that came, unless this covers that"
    assert len(asked_pictures(finder, alike, 0, 3)[0]) == 4, "two boxes would be told as one"


def test_what_no_caption_names_but_the_grounder_sees_is_not_taught_to_be_absent_and_stays_as_it_is(finder, monkeypatch):
    def shown(words):
        mask = np.zeros((1, SIDE, SIDE), bool)
        mask[0, 20:200, 20:200] = True
        return Example(np.zeros((SIDE, SIDE, 3), np.uint8), mask, (Description(words, "scarce", (Grounded(0, len(words), 0),)),))

    def asked(doubted):
        monkeypatch.setattr(release_phrases, "DOUBTED", doubted)
        return asked_pictures(finder, [shown("a box"), shown("a dog")], 0)[0]

    dog = finder.vectors[1]
    for doubted, absent in ((1.1, 1), (0.0, 0)):
        box_pictures = asked(doubted)[:2]
        assert [len(one.is_present) - int(one.is_present.sum()) for one in box_pictures] == [absent] * 2
        assert all((one.others.hints.words == dog).all(1).any() for one in box_pictures), "another picture teaches dogs, this one does not"


def test_the_mask_of_what_is_absent_stays_as_faint_as_it_was(finder, monkeypatch):
    """Where it would be likeliest is still asked of it where it is not found."""
    monkeypatch.setattr(release_phrases, "DOUBTED", 1.1)
    mask = np.zeros((1, SIDE, SIDE), bool)
    mask[0, 20:200, 20:200] = True
    rgb = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3)).astype(np.uint8)
    shown = [Example(rgb, mask, (Description(words, "scarce", (Grounded(0, len(words), 0),)),)) for words in ("a box", "a dog")]
    pictures = asked_pictures(finder, shown, 0)[0]
    with torch.no_grad():
        for one in pictures:
            masks = finder.grounder(finder.grounder.see([level.float() for level in one.features]), one.hints)[0].sigmoid()
            assert one.is_present.tolist() == [1, 0]
            assert torch.allclose(one.target[1], masks[1], atol=0.02)  # what was seen is kept in half precision
            assert not torch.allclose(one.target[0], masks[0], atol=0.1)


def test_captions_that_say_a_side_are_not_mirrored():
    told = Description("a box on the left", "scarce", (Grounded(0, 5, 0),))
    example = Example(np.zeros((4, 4, 3), np.uint8), np.eye(4, dtype=bool)[None], (told, Description("a box", "scarce")))
    mirrored = release_phrases._mirrored(example)
    assert [one.text for one in mirrored.descriptions] == ["a box"]
    assert np.array_equal(mirrored.masks[0], np.eye(4, dtype=bool)[:, ::-1])


@pytest.mark.slow
def test_phrases_are_learned_and_what_does_not_help_is_taken_back(finder, release, tmp_path, monkeypatch):
    monkeypatch.setattr(release_phrases, "RATE", 5e-3)
    monkeypatch.setattr(release_phrases, "MOST_FORGOTTEN", 1.0)
    grounder, taught = learn_phrases(finder, tmp_path / "release", tmp_path / "run", 20)
    validated = [row["validation_loss"] for row in map(json.loads, (tmp_path / "run" / "log.jsonl").open()) if "validation_loss" in row]
    assert min(validated) < 0.9 * validated[0]
    assert taught == {"box"}
    assert grounder is not finder.grounder
    monkeypatch.setattr(release_phrases, "MOST_FORGOTTEN", -1.0)
    grounder, taught = learn_phrases(finder, tmp_path / "release", tmp_path / "again", 2)
    assert grounder is finder.grounder
    assert not taught


@pytest.mark.slow
def test_a_retrained_checkpoint_has_its_own_grounder_and_its_children_have_it_too(release, tiny_folder, tmp_path, monkeypatch):
    keep_first(release, train=2, validation=1)  # the embedded grounder is slow beside the tiny checkpoint
    monkeypatch.setattr(release_phrases, "LEAST_GAIN", -100.0)
    monkeypatch.setattr(release_phrases, "RATE", 0.05)
    monkeypatch.setattr(release_phrases, "MOST_FORGOTTEN", 1.0)
    assert finder_folder(tiny_folder) == finder_folder("mini"), "it has none of its own"
    assert finetune(FineTuning(tmp_path / "release", tiny_folder, tmp_path / "child", steps=1, grounder_steps=2))
    own = load_pipeline(tmp_path / "child").finder
    assert finder_folder(tmp_path / "child").parent == tmp_path / "child"
    assert not same(own, load_finder())
    assert "box" in own.taught
    assert own.earlier is not None, "what the release did not teach is found as before"
    assert own.earlier.taught_since == {"box"}
    assert finetune(FineTuning(tmp_path / "release", tmp_path / "child", tmp_path / "grandchild", steps=1))
    assert same(own, load_pipeline(tmp_path / "grandchild").finder)


@pytest.mark.slow
def test_without_masks_there_is_nothing_to_learn(finder, release, tmp_path):
    listing = tmp_path / "release" / "validation" / "metadata.jsonl"
    rows = [json.loads(line) | {"regions": []} for line in listing.read_text().splitlines()]
    listing.write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(ValueError, match="no phrase of the validation split has a mask"):
        learn_phrases(finder, tmp_path / "release", tmp_path / "run", 2)
