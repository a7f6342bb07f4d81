"""The server: what a language model is told of the store, and the tools that it gets."""

from dataclasses import replace

from mcp.server.mcpserver import MCPServer
from mcp.types import ToolAnnotations

from workbench.api import Workbench
from workbench.mcp_server.looking import Looking
from workbench.mcp_server.working import STARTED, Working
from workbench.open_store import Store
from workbench.search import GUIDE

INSTRUCTIONS = """A workbench for language-based image colorization. Photos have captions at three levels (complete: every colorable object
has its color; partial: some have; scarce: none has), masks, and colorizations by a model; people rate them in studies.

Queries of search_images and search_captions: words, "a phrase", NOT, OR, and keys:
{guide}

You may look at everything and propose captions. A proposal counts only when a person has accepted it. Runs that you may start: {jobs}."""

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
STARTS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)


def create_server(store: Store) -> MCPServer:
    """The server of a store; what it changes is recorded under the actor's name with "(MCP)" behind it."""
    settings = replace(store.settings, actor=f"{store.settings.actor} (MCP)")
    opened = Workbench(replace(store, settings=settings))
    guide = "\n".join(f"  {example}   {says}" for example, says in GUIDE)
    server = MCPServer("lcad-workbench", instructions=INSTRUCTIONS.format(guide=guide, jobs=", ".join(STARTED)), log_level="WARNING")
    looking, working = Looking(opened), Working(opened)
    for tool in (looking.search_images, looking.search_captions, looking.read_table, looking.study_results, working.read_run):
        server.tool(annotations=READS)(tool)
    for tool in (looking.look_at_image, looking.look_at_colorization):
        server.tool(annotations=READS, structured_output=False)(tool)  # pictures are content of the protocol, and no JSON
    server.tool(annotations=ADDS)(working.propose_captions)
    server.tool(annotations=STARTS)(working.start_run)
    return server
