"""Everything that changes very many rows, on a store of any size: what `lock_waits --items` watches over."""

import shutil
from pathlib import Path

from sqlalchemy import func, select

from db.copies import copy_database
from db.models import Event, Image
from tests.benchmarks import large_release
from tests.stress.lock_waits import carry_out, release, study, tell, watched
from workbench import images, studies
from workbench.open_store import Store, open_store
from workbench.rating import votes_csv
from workbench.releases import leak_gate
from workbench.reviews import apply_in_parts
from workbench.settings import read_settings
from workbench.store import events

RULES = {"name": "by adherence", "rules": [{"verdict": "accept", "when": {"adherence": ">= 0"}}]}
VOTES = 2_000


def watch(folder: Path, items: int) -> dict[str, dict]:
    """What others waited under each job, on a copy of the database of a store of so many items."""
    with large_release.store(folder / "made", items):
        pass
    home = folder / "copied"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    copy_database(folder / "made" / "workbench.sqlite", home / "workbench.sqlite")
    (home / "media").symlink_to(folder / "made" / "media", target_is_directory=True)
    store, told = open_store(read_settings(home)), dict[str, dict]()
    for job in (release, settle, _study, _votes, _rules, _credit, _edit, _undo, _delete):
        job(store, told)
        name = next(reversed(told))
        tell(name, told[name])
    store.close()
    return told


def settle(store: Store, told: dict[str, dict]) -> None:
    """Bind all images to splits, as composing scenes does."""
    with store.reading() as session:
        names = dict(session.execute(select(Image.sha256, Image.has_reference)).all())
    with watched(store, told, "splits"):
        leak_gate.settle(names, reading=store.reading, writing=store.writing)
    told["splits"]["of"] = f"{len(names):,} images"


def _study(store: Store, told: dict[str, dict]) -> None:
    study(store, told, "seed")


def _votes(store: Store, told: dict[str, dict]) -> None:
    """Votes of a rater somewhere else, on the study that was just made."""
    with store.writing() as session:
        row = studies.by_name(session, "s")
        studies.open_study(session, row.id, actor="stress")
        study_id = row.id
    rows = [{"rater": "elsewhere", "trial": str(number), "choice": "tie"} for number in range(VOTES)]
    with watched(store, told, "ratings import"):
        done = votes_csv.import_in_parts(study_id, rows, actor="stress", writing=store.writing)
    told["ratings import"]["of"] = f"{done.added:,} votes"


def _rules(store: Store, told: dict[str, dict]) -> None:
    with watched(store, told, "review apply"):
        given = apply_in_parts(RULES, actor="stress", reading=store.reading, writing=store.writing)
    told["review apply"]["of"] = f"{len(given):,} verdicts"


def _credit(store: Store, told: dict[str, dict]) -> None:
    with store.reading() as session:
        own = dict.fromkeys(images.ids(session, ""), images.Credit(author="somebody"))
    with watched(store, told, "images credit"):
        _, changed = images.credit_in_parts(own, actor="stress", writing=store.writing)
    told["images credit"]["of"] = f"{changed:,} images"


def _edit(store: Store, told: dict[str, dict]) -> None:
    edit = {"kind": "replace", "query": "file:album-000", "pattern": "cup", "replacement": "mug"}
    with watched(store, told, "captions replace"):
        run_id = carry_out(store, "edit_captions", **edit)
    with store.reading() as session:
        changed = session.scalar(select(func.count(Event.id)).where(Event.batch_id == events.batch_of_run(run_id)))
    told["captions replace"]["of"] = f"{changed:,} captions"


def _undo(store: Store, told: dict[str, dict]) -> None:
    """Take the largest batch back: the credits of all images."""
    with store.reading() as session:
        counted = select(Event.batch_id, func.count()).where(Event.batch_id.is_not(None), Event.action == "credit").group_by(Event.batch_id)
        batch, changes = session.execute(counted).one()
    with watched(store, told, "undo of a batch"):
        carry_out(store, "take_back_batch", batch=batch)
    told["undo of a batch"]["of"] = f"{changes:,} changes"


def _delete(store: Store, told: dict[str, dict]) -> None:
    with store.reading() as session:
        shown = set(session.scalars(select(Image.id).where(Image.has_reference).limit(images.MOST_AT_ONCE)))
    with watched(store, told, "images delete"):
        images.remove_in_parts(sorted(shown), actor="stress", reading=store.reading, writing=store.writing)
    told["images delete"]["of"] = f"{len(shown):,} images"
