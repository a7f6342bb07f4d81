"""A release as a dataset: for the `datasets` library and for torch."""

import numpy as np
import pytest

import workbench
from db.session import transaction
from tests.stores import opened, release_of_twelve
from workbench.errors import InvalidInputError, NotFoundError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A store with one release, open."""
    home = tmp_path_factory.mktemp("released") / "home"
    with opened(home) as (engines, media), transaction(engines.writer) as session:
        release_of_twelve(session, media)
    with workbench.open(home) as store:
        yield store


def test_a_release_opens_as_datasets_with_its_splits_and_pictures(released):
    splits = released.release("set", "1.0.0")
    assert sum(len(rows) for rows in splits.values()) == 12
    assert set(splits) <= {"train", "validation", "test"}
    row = splits["train"][0]
    assert row["gray"].size == row["color"].size
    assert row["level"] in ("complete", "partial", "scarce")
    assert len(released.release("set", split="train")) == len(splits["train"])


def test_a_release_that_is_not_there_and_a_split_that_is_none_are_named(released):
    with pytest.raises(NotFoundError, match="there are: set"):
        released.release("cup")
    with pytest.raises(InvalidInputError, match="train, validation, test"):
        released.release("set", split="val")


@pytest.mark.model
def test_a_release_opens_as_a_dataset_of_torch(released):
    torch = pytest.importorskip("torch")
    examples = released.torch_release("set")
    assert isinstance(examples, torch.utils.data.Dataset)
    assert len(examples) == len(released.release("set", split="train"))
    [example] = list(torch.utils.data.DataLoader(examples, batch_size=None))[:1]
    height, width = example["lightness"].shape[1:]
    assert example["color"].shape == (3, height, width)
    assert example["color"].dtype == torch.float32
    assert 0 <= float(example["lightness"].min()) <= float(example["lightness"].max()) <= 1
    grounded = next(item for item in (examples[place] for place in range(len(examples))) if len(item["masks"]))
    assert grounded["masks"].dtype == torch.bool
    start, end = grounded["phrases"][0]
    assert grounded["caption"][start:end].strip() == grounded["caption"][start:end] != ""


def test_the_lightness_of_an_example_is_that_of_the_gray_picture(released):
    from workbench.api.release_data import example

    row = next(row for row in released.release("set", split="train") if row["target"] == "reference")
    gray = np.asarray(row["gray"].convert("L"), float)
    lightness = example(row)["lightness"][0]
    assert np.corrcoef(gray.ravel(), lightness.ravel())[0, 1] > 0.99
