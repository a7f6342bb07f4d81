"""Small forms of `tests.benchmarks.reviewed_pays`: releases of the same size, the same clean test split, and what is compared on it."""

import argparse

import numpy as np
import pytest

from db.enums import Split
from tests.benchmarks import reviewed_pays
from tests.stores import add_described
from workbench import releases

pytestmark = pytest.mark.model
TEXT = "a red cup beside a blue plate"


@pytest.fixture
def options(tmp_path):
    chosen = {"faulty": 0.3, "sensitivity": 0.9, "specificity": 0.95, "seed": 7, "chosen": 0.5, "home": tmp_path}
    return argparse.Namespace(**chosen, set=["steps=2", "validations=1"], only=None)


@pytest.fixture
def clean(store, library) -> int:
    """A release of twenty pictures of two things, each with a caption and two masks."""
    with store.writing() as session:
        for number in range(20):
            pixels = np.random.default_rng(number).integers(40, 200, (40, 48, 3), np.uint8)
            left = np.zeros((40, 48), bool)
            left[8:30, 4:20] = True
            masks = {"cup": left, "plate": np.roll(left, 24, 1)}
            add_described(session, store.media, pixels, masks, (TEXT,), file_name=f"photo{number}-0.png", author="tester")
        return reviewed_pays._released(session, store, reviewed_pays.CLEAN)


def splits(session, release_id):
    return {split: [item.file_name for item in releases.items(session, release_id, split)] for split in Split}


@pytest.mark.slow
@pytest.mark.parametrize("question", ["review", "choice"])
def test_both_releases_have_one_size_and_nothing_of_the_test_split(store, clean, options, question):
    options.question = question
    made = reviewed_pays.releases_of(store, clean, options)
    assert tuple(made) == reviewed_pays.QUESTIONS[question]
    with store.reading() as session:
        whole, (first, second) = splits(session, clean), (splits(session, one) for one in made.values())
        texts = {item.caption_text for item in releases.items(session, clean, Split.TEST)}
    assert {name: len(files) for name, files in first.items()} == {name: len(files) for name, files in second.items()}
    assert first[Split.TEST] == second[Split.TEST] == []
    assert {*first[Split.TRAIN]} <= {*whole[Split.TRAIN]}
    assert {*second[Split.VALIDATION]} <= {*whole[Split.VALIDATION]}
    assert texts == {TEXT}, "what is judged on has no faults"
    assert reviewed_pays.releases_of(store, clean, options) == made, "they are not made again"


@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_what_is_retrained_is_compared_with_its_base_on_the_clean_test_split(store, clean, options, tiny, carry_out, monkeypatch, capsys):
    monkeypatch.setattr(reviewed_pays, "carried_out", lambda store, job, **told: carry_out(job, **told).summary)
    monkeypatch.setattr(reviewed_pays, "BASE", tiny)
    options.question = "review"
    made = reviewed_pays.releases_of(store, clean, options)
    numbers = {
        name: reviewed_pays._numbers(store, clean, name, release_id, options)
        for name, release_id in ((tiny, None), ("reviewed", made["reviewed"]))
    }
    with store.reading() as session:
        tested = len(releases.items(session, clean, Split.TEST))
    assert {len(rows) for told in numbers.values() for rows in told.values()} == {tested}
    assert len(numbers[tiny]) == 6
    assert (options.home / "captions-alone-reviewed.json").exists()
    monkeypatch.setattr("workbench.analysis.image_bootstrap.FEWEST_IMAGES", 2)
    reviewed_pays.compare(tiny, "reviewed", numbers[tiny], numbers["reviewed"])
    told = capsys.readouterr().out
    assert f"{tiny} → reviewed: captions alone: delta_e" in told
    assert f"{tested} items of {tested} photos" in told
