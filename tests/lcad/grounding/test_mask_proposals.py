from contextlib import contextmanager

import cv2
import numpy as np
import pytest
import torch

from lcad.attention import AttentionRecord, phrase_heatmaps
from lcad.attention.phrase_heatmaps import contrast
from lcad.grounding import load_sam, mask_proposals, propose_masks
from lcad.grounding.mask_proposals import cut_channels, grabcut, phrase_heat, prompt_from_heat, texture_channels
from lcad.imaging import gray_image
from lcad.models import self_attentions
from tests.lcad.sam import know_tiny, tiny_sam

CAPTION, PHRASES = "a red cup and a blue dog", ["a red cup", "a blue dog"]


def overlap(first, second):
    return (first & second).sum() / (first | second).sum()


@pytest.fixture(scope="module")
def object_on_ground():
    """Lightness (120, 160) of a dark ellipse on a light ground, both grainy; its mask; heat around a spot of it."""
    generator, (rows, columns) = np.random.default_rng(0), np.mgrid[:120, :160]
    mask = (rows - 60) ** 2 / 900 + (columns - 80) ** 2 / 1600 < 1
    lightness = np.where(mask, 30, 70) + generator.normal(0, 3, mask.shape)
    heat = np.exp(-((rows - 55) ** 2 + (columns - 75) ** 2) / (2 * 24**2))
    return lightness.clip(0, 100).astype(np.float32), mask, heat.astype(np.float32)


def test_a_heat_map_has_the_pictures_size_and_its_peak_at_one(tiny, noise_image):
    heat = phrase_heat(tiny, noise_image(45, 60), CAPTION, PHRASES)
    assert heat.shape == (2, 45, 60)
    assert heat.min() >= 0
    assert heat.max(axis=(1, 2)) == pytest.approx(1)
    assert np.array_equal(heat, phrase_heat(tiny, noise_image(45, 60), CAPTION, PHRASES))


@pytest.fixture
def moved(monkeypatch):
    """The recorded attention of the first phrase is moved to the upper half of the cells, that of the second to the lower."""
    original = AttentionRecord.phrase_maps

    def phrase_maps(self, tokens):
        maps = original(self, tokens)
        for layer in maps:
            layer[:, 0, : layer.shape[2] // 2] += 1
            layer[:, 1, layer.shape[2] // 2 :] += 1
        return maps

    monkeypatch.setattr(AttentionRecord, "phrase_maps", phrase_maps)


def test_heat_follows_the_attention_that_a_phrase_gets(tiny, noise_image, moved, monkeypatch):
    """Where cells look at themselves alone, heat is where a phrase's tokens are attended to."""
    as_it_is = phrase_heatmaps.recorded

    @contextmanager
    def alone(unet, largest):
        with as_it_is(unet, largest) as maps:
            yield Alone(maps)

    monkeypatch.setattr(phrase_heatmaps, "recorded", alone)
    heat = phrase_heat(tiny, np.full((32, 32), 128, np.uint8), CAPTION, PHRASES)
    assert heat[0, :12].mean() > 0.7 > 0.3 > heat[0, 20:].mean()
    assert heat[1, 20:].mean() > 0.7 > 0.3 > heat[1, :12].mean()


class Alone:
    """Recorded self-attention in which every cell looks at itself."""

    def __init__(self, maps):
        self.maps = maps

    def __iter__(self):
        return (torch.eye(len(layer)) for layer in self.maps)


def test_heat_is_carried_to_the_cells_that_belong_together(tiny, noise_image):
    """With the denoiser's own self-attention, here that of random weights, all cells share the heat."""
    job = tiny.read([noise_image(32, 32)], [CAPTION], seeds=[0])[0]
    latents = torch.zeros(1, 4, 8, 8)
    before = [layer.processor for layer in self_attentions(tiny.unet).values()]
    with phrase_heatmaps.recorded(tiny.unet, phrase_heatmaps.FINEST) as maps, torch.no_grad():
        tiny.unet(torch.cat([latents, tiny.encode([job]).luminance], 1), 5, encoder_hidden_states=tiny.embed([job.prompt]))
    assert maps
    for layer in maps:
        torch.testing.assert_close(layer.sum(-1), torch.ones(len(layer)))
    assert [layer.processor for layer in self_attentions(tiny.unet).values()] == before


def test_watching_self_attention_does_not_change_what_the_denoiser_says(tiny, noise_image):
    job = tiny.read([noise_image(32, 32)], [CAPTION], seeds=[0])[0]
    inputs = torch.cat([torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0)), tiny.encode([job]).luminance], 1)
    with torch.no_grad():
        plain = tiny.unet(inputs, 5, encoder_hidden_states=tiny.embed([job.prompt])).sample
        for largest in (0, phrase_heatmaps.FINEST):
            with phrase_heatmaps.recorded(tiny.unet, largest) as maps:
                watched = tiny.unet(inputs, 5, encoder_hidden_states=tiny.embed([job.prompt])).sample
            torch.testing.assert_close(watched, plain, atol=1e-5, rtol=1e-5)
            assert bool(maps) == bool(largest)


def test_rivals_take_heat_from_each_other_where_both_are_hot():
    ramp = torch.linspace(0, 1, 10, dtype=torch.float64)[None]
    own, rival = contrast(torch.stack([ramp, ramp.flip(1)]))
    assert own[0, -1] == rival[0, 0] == 1
    assert own[0, 4] < ramp[0, 4]
    torch.testing.assert_close(contrast(5 + ramp[None]), ramp[None], atol=1e-9, rtol=0)
    assert not contrast(torch.ones(1, 3, 3)).any()


def test_the_prompt_is_the_peak_and_the_box_of_the_hot_part_around_it():
    heat = np.zeros((20, 30), np.float32)
    heat[5:9, 10:16], heat[6, 12], heat[15:18, 2:4] = 0.6, 1.0, 0.9  # a second hot part elsewhere
    prompt = prompt_from_heat(heat)
    assert prompt.point == (12, 6)
    assert prompt.box == (10, 5, 16, 9)
    with pytest.raises(ValueError, match="no heat"):
        prompt_from_heat(np.zeros((3, 3)))


def test_grabcut_finds_an_object_from_heat_on_a_part_of_it(object_on_ground):
    lightness, truth, heat = object_on_ground
    mask, score = grabcut(texture_channels(lightness), heat)
    assert mask.shape == truth.shape
    assert overlap(mask, truth) > 0.9
    assert overlap(heat >= 0.5, truth) < 0.7  # the heat alone would not do
    assert 0.3 < score <= 1
    with pytest.raises(ValueError, match="no heat"):
        grabcut(texture_channels(lightness), np.zeros_like(heat))


def test_grabcut_at_a_large_size_works_on_a_smaller_one(object_on_ground):
    lightness, truth, heat = (cv2.resize(np.float32(plane), (960, 720)) for plane in object_on_ground)
    mask, _ = grabcut(texture_channels(lightness), heat)
    assert mask.shape == (720, 960)
    assert overlap(mask, truth > 0.5) > 0.9


def test_of_several_parts_the_mask_is_the_hottest(object_on_ground):
    lightness, truth, heat = (np.hstack([plane, plane]) for plane in object_on_ground)
    heat[:, 160:] *= 0.7
    mask, _ = grabcut(texture_channels(lightness), heat)
    assert overlap(mask, truth & (np.arange(320) < 160)) > 0.9


def test_a_picture_in_color_is_cut_by_its_colors_and_a_gray_one_by_its_texture(object_on_ground):
    lightness, truth, heat = object_on_ground
    rgb = np.where(truth[..., None], (190, 60, 60), (60, 120, 190)).astype(np.uint8)
    assert cut_channels(rgb, lightness) is rgb
    np.testing.assert_array_equal(cut_channels(gray_image(lightness), lightness), texture_channels(lightness))
    assert overlap(grabcut(rgb, heat)[0], truth) > 0.95


@pytest.mark.parametrize("shape", [(8, 8), (1, 200), (3, 3), (1, 1)])
def test_masks_are_proposed_for_pictures_of_any_size(tiny, noise_image, shape):
    for proposal in propose_masks(tiny, noise_image(*shape), CAPTION, PHRASES):
        assert proposal.mask.shape == shape
        assert proposal.mask.dtype == bool
        assert proposal.origin == "grabcut"
        assert 0 <= proposal.score <= 1


def test_proposals_come_in_the_order_of_their_phrases_with_their_boxes(tiny, noise_image):
    proposals = propose_masks(tiny, noise_image(40, 50), CAPTION, PHRASES)
    assert [proposal.phrase for proposal in proposals] == PHRASES
    for proposal in proposals:
        left, top, width, height = proposal.box
        inside = proposal.mask[top : top + height, left : left + width]
        assert inside.sum() == proposal.mask.sum() > 0
        assert inside[0].any()
        assert inside[-1].any()
        assert inside[:, 0].any()
        assert inside[:, -1].any()
    assert propose_masks(tiny, noise_image(40, 50), CAPTION, []) == []


def test_a_phrase_that_is_not_in_the_caption_is_named(tiny, noise_image):
    with pytest.raises(ValueError, match="“a cow” does not stand in the caption"):
        propose_masks(tiny, noise_image(40, 50), CAPTION, ["a cow"])


def test_a_phrase_past_the_captions_cut_gets_an_empty_mask(tiny, noise_image):
    caption = "and " * 60 + "a red cup"
    with pytest.warns(UserWarning, match="past the cut"):
        (proposal,) = propose_masks(tiny, noise_image(40, 50), caption, ["a red cup"])
    assert not proposal.mask.any()
    assert proposal.score == 0
    assert proposal.box == (0, 0, 0, 0)


@pytest.mark.slow
def test_segment_anything_makes_the_masks_where_a_predictor_is_given(tiny, object_on_ground):
    predictor = tiny_sam()
    image = gray_image(object_on_ground[0])
    proposals = propose_masks(tiny, image, CAPTION, PHRASES, predictor)
    assert {proposal.origin for proposal in proposals} == {"segment-anything"}
    prompt = prompt_from_heat(phrase_heat(tiny, image, CAPTION, PHRASES)[0])
    masks, scores, _ = predictor.predict(np.array([prompt.point]), np.ones(1, int), box=np.array(prompt.box))
    assert np.array_equal(proposals[0].mask, masks[int(np.argmax(scores))])


def test_weights_of_segment_anything_that_are_not_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no segment-anything weights at .*sam\.pth"):
        load_sam(tmp_path / "sam.pth")
    torch.save(tiny_sam().model.state_dict(), tmp_path / "tiny.pth")
    with pytest.raises(ValueError, match="of a known size"):
        load_sam(tmp_path / "tiny.pth")
    torch.save({"model.diffusion_model.out.2.weight": torch.ones(4)}, tmp_path / "other.pth")
    with pytest.raises(ValueError, match=r"other\.pth has no segment-anything weights"):
        load_sam(tmp_path / "other.pth")


@pytest.fixture
def tiny_size(monkeypatch):
    know_tiny(monkeypatch)


def test_weights_of_segment_anything_are_read_into_the_size_they_have(tmp_path, tiny_size, object_on_ground):
    weights = {name: tensor + 1 for name, tensor in tiny_sam().model.state_dict().items()}
    torch.save(weights, tmp_path / "tiny.pth")
    predictor = load_sam(tmp_path / "tiny.pth")
    assert all(torch.equal(tensor, weights[name]) for name, tensor in predictor.model.state_dict().items())
    assert not predictor.model.training
    predictor.set_image(gray_image(object_on_ground[0]))
    mask, score = mask_proposals.segment_anything(predictor, prompt_from_heat(object_on_ground[2]))
    assert mask.shape == object_on_ground[1].shape
    assert 0 <= score <= 1


def test_weights_of_segment_anything_that_lack_tensors_or_have_others_are_named(tmp_path, tiny_size):
    weights = tiny_sam().model.state_dict()
    gone = "mask_decoder.iou_token.weight"
    torch.save({n: t for n, t in weights.items() if n != gone} | {"neck.weight": torch.ones(1)}, tmp_path / "tiny.pth")
    with pytest.raises(ValueError, match=r"tiny\.pth do not fit segment-anything's tiny: 1 missing tensors") as raised:
        load_sam(tmp_path / "tiny.pth")
    assert f"1 of mask_decoder ({gone}); 1 unexpected tensors: 1 of neck (neck.weight)" in str(raised.value)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:5000]), "is damaged, cut short or no checkpoint"),
        (lambda path: torch.save({"image_encoder": tiny_sam().model}, path), r"is refused: it holds segment_anything\."),
        (lambda path: path.write_text("<html>not found</html>"), "is damaged, cut short or no checkpoint"),
    ],
    ids=["cut short", "with code", "a web page"],
)
def test_a_file_that_cannot_be_segment_anythings_weights_is_refused(tmp_path, tiny_size, spoil, says):
    path = tmp_path / "sam_vit_b.pth"
    torch.save(tiny_sam().model.state_dict(), path)
    spoil(path)
    with pytest.raises(ValueError, match=rf"sam_vit_b\.pth {says}"):
        load_sam(path)
