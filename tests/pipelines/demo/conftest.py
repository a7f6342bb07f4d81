"""The demo's content, made once for all tests."""

import pytest

from pipelines.demo import DemoFiles, DemoPhoto, DemoScene, demo_photos, demo_scenes, write_demo
from pipelines.demo.gathered import Gathered


@pytest.fixture(scope="session")
def photos() -> Gathered[DemoPhoto]:
    return demo_photos()


@pytest.fixture(scope="session")
def scenes() -> Gathered[DemoScene]:
    return demo_scenes(96)


@pytest.fixture(scope="session")
def written(tmp_path_factory) -> DemoFiles:
    return write_demo(tmp_path_factory.mktemp("demo") / "new", size=96)
