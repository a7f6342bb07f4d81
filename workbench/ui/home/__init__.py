"""The Home page: how quality and agreement change over time, and how a new project begins."""
