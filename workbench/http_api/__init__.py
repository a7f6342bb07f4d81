"""The store over HTTP, read-only: the tables of `workbench.api` and the pictures, for programs with a token."""

from workbench.http_api.app import create_app
from workbench.http_api.token_gate import TokenGate

__all__ = ["TokenGate", "create_app"]
