"""The store for language models, by the Model Context Protocol: searching, looking, proposing captions, starting and reading runs."""

from workbench.mcp_server.server import create_server

__all__ = ["create_server"]
