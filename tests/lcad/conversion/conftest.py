"""The small models of `tests.lcad.conversion.models`, made once."""

import shutil

import pytest

from tests.lcad.conversion import models


@pytest.fixture(scope="session")
def lcad_components(tiny):
    return models.lcad_with(tiny)


@pytest.fixture(scope="session")
def official(lcad_components):
    return models.official_weights(lcad_components)


@pytest.fixture(scope="session")
def stable_diffusion(tiny):
    return models.stable_diffusion_with(tiny)


@pytest.fixture(scope="session")
def diffusers_folder(stable_diffusion, tmp_path_factory):
    return models.write_diffusers_folder(stable_diffusion, tmp_path_factory.mktemp("stable-diffusion") / "sd15")


@pytest.fixture
def base(diffusers_folder, tmp_path):
    """A copy of the folder, for tests that break it."""
    return shutil.copytree(diffusers_folder, tmp_path / "base")


@pytest.fixture(scope="session")
def single_file(stable_diffusion, tmp_path_factory):
    return models.write_single_file(stable_diffusion, tmp_path_factory.mktemp("single") / "sd15.safetensors")
