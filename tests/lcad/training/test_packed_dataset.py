import numpy as np
import pytest
import torch

from lcad.training.packed_dataset import Pack, coverage_tensor, encode, write_pack
from tests.lcad.training.conftest import SIDE, squares


def test_a_pack_gives_back_what_was_written(tmp_path):
    written = list(squares(5))
    pack = write_pack(tmp_path, iter(written), 5, SIDE)
    assert len(pack) == 5
    for i, example in enumerate(written):
        assert np.array_equal(pack.rgb[i], example.rgb)
        assert pack.descriptions[i] == example.descriptions


def test_coverage_is_the_part_of_a_cell_that_the_mask_covers(tmp_path):
    (example,) = squares(1)
    pack = write_pack(tmp_path, iter([example]), 1, SIDE)
    cells = coverage_tensor(pack.coverage[:1], (8, 8))
    expected = torch.from_numpy(example.masks[0].astype(np.float32)).reshape(8, 4, 8, 4).mean((1, 3))
    assert torch.allclose(cells[0, 0], expected, atol=1 / 255)
    assert not cells[0, 1:].any(), "rows without a mask are empty"
    assert torch.allclose(coverage_tensor(pack.coverage[:1], (2, 2))[0, 0].mean(), expected.mean(), atol=1 / 255)


def test_an_unfinished_pack_is_refused(tmp_path):
    with pytest.raises(ValueError, match="3 examples were announced, 2 came"):
        write_pack(tmp_path, squares(2), 3, SIDE)
    with pytest.raises(ValueError, match="no finished pack"):
        Pack(tmp_path)


def test_an_example_of_another_size_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"example 0: expected \(64, 64, 3\)"):
        write_pack(tmp_path, squares(1), 1, 64)


@pytest.mark.slow
def test_encoding_in_parts_equals_encoding_at_once(tmp_path, tiny_model):
    at_once = encode(write_pack(tmp_path / "one", squares(5), 5, SIDE), tiny_model.autoencoder)
    parts = write_pack(tmp_path / "two", squares(5), 5, SIDE)
    parts = encode(parts, tiny_model.autoencoder, upto=2)
    assert parts.encoded == 2
    parts = encode(parts, tiny_model.autoencoder)
    assert parts.encoded == at_once.encoded == 5
    assert np.allclose(parts.latents, at_once.latents, atol=2e-3)  # float16, batches of another size
    assert np.allclose(parts.features, at_once.features, atol=2e-3)


def test_latents_of_another_scale_are_not_mixed(tmp_path, tiny_model):
    pack = encode(write_pack(tmp_path, squares(3), 3, SIDE), tiny_model.autoencoder, upto=1)
    tiny_model.autoencoder.register_to_config(scaling_factor=0.5)
    with pytest.raises(ValueError, match="scaling factor"):
        encode(pack, tiny_model.autoencoder)
