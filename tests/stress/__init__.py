"""Attempts to break the workbench, bounded and self-ending; `docs/reliability.md` holds what they gave."""
