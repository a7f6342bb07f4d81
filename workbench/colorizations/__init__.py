"""What the model made, keyed by its inputs, and the checkpoints that made it."""

from workbench.colorizations.colorizations import Request, count_pending, counts, find, get, input_key, newest, of_image, pending, store

__all__ = ["Request", "count_pending", "counts", "find", "get", "input_key", "newest", "of_image", "pending", "store"]
