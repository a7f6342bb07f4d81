"""`workbench studies`: user studies from a YAML file to their results; `docs/studies.md` tells every part of the file.

name: seeds                      # the study
question: Which picture matches the description better?
method: pair                     # pair, choice, category or ranking
votes_per_trial: 3
seed: 0
design: {ties: true, trials_per_rater: 30}
stimuli:                         # what is compared
  query: "level:complete"        # which images
  between: [checkpoint, settings]   # of checkpoint, settings, level, seed; pairs differ in these alone
  reference: false               # whether each picture also meets its original
"""

from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from db.base import now
from pipelines.commands.console import AsJson, Home, emit, say, store_at, table, tell, text_of, warn_without_password
from workbench import studies
from workbench.analysis import power as powering
from workbench.analysis import sample_size
from workbench.analysis.vote_layouts import analyze_file
from workbench.errors import InvalidInputError
from workbench.rating.results import study_results
from workbench.reports import files, vote_table
from workbench.reports import html_page as reporting_page
from workbench.reports.beside import beside_of
from workbench.reports.report_notes import read_notes
from workbench.studies import build, design_io, rater_words

app = typer.Typer()

Name = Annotated[str, typer.Argument(help="Name of the study.")]


@app.command()
def create(file: Annotated[Path, typer.Argument(metavar="FILE.yaml")], home: Home = None, as_json: AsJson = False) -> None:
    """A study in draft with its trials; outside folders are relative to the file."""
    base = file.resolve().parent
    design = design_io.read(text_of(file), str(file), base)
    with store_at(home) as store:
        with store.reading() as session:
            pictured = build.picture(session, store.media, design, base=base)
        made = studies.enter(design, pictured, author=store.settings.actor, writing=store.writing, reading=store.reading)
        facts = {"name": design.name, "method": design.method.value, "status": made.study.status.value, "trials": made.trials}
    facts |= {"training": made.training, "gold": made.gold, "trap": made.trap}
    for warning in made.warnings:
        say(warning)
    sentence = f"{design.name}: {made.trials} trials, {made.training} for practice, {made.gold} gold, {made.trap} trap, in draft."
    tell(facts, sentence, as_json)


@app.command()
def show(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """A study's design as YAML, to keep or to change into another."""
    with store_at(home) as store, store.reading() as session:
        text = design_io.write(design_io.of_study(studies.by_name(session, name)))
    tell({"name": name, "yaml": text}, text.rstrip(), as_json)


@app.command()
def invite(
    name: Name,
    raters: Annotated[int, typer.Option(min=1, help="How many.")],
    cohort: Annotated[str, typer.Option(help="A name for this group.")] = "",
    days: Annotated[int | None, typer.Option(min=1, help="How long the links are valid; by default for ever.")] = None,
    address: Annotated[str, typer.Option(help="The app's address, to print whole links.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """New raters; their tokens are shown this once."""
    if address:
        warn_without_password()
    expires = now() + timedelta(days=days) if days else None
    with store_at(home) as store, store.writing() as session:
        study = studies.by_name(session, name)
        invited = studies.invite(session, study.id, raters, expires_at=expires, cohort=cohort, actor=store.settings.actor)
        rows = [{"rater": rater.pseudonym, "token": token} for rater, token in invited]
    if address:
        rows = [row | {"link": f"{address.rstrip('/')}/r/{row['token']}"} for row in rows]
    if as_json:
        emit(rows)
    else:
        table(tuple(rows[0]), [tuple(row.values()) for row in rows])
        say("Each rater's link is the app's address with /r/TOKEN; only the tokens' hashes are stored.")


@app.command("open")
def open_(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Let raters in."""
    warn_without_password()
    _set_open(studies.open_study, name, home, as_json)


@app.command()
def close(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Take no more ratings."""
    _set_open(studies.close, name, home, as_json)


def _set_open(change, name: str, home: Path | None, as_json: bool) -> None:
    with store_at(home) as store, store.writing() as session:
        study = change(session, studies.by_name(session, name).id, actor=store.settings.actor)
        tell({"name": study.name, "status": study.status.value}, f"{study.name} is {study.status.value}.", as_json)


@app.command()
def words(
    language: Annotated[str, typer.Argument(help=f"One of {', '.join(rater_words.LANGUAGES)}.")] = "en",
) -> None:
    """Every word of the raters' page as a file: translate a copy, and name it under `words` in a design."""
    if language not in rater_words.LANGUAGES:
        raise InvalidInputError(f'The raters\' page does not come in "{language}"; it comes in {", ".join(rater_words.LANGUAGES)}.')
    typer.echo(rater_words.file_of(language), nl=False)


@app.command()
def results(
    name: Name,
    question: Annotated[str, typer.Option(help="The name of a further question; by default the study's own.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Strengths, win rates with intervals, agreement, and what each rater did."""
    with store_at(home) as store, store.reading() as session:
        facts = study_results(session, studies.by_name(session, name).id, question=question).as_json()
    _tell_results(facts, as_json)


@app.command()
def analyze(
    file: Annotated[Path, typer.Argument(metavar="VOTES", help="A file of votes, a report's folder, or its ZIP.")],
    detects: Annotated[bool, typer.Option("--detects", help="The question of pairs was which of the two is the original.")] = False,
    question: Annotated[str, typer.Option(help="A report's votes: the name of the further question to analyze.")] = "",
    as_json: AsJson = False,
) -> None:
    """The same for votes made elsewhere, and for those that a report exported.

    Pairs: rater, image, system_a (left or first), system_b, winner (one of them, left, right, or tie); or winner and loser.
    Choices: rater, image, shown (a|b|c), choice. Rankings: rater, image, system, rank, a row for each system; or ranking (a>b>c).
    Scores: rater, image, system, value, and scale where there are several. Columns may have the names that are usual elsewhere.
    Read where they are there: seconds, level, instances, trial, points, simulated. Commas, semicolons and tabs, UTF-8 and UTF-16.
    """
    _tell_results(analyze_file(file, detects=detects, question=question).as_json(), as_json)


@app.command()
def report(
    name: Name,
    out: Annotated[Path, typer.Option(help="Folder for report.html, votes.csv, codebook.csv and results.json.")],
    notes: Annotated[Path | None, typer.Option(help="YAML: recruitment, pay, viewing, ethics, preregistration, plan, deviations.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Protocol and results as a page that needs no network, and every single vote with its codebook."""
    entered = read_notes(text_of(notes), str(notes)) if notes else None
    with store_at(home) as store, store.reading() as session:
        study_id = studies.by_name(session, name).id
        contents = reporting_page.report_of(session, study_id, entered, store.media)[1:]
        rows = list(vote_table.every_vote(session, study_id))
        beside = beside_of(session, study_id).files
    paths = files.write(out, *contents, rows, beside)
    tell({"votes": len(rows), "files": [str(path) for path in paths]}, "\n".join(map(str, paths)), as_json)


def _tell_results(facts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        emit(facts)
        return
    for part in ("systems", "pairs", "agreement", "raters"):
        if facts[part]:
            table(tuple(facts[part][0]), [tuple(_short(value) for value in row.values()) for row in facts[part]])
    alpha = "unknown" if facts["alpha"] is None else f"{facts['alpha']:.3f}"
    typer.echo(f"{facts['votes']} votes, {facts['simulated_votes']} of them simulated; Krippendorff's alpha {alpha}")
    for note in facts["notes"]:
        typer.echo(note)


def _short(value: Any) -> Any:
    if isinstance(value, list):
        return "; ".join(value)
    return round(value, 3) if isinstance(value, float) else value


@app.command()
def plan(
    win_rate: Annotated[float, typer.Argument(help="The share of decided votes that is to be shown, e.g. 0.6.")],
    power: Annotated[float, typer.Option(help="The chance to show it.")] = 0.8,
    tie_rate: Annotated[float, typer.Option(help="The share of ties that is expected.")] = 0.0,
    systems: Annotated[int, typer.Option(min=2, help="Systems that the study compares, every two of them.")] = 2,
    raters: Annotated[int | None, typer.Option(min=2, help="Raters; without it, as many as the power needs.")] = None,
    trials: Annotated[int, typer.Option(min=1, help="Votes of one rater.")] = 30,
    images: Annotated[int, typer.Option(min=2, help="Images.")] = 60,
    spread: Annotated[float, typer.Option(min=0, help="How much raters, and images, differ: logits, a standard deviation.")] = 0.2,
    as_json: AsJson = False,
) -> None:
    """How many votes a question needs if all were independent, and how many raters a whole study."""
    votes = sample_size.votes_needed(win_rate, power=power, tie_rate=tie_rate)
    design = powering.PlannedComparison(systems, raters or 2, trials, images, tie_rate, spread, spread)
    design = replace(design, raters=raters or powering.raters_needed(design, win_rate, power=power))
    reached = powering.power_of(design, win_rate)
    study = {"systems": systems, "raters": design.raters, "trials": trials, "images": images, "spread": spread, "study_power": reached}
    sentence = (
        f"{votes} independent votes on one pair. A study of {systems} systems with {design.raters} raters of {trials} trials on "
        f"{images} images, raters and images differing, shows it with a chance of {reached:.0%} after correction for all pairs."
    )
    tell({"win_rate": win_rate, "power": power, "tie_rate": tie_rate, "votes": votes, **study}, sentence, as_json)


@app.command()
def progress(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """How far a study is."""
    with store_at(home) as store, store.reading() as session:
        facts = asdict(studies.progress(session, studies.by_name(session, name).id))
    sentence = f"{facts['votes']} of {facts['needed']} votes, {facts['trials_done']} of {facts['trials']} trials done."
    if facts["set_aside"]:
        sentence += f" {facts['set_aside']} trials are set aside: a picture is damaged; `workbench studies check` names it."
    tell(facts, sentence, as_json)
