"""The `workbench` command: a table of commands, each loaded only when it is called, so that the help is there at once."""

import importlib
import sys
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated

import typer

from workbench.errors import Trouble, WorkbenchError, store_trouble


@dataclass(frozen=True)
class Entry:
    """Where a command lives: a module of `pipelines.commands`, and a function or a Typer group in it."""

    module: str
    attribute: str
    summary: str


COMMANDS = {
    "up": Entry("up_serve", "up", "The app and its worker(s) in one go; fills an empty store with the demo."),
    "serve": Entry("up_serve", "serve", "Only the app: the front, which answers raters, and the curators' pages behind it."),
    "serve-api": Entry("programs", "serve_api", "The tables and pictures over HTTP, read-only, for programs with a token."),
    "mcp": Entry("programs", "mcp", "A server for language models (MCP): search, look, propose captions, start runs."),
    "tokens": Entry("tokens", "app", "Tokens of programs: create, list, revoke."),
    "work": Entry("work", "work", "Only a worker."),
    "demo": Entry("demo", "demo", "Make the demo store; --loop walks the whole loop without a browser."),
    "import": Entry("import_images", "import_", "Images and captions from files, folders and archives."),
    "images": Entry("images", "app", "List, credit, compare and delete images, and undo that."),
    "captions": Entry("captions", "app", "Derive, list, replace, import and export captions."),
    "views": Entry("views", "app", "Queries kept under a name: list, show, save, remove."),
    "ground": Entry("ground_colorize", "ground", "Masks for the mentions of captions."),
    "compose": Entry("compose", "compose", "Scenes of the store's own regions, for training, with exact masks."),
    "colorize": Entry("ground_colorize", "colorize", "Colorizations of images in the store, through the queue."),
    "colorize-files": Entry("colorize_files", "colorize_files", "Colorizations of files, without a store."),
    "studies": Entry("study_recruitment", "app", "Design, open, watch, close and report user studies."),
    "ratings": Entry("ratings", "app", "Ratings in and out as CSV."),
    "review": Entry("review", "app", "Rules that turn ratings and metrics into verdicts."),
    "releases": Entry("releases", "app", "Create, list, verify, compare and export frozen releases."),
    "label-studio": Entry("label_studio", "app", "Tasks to a Label Studio server, annotations back."),
    "retrain": Entry("retrain_evaluate", "retrain", "Train a new checkpoint from a release."),
    "evaluate": Entry("retrain_evaluate", "evaluate", "The metrics of a checkpoint on a release."),
    "experiments": Entry("experiments", "experiments", "A question about a checkpoint, asked of a release: a page of tables and pictures."),
    "checkpoints": Entry("checkpoints", "app", "List, add, convert, compare and promote checkpoints."),
    "suggest": Entry("suggest", "suggest", "What to describe, ground, rate or review next, with the reason."),
    "runs": Entry("runs", "app", "List, show, cancel and resume runs; how the queues are."),
    "access": Entry("access", "app", "Who may do what, where people sign in: list, grant and revoke roles."),
    "backup": Entry("upkeep", "backup", "A copy of the store, made while people work; again, it adds what is new."),
    "restore": Entry("upkeep", "restore", "A store made of a backup, every file checked."),
    "gc": Entry("upkeep", "gc", "Files that nothing needs: count them, or remove them."),
    "doctor": Entry("doctor", "doctor", "What is installed and whether the store is sound."),
}


def _tell_version(show: bool) -> None:
    if show:
        typer.echo(f"workbench {version('lcad-workbench')}")
        raise typer.Exit


def build(called: str | None) -> typer.Typer:
    """The command line with the called command loaded, and the others as lines of the help."""
    app = typer.Typer(
        name="workbench",
        help="Describe, ground, colorize, rate, review, release, retrain: language-based colorization from one command.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for name, entry in COMMANDS.items():
        if name != called:
            app.command(name, help=entry.summary)(_line_of_the_help)
            continue
        command = getattr(importlib.import_module(f"pipelines.commands.{entry.module}"), entry.attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, help=entry.summary, no_args_is_help=True)
        else:
            app.command(name, help=entry.summary)(command)
    return app


def _options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Take the options of the command itself."""


def _line_of_the_help() -> None:
    """Stand for a command that was not called."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command; exit status 0 done, 1 failed or refused with a sentence, 2 a wrong call."""
    arguments = sys.argv[1:] if arguments is None else arguments
    called = next((word for word in arguments if not word.startswith("-")), None)
    try:
        build(called)(arguments, prog_name="workbench")
    except WorkbenchError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None
    except Exception as error:
        trouble = store_trouble(error)
        if trouble is None:
            raise
        typer.echo(_told(error, trouble), err=True)
        raise SystemExit(1) from None


def _told(error: Exception, trouble: Trouble) -> str:
    if trouble == "full":
        return "There is no space left on the disk. Free some and call this again."
    if trouble == "busy":
        return (
            "Another job has held the store for longer than this one waits. Call this again; `workbench runs list` shows what is at work."
        )
    return f"{getattr(error, 'filename', None) or 'The store'} cannot be written to. Make it writable, or name another place."
