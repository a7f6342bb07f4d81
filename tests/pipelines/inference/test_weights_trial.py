"""A trial tells weights that color from weights that load and give noise."""

import numpy as np
import pytest
import torch

from lcad import load_pipeline
from pipelines.commands.checkpoints_get import _trial_pictures
from pipelines.inference.weights_trial import try_colorizer
from workbench.errors import InvalidInputError

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture(scope="module")
def pictures():
    """The pictures of a trial, made once."""
    return _trial_pictures()


def test_the_embedded_checkpoint_passes_and_noise_does_not(pictures, tmp_path):
    findings = try_colorizer("mini", pictures)
    assert [finding.picture for finding in findings[1::2]] == [picture.name for picture in pictures]
    assert all(0 < finding.value < finding.bound for finding in findings)
    pipeline = load_pipeline("mini")
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weights in pipeline.autoencoder.decoder.parameters():
            weights.copy_(torch.randn(weights.shape, generator=generator) * max(float(weights.std()), 0.02) * 2)
    pipeline.save_pretrained(tmp_path / "wrong", torch.float16)
    with pytest.raises(InvalidInputError, match="encoded and decoded"):
        try_colorizer(tmp_path / "wrong", pictures[:1])


@pytest.mark.slow
def test_trial_pictures_have_a_mask_for_every_phrase(pictures):
    for picture in pictures:
        assert all(np.any(mask) and picture.caption[slice(*span)].strip() for span, mask in picture.masked)
