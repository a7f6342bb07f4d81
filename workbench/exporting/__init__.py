"""The layouts that releases are written in."""
