"""The dataset card: what a release is, how it was chosen, and what it leaves out, for people."""

from typing import Any

import yaml

from db.models import Release
from workbench.exports.atomic_folder import to_json
from workbench.exports.croissant_rai import agreement, study_sentence
from workbench.exports.licenses import hub_identifiers
from workbench.exports.provenance import Story, distribution, published_author
from workbench.releases import STATEMENTS, Summary

LEVELS = {"complete": "●", "partial": "◐", "scarce": "○"}

TARGETS = {
    "reference": "the original's own colors",
    "colorization": "a colorization by the model that a curator or a rule accepted",
}


SIZES = (
    ("n<1K", 10**3), ("1K<n<10K", 10**4), ("10K<n<100K", 10**5), ("100K<n<1M", 10**6), ("1M<n<10M", 10**7), ("10M<n<100M", 10**8),
)  # fmt: skip
"""The hub's words for numbers of items, with the number that each ends before."""
PATHS = {"imagefolder": "{}/**", "webdataset": "data/{}-*.tar", "parquet": "data/{}-*.parquet"}
"""Where the layouts that `datasets` reads have a split."""

CARD = """---
{front}---

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

- Pictures: {sources}{authors}
- Descriptions: {texts}; their levels: {levels}
- Masks: {masks}

## Raters

{raters}

## Licenses of the images

{licenses}

{statements}## How it was chosen

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
        front=yaml.safe_dump(_front_matter(release, summary, story, layout), sort_keys=False, allow_unicode=True),
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
        authors=f"; {story.authors:,} authors are named, picture by picture" if story.authors else "",
        statements=_stated(release),
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


def _front_matter(release: Release, summary: Summary, story: Story, layout: str) -> dict[str, Any]:
    """What dataset hubs read: https://github.com/huggingface/hub-docs, datasetcard.md."""
    identifiers = hub_identifiers(list(story.licenses))
    front: dict[str, Any] = {"pretty_name": f"{release.name} {release.version}"}
    front["license"] = identifiers[0] if len(identifiers) == 1 else identifiers
    if identifiers == ["other"]:
        front |= {"license_name": ", ".join(story.licenses)}
    front |= {"task_categories": ["image-to-image", "text-to-image"], "language": ["en"]}
    front |= {"size_categories": [next(name for name, end in SIZES if summary.items < end)]}
    front |= {"tags": ["colorization", "language-based-colorization", "image-captioning", "croissant"]}
    splits = [split for split, levels in summary.by_split.items() if sum(levels.values())]
    if layout in PATHS:
        files = [{"split": split, "path": PATHS[layout].format(split)} for split in splits]
        front["configs"] = [{"config_name": "default", "data_files": files}]
    return front


def _stated(release: Release) -> str:
    said = release.facts.get("statements") or {}
    return "".join(f"## {name.replace('_', ' ').capitalize()}\n\n{said[name]}\n\n" for name in STATEMENTS if said.get(name))


def _row(split: str, levels: dict[str, int]) -> str:
    return f"| {split} | {sum(levels.values())} | {' | '.join(str(levels[level]) for level in LEVELS)} |"


def _counted(counts: dict[str, int]) -> str:
    return "\n".join(f"- {count} × {name}" for name, count in counts.items())
