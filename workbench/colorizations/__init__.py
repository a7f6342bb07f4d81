"""What the model made, keyed by its inputs, and the checkpoints that made it."""

from workbench.colorizations.colorizations import (
    Request,
    counts,
    find,
    get,
    input_key,
    newest,
    of_image,
    pending,
    planned,
    store,
    stored_keys,
)

__all__ = ["Request", "counts", "find", "get", "input_key", "newest", "of_image", "pending", "planned", "store", "stored_keys"]
