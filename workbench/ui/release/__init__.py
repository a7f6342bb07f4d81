"""The Releases page: creating a release, and one release looked at."""
