"""Loading a colorizer with all its parts: a checkpoint, and the grounder that finds the phrases of captions on gray pictures."""

from pathlib import Path

from lcad.grounding import load_finder
from lcad.guests import GuestColorizer, is_guest
from lcad.pipeline import Colorizer, LCADPipeline


def load_pipeline(name_or_path: str | Path = "mini") -> Colorizer:
    """The pipeline of an embedded checkpoint ("mini"), of a checkpoint folder, float32 on the CPU, or of a guest's (`lcad.guests`).

    A pipeline has a finder: the checkpoint's own where a training gave it one, else the embedded one, which knows gray pictures and words,
    not colors, and so serves every checkpoint.
    """
    if is_guest(name_or_path):
        return GuestColorizer.from_folder(name_or_path)
    pipeline = LCADPipeline.from_pretrained(name_or_path)
    pipeline.finder = load_finder(name_or_path)
    return pipeline
