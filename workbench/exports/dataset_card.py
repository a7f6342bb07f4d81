"""The dataset card: what a release is, how it was chosen, and what it leaves out, for people."""

from typing import Any

from db.models import Release
from workbench.exports.atomic_folder import to_json
from workbench.exports.croissant_rai import agreement, study_sentence
from workbench.exports.provenance import Story, distribution, published_author
from workbench.releases import Summary

LEVELS = {"complete": "●", "partial": "◐", "scarce": "○"}

TARGETS = {
    "reference": "the original's own colors",
    "colorization": "a colorization by the model that a curator or a rule accepted",
}


CARD = """---
pretty_name: {title}
task_categories:
- image-to-image
language:
- en
tags:
- colorization
- language-based-colorization
---

# {title}

Gray pictures, descriptions, and the colors they ask for: {items} items over {images} images, in the layout `{layout}`.
{note}

| split | items | {heads} |
|---|---|---|---|---|
{rows}

Images that resemble each other or share a scene's source lie in the same split, and no image ever moves to another.

## Color targets

{targets}

Colorizations are targets in train only; validation and test measure against originals.
Where several colorizations were accepted, votes chose the best; votes of simulated raters were {votes}.

## Left out

{excluded}

## Where it comes from

- Pictures: {sources}
- Descriptions: {texts}; their levels: {levels}
- Masks: {masks}

## Raters

{raters}

## Licenses of the images

{licenses}

## How it was chosen

```json
{rules}
```

Frozen by {author} on {day}. Manifest SHA-256: `{manifest_hash}`.
`sha256sum --check files.sha256` finds every changed byte; `croissant.json` says all of this to programs (Croissant 1.1 with RAI 1.0).
"""


def release_json(release: Release, summary: Summary, layout: str, *, keep_metadata: bool = False) -> str:
    """`release.json`: which release this is, by its manifest's hash, in which layout, and whether pictures kept their metadata."""
    named: dict[str, Any] = {"name": release.name, "version": release.version, "manifest_hash": release.manifest_hash, "format": layout}
    named |= {"keeps_metadata": True} if keep_metadata else {}
    facts = {
        "items": summary.items,
        "images": summary.images,
        "splits": {split: sum(row.values()) for split, row in summary.by_split.items()},
    }
    return to_json({**named, **facts, "rules": release.rules, "created_at": release.created_at.isoformat()}, indent=1) + "\n"


def card(release: Release, summary: Summary, story: Story, layout: str) -> str:
    """`README.md`, with the front matter that dataset hubs read."""
    return CARD.format(
        title=f"{release.name} {release.version}",
        items=summary.items,
        images=summary.images,
        layout=layout,
        note=release.note,
        heads=" | ".join(f"{glyph} {level}" for level, glyph in LEVELS.items()),
        rows="\n".join(_row(split, levels) for split, levels in summary.by_split.items()),
        targets="\n".join(f"- {count} × {kind}: {TARGETS[kind]}" for kind, count in sorted(summary.targets.items())),
        votes="counted" if release.rules["simulated_votes"] else "not counted",
        excluded=_counted(summary.excluded) or "- nothing",
        sources=distribution(story.sources),
        texts=distribution(story.text_origins),
        levels=distribution(story.level_origins),
        masks=distribution(story.region_origins),
        raters="\n".join(f"- {study_sentence(study)} {agreement(study)}." for study in story.studies) or "There were none.",
        licenses=_counted(story.licenses),
        rules=to_json(release.rules, indent=1),
        author=published_author(release),
        day=release.created_at.date().isoformat(),
        manifest_hash=release.manifest_hash,
    )


def _row(split: str, levels: dict[str, int]) -> str:
    return f"| {split} | {sum(levels.values())} | {' | '.join(str(levels[level]) for level in LEVELS)} |"


def _counted(found: dict[str, int]) -> str:
    return "\n".join(f"- {count} × {name}" for name, count in found.items())
