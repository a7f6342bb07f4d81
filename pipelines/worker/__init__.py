"""What carries jobs out: the worker process, its queues, the engine, and child processes."""
