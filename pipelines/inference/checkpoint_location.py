"""Where a checkpoint of the store is, known without loading the model's packages."""

from db.models import Checkpoint

EMBEDDED = "embedded:"


def location_of(checkpoint: Checkpoint) -> str:
    """What `lcad.load_pipeline` takes: an embedded checkpoint's name or a folder."""
    return checkpoint.location.removeprefix(EMBEDDED)
