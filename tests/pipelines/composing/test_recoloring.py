import numpy as np
import pytest
import torch

from lcad.training.luminance import anchors_of
from lcad.training.packed_dataset import rgb_tensor, write_pack
from pipelines.composing.captions import LEVELS
from pipelines.composing.recoloring import COLORS, to_lab
from pipelines.composing.scenes import compose_scene
from pipelines.pretraining.captioned_photos import describe_photo
from pipelines.pretraining.random_shapes import SIDE, draw_shape
from pipelines.pretraining.recolored_pack import RecolorablePack, described, draw_colors, sketch_of, write_recolorable
from tests.pipelines.drawn import disc, slab, slope

SIZE = 64


def scene(seed, count=2):
    return compose_scene(np.random.default_rng(seed), [disc(), slab(), disc(24, "berry")], [slope()], count, SIZE, LEVELS, 0.0)


@pytest.fixture
def pack(tmp_path):
    """Five scenes and a photo, as if encoded by an autoencoder with a scaling factor of 2 and one feature channel."""
    made = [*(scene(seed, 1 + seed % 3) for seed in range(5)), describe_photo(np.random.default_rng(0), slope(), SIZE)]
    pack = write_recolorable(tmp_path, made, 6, SIZE)
    pack.scaling_factor, pack.features = 2.0, np.zeros((6, 1, 8, 8), np.float16)
    return pack


def chroma_of(drawn):
    """Mean (a, b) of each part of a cell, (2, 16, 16), from the latents of a draw."""
    cells = torch.from_numpy(drawn.latents)[None] * 20 / 2
    return torch.nn.functional.pixel_shuffle(cells, 2)[0].numpy()


def test_latents_of_a_photo_are_the_anchors_of_its_chroma(pack):
    drawn = pack.draw(5, np.random.default_rng(0))
    expected = anchors_of(rgb_tensor(pack.rgb[5:6]), (8, 8), 2)[0].numpy() * 2
    assert np.abs(drawn.latents - expected).max() < 0.02  # two libraries' Lab
    assert drawn.description in pack.descriptions[5]


def test_a_scene_keeps_its_lightness_and_gets_other_colors(pack):
    one, other = (pack.draw(1, np.random.default_rng(seed)) for seed in (1, 2))
    assert not np.allclose(one.latents, other.latents)
    assert np.array_equal(one.feature, other.feature)
    assert np.array_equal(one.coverage, other.coverage)


def test_a_draw_depends_on_its_generator_alone(pack):
    one, again = (pack.draw(2, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(one.latents, again.latents)
    assert one.description == again.description


def test_an_object_named_in_a_color_has_that_color(pack):
    """Hue of cells that an object covers whole, against the word in its phrase, wherever the lightness leaves room."""
    checked = 0
    for seed in range(120):
        item = seed % 5
        drawn = pack.draw(item, np.random.default_rng(seed))
        chroma = chroma_of(drawn)
        for phrase in drawn.description.phrases:
            words = drawn.description.text[phrase.start : phrase.end].split()
            named = [COLORS[word] for word in words if word in COLORS and COLORS[word].chroma > 20]
            whole = (drawn.coverage[phrase.mask] == 255) & (pack.light[item] > 25) & (pack.light[item] < 85)
            if len(named) != 1 or whole.sum() < 6 or pack.sketches[item][0][phrase.mask].own_terms == (named[0].word,):
                continue
            a, b = chroma[0][whole].mean(), chroma[1][whole].mean()
            away = (np.degrees(np.arctan2(b, a)) - named[0].hue + 180) % 360 - 180
            assert abs(away) < 4 * named[0].hue_deviation, drawn.description.text
            checked += 1
    assert checked > 25


def test_uncolored_objects_keep_the_chroma_they_have(pack):
    objects, _ = pack.sketches[0]
    natural = next(seed for seed in range(400) if not any(draw_colors(np.random.default_rng(seed), objects)))
    drawn = pack.draw(0, np.random.default_rng(natural))
    own = to_lab(np.array(pack.rgb[0]))[..., 1:].reshape(16, 4, 16, 4, 2).mean((1, 3)).transpose(2, 0, 1)
    assert np.abs(chroma_of(drawn) - own).mean() < 0.5


def test_the_figure_is_what_objects_cover(pack):
    made = scene(0, 1)
    objects, arrays = sketch_of(made)
    assert [one.background for one in objects] == [False] * (len(objects) - 1) + [True]
    covered = made.masks[:-1].any(0).reshape(16, 4, 16, 4).mean((1, 3))
    assert np.abs(pack.figure(0) - covered).max() < 0.01
    assert pack.figure(5) is None, "nobody knows what a photo's figure is"
    assert arrays["rooms"].max() <= 255


def test_a_pack_without_sketches_is_refused(tmp_path):
    example = describe_photo(np.random.default_rng(0), slope(), SIZE)
    from lcad.dataset import Example

    write_pack(tmp_path, iter([Example(example.rgb, example.masks, tuple(map(described, example.captions)))]), 1, SIZE)
    with pytest.raises(ValueError, match="holds no sketches"):
        RecolorablePack(tmp_path)


@pytest.mark.parametrize("seed", range(6))
def test_a_shape_is_a_solid_thing_with_a_name(seed):
    one, again = (draw_shape(np.random.default_rng(seed), [slope()]) for _ in range(2))
    assert np.array_equal(one.rgba, again.rgba)
    assert one.rgba.shape[2] == 4
    assert max(one.rgba.shape[:2]) <= SIDE
    assert (one.rgba[..., 3] > 250).mean() > 0.3
    assert one.label
