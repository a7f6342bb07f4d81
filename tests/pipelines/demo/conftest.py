"""The demo's content, made once for all tests."""

import pytest

from pipelines.demo import DemoPhoto, DemoScene, demo_photos, demo_scenes
from pipelines.demo.gathered import Gathered


@pytest.fixture(scope="session")
def photos() -> Gathered[DemoPhoto]:
    return demo_photos()


@pytest.fixture(scope="session")
def scenes() -> Gathered[DemoScene]:
    return demo_scenes(96)
