"""The jobs, one module each, named as in `workbench.runs.JOBS`: `plan`, `step` and `finish` (see `pipelines.worker.job`)."""
