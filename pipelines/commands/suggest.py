"""`workbench suggest`: what to describe, ground, rate or review next."""

from dataclasses import asdict
from typing import Annotated

import typer

from pipelines.commands.console import AsJson, Home, emit, store_at, table
from workbench import suggestions
from workbench.suggestions.lift_over_chance import FEWEST


def suggest(
    kind: Annotated[str, typer.Argument(help=f"Of what work: {', '.join(suggestions.KINDS)}.")],
    count: Annotated[int, typer.Option(min=1, help="How many items.")] = 20,
    seed: Annotated[int, typer.Option(help="Of what is drawn at random.")] = 0,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """What to do next: the items from which most is to be learned, each with its reason, and what such an order brings beside chance.

    Where the work that is done says that the order is worse than chance, the items are drawn at random.
    """
    with store_at(home) as store, store.reading() as session:
        suggested = suggestions.suggest(session, kind, count, seed)
    chosen, replayed = suggested.items, suggested.replayed
    if as_json:
        emit([asdict(one) for one in chosen])
    elif not chosen:
        typer.echo(f"There is nothing to {kind} that has not been done.")
    else:
        table(
            ("image", "caption", "colorization", "why"), [(one.image_id, one.caption_id, one.colorization_id, one.reason) for one in chosen]
        )
    if not as_json:
        typer.echo(replayed.says if replayed else f"Too little is done to say what suggestions bring: it takes {FEWEST} items.")
