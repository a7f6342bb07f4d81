"""`workbench serve-api` and `workbench mcp`: the store for programs, on this machine, while the command runs."""

import logging
import sys
from typing import Annotated

import typer
import uvicorn

from pipelines.commands.console import Home, refuse_taken, say, store_at
from workbench.errors import MissingPartError
from workbench.http_api import TokenGate, create_app
from workbench.http_api import tokens as api_tokens
from workbench.open_store import Store

ADDRESS = "127.0.0.1"


def serve_api(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 8502,
    home: Home = None,
) -> None:
    """The tables and pictures over HTTP, read-only, for programs with a token; bound to 127.0.0.1."""
    with store_at(home) as store:
        refuse_taken(ADDRESS, port)
        _warn_without_tokens(store)
        say(f"The API is at http://{ADDRESS}:{port}/v1/ (store: {store.settings.home}; stop with Ctrl-C).")
        uvicorn.run(create_app(store), host=ADDRESS, port=port, log_level="warning", server_header=False)


def mcp(
    http: Annotated[
        bool, typer.Option("--http", help="Over HTTP on 127.0.0.1, with a token, instead of standard input and output.")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port for --http.")] = 8503,
    home: Home = None,
) -> None:
    """A server of the Model Context Protocol: language models search, look, propose captions, and start runs."""
    try:
        from workbench.mcp_server import create_server
    except ModuleNotFoundError as error:
        if error.name != "mcp":
            raise
        raise MissingPartError("The package mcp is not installed here; pip install 'lcad-workbench[mcp]'.") from None
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)  # standard output is the protocol's
    with store_at(home) as store:
        server = create_server(store)
        if not http:
            server.run("stdio")
            return
        refuse_taken(ADDRESS, port)
        _warn_without_tokens(store)
        say(f"The MCP server is at http://{ADDRESS}:{port}/mcp (store: {store.settings.home}; stop with Ctrl-C).")
        app = TokenGate(server.streamable_http_app(host=ADDRESS, stateless_http=True), store)
        uvicorn.run(app, host=ADDRESS, port=port, log_level="warning", server_header=False)


def _warn_without_tokens(store: Store) -> None:
    with store.reading() as session:
        if not any(row.revoked_at is None for row in api_tokens.listing(session)):
            say("There is no token yet, so nobody gets in: `workbench tokens create NAME` makes one.")
