"""A checkpoint as files to send: weights and configs as they are, a card for people, and what is known of it for programs."""

import json
import re
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Checkpoint, Evaluation, Release
from workbench.colorizations import checkpoints, evaluations
from workbench.errors import MissingPartError
from workbench.hub.contents import Contents, SentFile, files_under
from workbench.open_store import Store

FRONT = re.compile(r"\A---\n.*?\n---\n", re.S)
MEASURES = ("adherence", "right", "psnr", "ssim", "delta_e", "colorfulness", "lpips")
CARD = """---
{front}---

# {name}

A checkpoint for language-based image colorization: lightness in, chroma out, steered by a description. {note}

- Parent: {parent}
- Trained on: {release}
- Digest of weights and configs: `{digest}`

```
workbench checkpoints add FOLDER --name {name}
```

## Training

{training}

## Evaluations

{evaluations}
{own}"""


def checkpoint_contents(store: Store, session: Session, name: str, *, license_name: str = "") -> Contents:
    """The files of a checkpoint, with a card and `checkpoint.json`; what its folder says of itself in README.md stands in the card.

    Raises NotFoundError for an unknown name, MissingPartError where its folder is not on this machine.
    """
    row = checkpoints.named(session, name)
    folder = checkpoints.mini_folder() if row.location == checkpoints.MINI_LOCATION else Path(row.location)
    if not folder.is_dir():
        raise MissingPartError(f"The checkpoint {row.name} lies at {row.location}, which is no folder of this machine; push it from there.")
    made = store.settings.home / "cache" / "pushes" / f"checkpoint-{row.digest[:12]}"
    made.mkdir(parents=True, exist_ok=True)
    own = folder / "README.md"
    told = facts(session, row)
    (made / "README.md").write_text(card(told, own.read_text("utf-8") if own.is_file() else "", license_name), "utf-8")
    (made / checkpoints.PROVENANCE).write_text(json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    weights = tuple(file for file in files_under(folder) if file.name not in ("README.md", checkpoints.PROVENANCE))
    described = tuple(SentFile(one, made / one, (made / one).stat().st_size) for one in ("README.md", checkpoints.PROVENANCE))
    return Contents("model", row.name, row.digest[:12], row.digest, checkpoints.PROVENANCE, (*weights, *described))


def facts(session: Session, row: Checkpoint) -> dict[str, Any]:
    """What the store knows of a checkpoint, as JSON: where it is from, its training, and how it did."""
    parent = session.get(Checkpoint, row.parent_id) if row.parent_id else None
    release = session.get(Release, row.release_id) if row.release_id else None
    found = select(Evaluation, Release).join(Release, Release.id == Evaluation.release_id)
    measured = session.execute(found.where(Evaluation.checkpoint_id == row.id).order_by(Evaluation.id)).all()
    return {
        "name": row.name,
        "digest": row.digest,
        "note": row.note,
        "parent": parent and {"name": parent.name, "digest": parent.digest},
        "release": release and {"name": release.name, "version": release.version, "manifest_hash": release.manifest_hash},
        "training": row.facts,
        "evaluations": [
            {"release": f"{on.name} {on.version}", "split": one.split.value, "settings": one.settings, "metrics": _numbers(one.metrics)}
            for one, on in measured
        ],
    }


def _numbers(metrics: dict[str, Any]) -> dict[str, float]:
    return {name: metrics[name] for name in MEASURES if isinstance(metrics.get(name), int | float)}


def card(told: dict[str, Any], own: str = "", license_name: str = "") -> str:
    """The card of a checkpoint, with the front matter that hubs read; `own` is what its folder said of itself."""
    license_name = license_name or str(told["training"].get("license") or "")
    front: dict[str, Any] = {"license": license_name} if license_name else {}
    front |= {"library_name": "lcad-workbench", "pipeline_tag": "image-to-image"}
    front["tags"] = ["colorization", "language-based-colorization", "diffusion"]
    release, parent = told["release"], told["parent"]
    scalars = {name: value for name, value in told["training"].items() if isinstance(value, str | int | float)}
    return CARD.format(
        front=yaml.safe_dump(front, sort_keys=False, allow_unicode=True),
        name=told["name"],
        note=told["note"],
        parent=f"{parent['name']} (`{parent['digest'][:12]}`)" if parent else "none that this store knows",
        release=f"{release['name']} {release['version']}, manifest `{release['manifest_hash']}`" if release else "no release of this store",
        digest=told["digest"],
        training="\n".join(f"- {name.replace('_', ' ')}: {value}" for name, value in scalars.items()) or "Not known to this store.",
        evaluations=_evaluations(told["evaluations"]) or "None.",
        own=f"\n## In its own words\n\n{FRONT.sub('', own)}" if own else "",
    )


def _evaluations(rows: list[dict[str, Any]]) -> str:
    names = [name for name in MEASURES if any(name in row["metrics"] for row in rows)]
    if not names:
        return ""
    lines = [f"| release | split | {' | '.join(names)} |", "|" + "---|" * (len(names) + 2)]
    for row in rows:
        numbers = (f"{row['metrics'][name]:.4g}" if name in row["metrics"] else "" for name in names)
        alone = ", captions alone" if row["settings"].get(evaluations.CAPTIONS_ALONE) else ""
        lines.append(f"| {row['release']} | {row['split']}{alone} | {' | '.join(numbers)} |")
    return "\n".join(lines)
