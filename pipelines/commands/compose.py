"""`workbench compose`: multi-instance training material from the store's own regions and photos."""

from typing import Annotated

import typer

from pipelines.commands.console import AsJson, Home, Query, Wait, ask, store_at


def compose(
    query: Query = "",
    count: Annotated[int, typer.Option(min=1, help="How many scenes.")] = 40,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same scenes; another one gives others.")] = 0,
    size: Annotated[int, typer.Option(min=64, help="Side of a scene in pixels.")] = 256,
    objects: Annotated[int, typer.Option(min=1, help="How many objects a scene has at most.")] = 3,
    wait: Wait = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Scenes of the store's own regions, recolored by name and put on its photos: exact masks, captions at three levels."""
    parameters = {"query": query, "count": count, "seed": seed, "size": size, "objects": objects}
    with store_at(home) as store:
        ask(store, "compose_scenes", parameters, wait=wait, as_json=as_json)
