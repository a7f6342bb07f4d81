"""The jobs: the only place where the model meets the store."""
