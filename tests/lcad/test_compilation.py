"""Compiled models and models in channels-last layout give what the plain ones give."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from lcad import LCADPipeline, Region
from lcad.compilation import require_compiler
from lcad.models import LuminanceAutoencoder, build_unet

pytestmark = pytest.mark.slow


CAPTION = "a red cup and a blue dog"


@pytest.fixture
def compiler(monkeypatch):
    """Skip where there is no C++ compiler; another reason why nothing can be compiled is a failure.

    For so few kernels processes that compile beside are not worth what they take.
    """
    monkeypatch.setattr("torch._inductor.config.compile_threads", 1)
    try:
        require_compiler(torch.device("cpu"))
    except RuntimeError as error:
        if "compiler" not in str(error.__cause__).lower():
            raise
        pytest.skip(str(error))
    yield
    torch._dynamo.reset()


@pytest.fixture
def smallest(tiny):
    """A pipeline of the fewest layers there can be, with random weights: compiling takes seconds a layer."""
    torch.manual_seed(0)
    autoencoder = LuminanceAutoencoder(block_out_channels=(8, 8), layers_per_block=1, norm_num_groups=4)
    for conv in autoencoder.luminance_encoder.feature_convs:
        torch.nn.init.normal_(conv.weight, std=0.3)
    sizes = {"block_out_channels": (8,), "attention_levels": (True,), "layers_per_block": 1, "attention_heads": 2, "norm_num_groups": 4}
    unet = build_unet(autoencoder.luminance_channels, cross_attention_dim=tiny.text_encoder.config.hidden_size, **sizes)
    settings = replace(tiny.settings, native_size=16)
    return LCADPipeline.assemble(autoencoder, unet, tiny.text_encoder, tiny.tokenizer, tiny.scheduler, settings)


def call_arguments(noise_image, *sizes):
    """The arguments of a call with a picture of each size, the first with a mask."""
    sources = [noise_image(*size, seed=seed) for seed, size in enumerate(sizes)]
    regions = [[Region("a red cup", sources[0] > 128)], *([] for _ in sizes[1:])]
    return sources, [CAPTION] * len(sources), regions, list(range(len(sources)))


def farthest(results, others):
    return max(np.abs(np.asarray(a).astype(int) - np.asarray(b)).max() for a, b in zip(results.images, others.images, strict=True))


def graphs():
    """How many graphs were captured for compiling so far."""
    return torch._dynamo.utils.counters["stats"]["unique_graphs"]


@pytest.mark.slow
def test_channels_last_gives_the_plain_results(tiny, tiny_folder, noise_image):
    pipeline = LCADPipeline.from_pretrained(tiny_folder).to(channels_last=True)
    for model in (pipeline.unet, pipeline.autoencoder.luminance_encoder, pipeline.autoencoder.decoder):
        assert model.conv_in.weight.is_contiguous(memory_format=torch.channels_last)
    arguments = call_arguments(noise_image, (32, 32), (20, 60))
    assert farthest(pipeline(*arguments), tiny(*arguments)) <= 1


@pytest.mark.slow
def test_what_is_captured_for_compiling_gives_the_plain_results(smallest, noise_image, monkeypatch):
    """With a backend that runs the captured graphs as they are, which needs no compiler and little time."""
    monkeypatch.setattr("lcad.compilation.BACKEND", "eager")
    plain, before, names = call_arguments(noise_image, (16, 16)), graphs(), list(smallest.unet.state_dict())
    expected = smallest(*plain)
    assert farthest(smallest.to(compiled=True)(*plain), expected) <= 1
    assert graphs() > before
    assert list(smallest.unet.state_dict()) == names
    torch._dynamo.reset()


@pytest.mark.slow
def test_what_the_compiler_makes_of_the_luminance_encoder_gives_the_plain_features(smallest, noise_image, compiler):
    """The denoiser is left uncompiled here: it takes the compiler a minute."""
    jobs, before = smallest.read(*call_arguments(noise_image, (16, 16))), graphs()
    with torch.no_grad():
        expected = smallest.encode(jobs).features
        features = smallest.to(channels_last=True, compiled=True).encode(jobs).features
    assert graphs() > before
    for ours, plain in zip(features, expected, strict=True):
        torch.testing.assert_close(ours, plain, atol=1e-5, rtol=1e-4)


@pytest.mark.slow
def test_without_a_compiler_it_says_what_to_do(tiny_folder, monkeypatch):
    monkeypatch.setattr("torch._inductor.config.cpp.cxx", ("no-such-compiler",))
    pipeline = LCADPipeline.from_pretrained(tiny_folder)
    with torch._inductor.utils.fresh_cache(), pytest.raises(RuntimeError, match=r"needs a C\+\+ compiler .* leave it off or install one"):
        pipeline.to(compiled=True)
