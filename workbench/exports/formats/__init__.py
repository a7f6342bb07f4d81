"""The layouts that a release is written in, one module each."""
