"""The model at work: loaded checkpoints, coloring pictures, regions of phrases, metrics of results, files without a store."""
