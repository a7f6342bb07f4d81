"""The demo store for pictures and measurements: the whole loop walked once, with the seeds that the demo always has."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.serving import ROOT

TRAINING_STEPS = 150
ACTOR = "ann"
"""Who did what pictures show, instead of the login name of the machine."""


@contextmanager
def demo_store(home: Path | None = None) -> Iterator[Path]:
    """The folder of a store: `home`, where there is one, else a fresh demo in a temporary folder; it takes some twenty minutes."""
    if home is not None:
        yield home
        return
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder, "home")
        asked = ["demo", "--loop", f"--training-steps={TRAINING_STEPS}", "--home", str(fresh)]
        subprocess.run([sys.executable, "-m", "pipelines", *asked], cwd=ROOT, check=True, env=os.environ | {"WORKBENCH_ACTOR": ACTOR})
        yield fresh
