"""LPIPS, FID and CLIP score with random weights, against torchmetrics where it has a reference."""

import numpy as np
import pytest
import torch
from torchmetrics.functional.image.lpips import _LPIPS
from torchmetrics.image.fid import _compute_fid
from torchvision.models import alexnet
from torchvision.models.inception import Inception3
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor, CLIPTokenizer

from lcad.metrics.learned_networks import INCEPTION_CLASSES, Inception, Lpips, Networks, frechet_distance


@pytest.fixture(scope="session")
def reference():
    """LPIPS of torchmetrics with the published linear weights on a random AlexNet."""
    torch.manual_seed(0)
    return _LPIPS(pretrained=True, net="alex", pnet_rand=True).eval()


@pytest.fixture
def lpips_folder(reference, tmp_path):
    """Its weights in the files of the published ones."""
    torch.manual_seed(0)
    backbone = alexnet(weights=None).state_dict()
    convolutions = [layer for part in range(1, 6) for layer in getattr(reference.net, f"slice{part}") if isinstance(layer, torch.nn.Conv2d)]
    names = sorted({name.rsplit(".", 1)[0] for name in backbone if name.startswith("features.")}, key=lambda name: int(name.split(".")[1]))
    for name, layer in zip(names, convolutions, strict=True):
        backbone |= {f"{name}.weight": layer.weight.detach(), f"{name}.bias": layer.bias.detach()}
    folder = tmp_path / "lpips"
    folder.mkdir()
    torch.save(backbone, folder / "alexnet-random.pth")
    torch.save({f"lin{n}.model.1.weight": layer.model[1].weight.detach() for n, layer in enumerate(reference.lins)}, folder / "alex.pth")
    return folder


@pytest.mark.slow
def test_lpips_is_that_of_torchmetrics(reference, lpips_folder, noise_image):
    image, other = noise_image(72, 64, 3), noise_image(72, 64, 3, seed=1)
    tensors = (torch.from_numpy(picture).movedim(-1, 0)[None] / 127.5 - 1 for picture in (image, other))
    with torch.no_grad():
        expected = float(reference(*tensors))
    measure = Lpips.read(lpips_folder)
    assert measure.distance(image, other) == pytest.approx(expected, rel=1e-3)
    assert measure.distance(image, image) == 0


def test_the_frechet_distance_is_that_of_torchmetrics_and_of_the_formula():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(400, 6)), rng.normal(2, 3, size=(300, 6))
    tensors = [torch.from_numpy(group) for group in (one, other)]
    expected = float(_compute_fid(*(x for group in tensors for x in (group.mean(0), group.T.cov()))))
    assert frechet_distance(one, other) == pytest.approx(expected, rel=1e-6)
    assert frechet_distance(one, one) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(one, one + 3) == pytest.approx(6 * 9)  # same covariance: the distance of the means
    with pytest.raises(ValueError, match="got 1 and 300"):
        frechet_distance(one[:1], other)


@pytest.fixture(scope="session")
def inception_weights():
    torch.manual_seed(0)
    return Inception3(INCEPTION_CLASSES, aux_logits=False, init_weights=False).state_dict()


@pytest.mark.slow
def test_inception_reads_torchvisions_names_and_gives_2048_features(inception_weights, tmp_path, noise_image):
    torch.save(inception_weights, tmp_path / "inception.pth")
    network = Inception.read(tmp_path)
    features = network.features_of(noise_image(50, 40, 3))
    assert features.shape == (2048,)
    assert np.isfinite(features).all()
    assert not np.allclose(features, network.features_of(noise_image(50, 40, 3, seed=1)))


@pytest.mark.slow
def test_the_pooling_inside_inception_leaves_the_padding_out(inception_weights):
    """On a constant input every pixel's pooled branch is alike, also at the border, where torchvision's average is lower."""
    ours, plain = Inception().eval(), Inception3(INCEPTION_CLASSES, aux_logits=False, init_weights=False).eval()
    ours.network.load_state_dict({k: v for k, v in inception_weights.items() if not k.startswith("fc.")})
    plain.load_state_dict(inception_weights)
    with torch.no_grad():
        constant = torch.ones(1, 192, 9, 9)
        pooled, torchvisions = (net.Mixed_5b._forward(constant)[-1] for net in (ours.network, plain))
    assert torch.allclose(pooled[..., 0, 0], pooled[..., 4, 4], atol=1e-6)
    assert torch.allclose(torchvisions[..., 4, 4], pooled[..., 4, 4], atol=1e-6)
    assert not torch.allclose(torchvisions[..., 0, 0], pooled[..., 0, 0], atol=1e-6)


@pytest.fixture
def clip_folder(tiny_folder, tmp_path):
    """A tiny CLIP with random weights, as transformers writes it."""
    torch.manual_seed(0)
    tokenizer = CLIPTokenizer.from_pretrained(tiny_folder / "tokenizer")
    small = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    special = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    text = {**small, **special, "vocab_size": len(tokenizer), "max_position_embeddings": 16}
    model = CLIPModel(CLIPConfig(text_config=text, vision_config={**small, "image_size": 32, "patch_size": 8}, projection_dim=16))
    images = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    tokenizer.model_max_length = 16
    for part in (model, CLIPProcessor(images, tokenizer)):
        part.save_pretrained(tmp_path / "clip")
    return tmp_path / "clip"


def test_the_clip_score_is_a_hundred_cosines_and_depends_on_caption_and_image(clip_folder, noise_image):
    measure = Networks.read(clip_folder.parent).clip
    image = noise_image(40, 48, 3)
    captions = ["a red cup", "a blue hat on a green chair", "words " * 100]
    scores = [measure.score(image, caption) for caption in captions]
    inputs = measure.processor(text=captions[:2], images=[image], return_tensors="pt", padding=True)
    with torch.no_grad():
        cosines = measure.model(**inputs).logits_per_image[0] / measure.model.logit_scale.exp()
    assert scores[:2] == pytest.approx([100 * max(float(cosine), 0) for cosine in cosines], abs=1e-3)
    assert all(0 <= score <= 100 for score in scores)


@pytest.mark.slow
def test_only_what_has_weights_is_measured(lpips_folder, noise_image, tmp_path):
    image, other = noise_image(64, 64, 3), noise_image(64, 64, 3, seed=1)
    assert Networks.read(tmp_path / "nowhere").compare(image, other, "a cup") == {}
    networks = Networks.read(lpips_folder.parent)
    assert (networks.inception, networks.clip) == (None, None)
    assert set(networks.compare(image, other, "a cup")) == {"lpips"}


@pytest.mark.slow
def test_damaged_weights_and_those_of_another_network_are_named(lpips_folder):
    (lpips_folder / "alex.pth").write_bytes(b"no weights")
    with pytest.raises(ValueError, match=r"alex\.pth cannot be read as weights"):
        Networks.read(lpips_folder.parent)
    torch.save({"lin0.model.1.weight": torch.zeros(1, 7, 1, 1)}, lpips_folder / "alex.pth")
    with pytest.raises(ValueError, match=r"the weights of .*alex\.pth do not fit"):
        Networks.read(lpips_folder.parent)
