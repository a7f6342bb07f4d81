"""Where a machine keeps the weights that a person may add; looked up alike by workers, the doctor and the pages."""

import os
from pathlib import Path

__all__ = ["SAM_VARIABLE", "segment_anything"]

SAM_VARIABLE = "WORKBENCH_SAM_WEIGHTS"


def segment_anything(home: Path) -> Path | None:
    """The file with segment-anything's weights: the one that $WORKBENCH_SAM_WEIGHTS names, there or not, else the store's first."""
    named = os.environ.get(SAM_VARIABLE)
    return Path(named) if named else next(iter(sorted((home / "weights").glob("sam*.pth"))), None)
