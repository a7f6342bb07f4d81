"""Measurements of speed, memory and quality, run from the root as `python -m tests.benchmarks.NAME`; see `docs/benchmarks.md`."""
