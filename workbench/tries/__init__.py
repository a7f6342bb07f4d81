"""Trying colors: one picture under a caption at several levels and seeds, colored by a worker while a person waits; kept, or gone."""

from workbench.tries.asking import JOB, QUEUE, Asked, ask, cells_of, results, settings_of
from workbench.tries.forgetting import drop_files, forget, forget_old
from workbench.tries.keeping import Kept, captions_there, keep

__all__ = [
    "JOB",
    "QUEUE",
    "Asked",
    "Kept",
    "ask",
    "captions_there",
    "cells_of",
    "drop_files",
    "forget",
    "forget_old",
    "keep",
    "results",
    "settings_of",
]
