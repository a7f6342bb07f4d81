"""The Caption page: the data of the caption board, and batches of edits."""
