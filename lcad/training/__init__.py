"""Training: an exported release or a pack of examples in, a checkpoint out; two stages, one loop."""
