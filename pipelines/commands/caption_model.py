"""The commands of `workbench captions` for help from a vision-language model: how it is reached, and asking it."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from pipelines.commands.console import AsJson, Home, Wait, ask, emit, say, store_at
from workbench import images, vision_language
from workbench.errors import InvalidInputError
from workbench.vision_language import FACES, KEY_VARIABLE, MODES, Endpoint

Query = Annotated[str, typer.Argument(help="Which images.")]


def register(app: typer.Typer) -> None:
    """Add the commands to a group."""
    app.command("model")(model_)
    app.command("propose")(propose)


def model_(
    address: Annotated[str | None, typer.Option(help="Base address, e.g. http://localhost:8000/v1.")] = None,
    model: Annotated[str | None, typer.Option(help="The model as its server calls it.")] = None,
    prompt: Annotated[str | None, typer.Option(help="What it is asked.")] = None,
    temperature: Annotated[float | None, typer.Option(help="0 to 2; low for facts.")] = None,
    face: Annotated[str | None, typer.Option(help=f"What is shown, {' or '.join(FACES)}: auto is the original in color.")] = None,
    mode: Annotated[str | None, typer.Option(help=f"The three levels: {', '.join(MODES)}.")] = None,
    seconds: Annotated[float | None, typer.Option(help="The longest that one answer may take.")] = None,
    at_once: Annotated[int | None, typer.Option(help="Questions under way at a time.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show or set the vision-language model that `captions propose` asks; its key is read from WORKBENCH_VLM_API_KEY alone."""
    fields = {"address": address, "model": model, "prompt": prompt, "temperature": temperature, "face": face, "mode": mode}
    changes: dict[str, Any] = {
        name: value for name, value in {**fields, "seconds": seconds, "at_once": at_once}.items() if value is not None
    }
    with store_at(home) as store, store.writing() as session:
        endpoint = vision_language.kept(session)
        if changes:
            if endpoint is None and not {"address", "model"} <= changes.keys():
                raise InvalidInputError("Give --address and --model first.")
            endpoint = Endpoint(**changes) if endpoint is None else replace(endpoint, **changes)
            vision_language.keep(session, endpoint, actor=store.settings.actor)
    shown = {} if endpoint is None else endpoint.as_json()
    if as_json:
        emit(shown)
    elif endpoint is None:
        typer.echo("No model is set; --address and --model set one. Without it nothing is sent anywhere.")
    else:
        for name, value in shown.items():
            typer.echo(f"{name}: {value}")
        typer.echo(f"key: {'set' if vision_language.api_key() else 'not set'} in {KEY_VARIABLE} of this process")


def propose(query: Query = "NOT has:caption", wait: Wait = False, home: Home = None, as_json: AsJson = False) -> None:
    """Ask the model that `captions model` set for captions of images; they are proposals until a person accepts them."""
    with store_at(home) as store:
        with store.reading() as session:
            endpoint, number = vision_language.kept(session), images.count(session, query)
        if endpoint is None:
            raise InvalidInputError("No model is set; `workbench captions model --address … --model …` sets one.")
        whole = "1 image goes" if number == 1 else f"{number:,} images go"
        say(f"{whole} to {endpoint.model} at {endpoint.address}: {SENT[endpoint.face]}, at most 768 px, without metadata.")
        ask(store, "propose_captions", {"query": query, **endpoint.as_json()}, wait=wait, as_json=as_json)


SENT = {"auto": "the original where it has color, else the gray picture", "gray": "gray pictures"}
