"""The interface's words and glyphs: levels, verdicts, counts and spans of time, the same on every page."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from db.enums import CaptionLevel, Origin, RunStatus, Verdict
from db.models import Event
from workbench.reviews import Basis, Measured
from workbench.search import Count

LEVEL_GLYPHS = {CaptionLevel.COMPLETE: "●", CaptionLevel.PARTIAL: "◐", CaptionLevel.SCARCE: "○"}
VERDICT_GLYPHS = {Verdict.ACCEPT: "✓", Verdict.FIX: "↻", Verdict.REJECT: "✗"}
ORIGIN_WORDS = {Origin.HUMAN: "by a person", Origin.RULE: "by the rules", Origin.MODEL: "by the model", Origin.IMPORTED: "imported"}
STATUS_GLYPHS = {
    RunStatus.QUEUED: "…",
    RunStatus.RUNNING: "▸",
    RunStatus.DONE: "✓",
    RunStatus.FAILED: "✗",
    RunStatus.CANCELLED: "–",
}
BASIS_WORDS = {
    Basis.PERSON: "in masks that a person drew or confirmed",
    Basis.INDEPENDENT: "in automatic masks, other ones than those that steered the colors",
    Basis.STEERING: "in the automatic masks that steered the colors (says little)",
    Basis.UNKNOWN: "in masks whose origin was not recorded",
}
SHORT_BASIS = {
    Basis.PERSON: "person's masks",
    Basis.INDEPENDENT: "independent masks",
    Basis.STEERING: "masks that steered",
    Basis.UNKNOWN: "masks unknown",
}
"""In whose masks adherence was measured, as a note."""
JOB_WORDS = {
    "import_images": "Import images",
    "compare_images": "Look for crops",
    "picture_features": "Compare pictures and draw the map",
    "propose_captions": "Propose captions by a model",
    "level_captions": "Derive captions",
    "describe_images": "Propose captions from the colors",
    "import_captions": "Import captions",
    "edit_captions": "Edit many captions",
    "take_back_batch": "Undo a batch",
    "ground_phrases": "Find masks of phrases",
    "correct_mask": "Correct a mask by clicks",
    "read_picture": "Prepare a picture for clicks",
    "colorize_images": "Colorize",
    "try_colors": "Try colors",
    "evaluate_checkpoint": "Evaluate a checkpoint",
    "export_release": "Export a release",
    "verify_release": "Verify a release",
    "review_rules": "Review by rules",
    "retrain_checkpoint": "Train a checkpoint",
    "make_demo": "Make the demo",
    "compose_scenes": "Compose scenes",
    "thumbnails": "Make small pictures",
}


def plain(text: str) -> str:
    """Words of a person or a file, safe within Markdown: every mark that it would read as its own is escaped."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!$:~<>|&])", r"\\\1", text.replace("\n", " "))


def level(value: CaptionLevel | str) -> str:
    """ "● complete"."""
    value = CaptionLevel(value)
    return f"{LEVEL_GLYPHS[value]} {value.value}"


def levels(values: Iterable[CaptionLevel | str]) -> str:
    """The glyphs of the levels that occur, in their own order: "●○"."""
    present = {CaptionLevel(value) for value in values}
    return "".join(glyph for value, glyph in LEVEL_GLYPHS.items() if value in present)


def verdict(value: Verdict | str) -> str:
    """ "✓ accept"."""
    value = Verdict(value)
    return f"{VERDICT_GLYPHS[value]} {value.value}"


def job(name: str) -> str:
    """A job's name as a person says it."""
    return JOB_WORDS.get(name, name.replace("_", " ").capitalize())


def count(number: int, noun: str, plural: str | None = None) -> str:
    """ "1 image", "1,204 images", "more than 10,000 images"."""
    bound = "more than " if isinstance(number, Count) and number.more else ""
    return f"{bound}{number:,} {noun if number == 1 else plural or noun + 's'}"


def noun(number: int, one: str, more: str | None = None) -> str:
    """The noun that fits a number, without it: "image", "images"."""
    return one if number == 1 else more or f"{one}s"


def share(value: float | None) -> str:
    """A share as a percentage; a dash where nothing could be judged."""
    return "–" if value is None else f"{value:.0%}"


def adherence(known: Measured) -> str:
    """ "94 % (person's masks)", "not measured"."""
    return "not measured" if known.basis is None else f"{share(known.value)} ({SHORT_BASIS[known.basis]})"


def happened(event: Event) -> str:
    """What an event did to its image, in a few words: "imported", "tagged night"."""
    _, _, tag = event.subject_id.partition(":")
    known = {
        ("create", "image"): "imported",
        ("credit", "image"): "credited",
        ("compare", "image"): "found to share a picture with another",
        ("tag", "image_tag"): f"tagged {tag}",
        ("untag", "image_tag"): f"tag {tag} removed",
    }
    return known.get((event.action, event.subject), f"{event.action} {event.subject.replace('_', ' ')}")


def duration(seconds: float) -> str:
    """A span of time in the two coarsest units that matter: "45 s", "3 min", "2 h 5 min"."""
    seconds = round(seconds)
    if seconds < 90:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def ago(moment: datetime | None) -> str:
    """How long ago a moment was."""
    if moment is None:
        return "never"
    seconds = (datetime.now(UTC) - moment).total_seconds()
    if seconds < 5:
        return "just now"
    return f"{duration(seconds)} ago" if seconds < 172800 else moment.date().isoformat()
