"""The content of the demo store: photos of installed packages, composed scenes, and their descriptions and masks."""

from pipelines.demo.photos import DemoPhoto, DemoRegion, demo_photos
from pipelines.demo.scenes import DemoScene, demo_scenes
from pipelines.demo.writing import DemoFiles, write_demo

__all__ = ["DemoFiles", "DemoPhoto", "DemoRegion", "DemoScene", "demo_photos", "demo_scenes", "write_demo"]
