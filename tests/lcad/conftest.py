"""A tiny L-CAD with random weights, read from a checkpoint folder as any other."""

from pathlib import Path

import numpy as np
import pytest

from lcad import LCADPipeline

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(scope="session")
def tiny_folder():
    return GOLDEN / "tiny"


@pytest.fixture(scope="session")
def tiny(tiny_folder):
    return LCADPipeline.from_pretrained(tiny_folder)  # without a finder: the tiny denoiser looks for phrases itself


@pytest.fixture
def noise_image():
    """A function that draws a random picture (H, W) or (H, W, 3) uint8."""

    def draw(*shape, seed=0):
        return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)

    return draw
