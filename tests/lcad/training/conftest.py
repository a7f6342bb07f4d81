"""A small pack and a small release of colored squares, and the tiny checkpoint to train on them."""

import json

import numpy as np
import PIL.Image
import pytest
import torch
from pycocotools import mask as coco_mask

from lcad import load_pipeline
from lcad.dataset import Description, Example, Grounded
from lcad.training.packed_dataset import encode, write_pack

SIDE = 32
PAINTS = {"red": (200, 40, 50), "green": (50, 150, 70), "blue": (60, 90, 200)}


def squares(count, seed=0):
    """Examples of a colored square on gray, with a caption that says its color."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        color = str(rng.choice(list(PAINTS)))
        y, x = rng.integers(0, SIDE // 2, 2)
        mask = np.zeros((SIDE, SIDE), bool)
        mask[y : y + 16, x : x + 16] = True
        rgb = np.where(mask[..., None], np.uint8(PAINTS[color]), np.uint8(150))
        text = f"a {color} box"
        described = (Description(text, "complete", (Grounded(0, len(text), 0),)), Description("a box", "scarce", (Grounded(0, 5, 0),)))
        yield Example(rgb, mask[None], described)


@pytest.fixture
def tiny_model(tiny_folder):
    """A tiny L-CAD of its own for each test, since tests train it."""
    return load_pipeline(tiny_folder)


@pytest.fixture
def packs(tmp_path, tiny_model):
    """A training and a validation pack, encoded."""
    made = write_pack(tmp_path / "train", squares(12), 12, SIDE), write_pack(tmp_path / "validation", squares(6, seed=1), 6, SIDE)
    return tuple(encode(pack, tiny_model.autoencoder) for pack in made)


@pytest.fixture
def release(tmp_path):
    """An exported release with the splits train (6 images) and validation (3)."""
    for split, count, seed in (("train", 6, 0), ("validation", 3, 1)):
        folder = tmp_path / "release" / split
        (folder / "images").mkdir(parents=True)
        rows = []
        for i, example in enumerate(squares(count, seed)):
            PIL.Image.fromarray(example.rgb).save(folder / "images" / f"{i}.png")
            counts = coco_mask.encode(np.asfortranarray(example.masks[0], np.uint8))["counts"].decode()
            for d in example.descriptions:
                region = {"phrase": d.text, "start": 0, "end": len(d.text), "colors": [], "mask": {"size": [SIDE, SIDE], "counts": counts}}
                row = {"color_file_name": f"images/{i}.png", "caption": d.text, "level": d.level, "image": str(i), "regions": [region]}
                rows.append(json.dumps(row))
        (folder / "metadata.jsonl").write_text("\n".join(rows))
    return tmp_path / "release"


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny tensors are slower on many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
