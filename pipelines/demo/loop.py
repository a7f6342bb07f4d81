"""The whole loop without a browser, on the demo:

import → caption → ground → colorize → rate (simulated raters) → review → release → export → retrain → colorize again → evaluate
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, CaptionStatus, RunItemStatus, RunStatus, StudyStatus
from db.models import Caption, Colorization, Image, Rater, Rating, Region, Review, Run, RunItem, Study
from pipelines.demo import simulated_raters
from pipelines.demo.studios import STUDIO
from workbench import captions, colorizations, releases, runs, studies
from workbench.colorizations import checkpoints
from workbench.errors import WorkbenchError
from workbench.open_store import Store
from workbench.reviews import apply_rules
from workbench.studies import trials

NAME = "demo-loop"
SOURCE = "demo"
RATERS = 3
REVIEW_RULES = {
    "name": NAME,
    "simulated_votes": True,
    "rules": [
        {"verdict": "reject", "when": {"adherence": "< 0.25"}, "reason": "the colors are not those of the description"},
        {"verdict": "accept", "when": {"adherence": ">= 0.6"}},
        {"verdict": "accept", "when": {"votes": ">= 1", "win_rate": ">= 0.5"}},
        {"verdict": "fix", "when": {"adherence": ">= 0"}, "reason": "some of the colors are not those of the description"},
    ],
}


@dataclass(frozen=True)
class Plan:
    """How far the loop goes: the checkpoint it starts from, training and sampling steps, the size of the demo's scenes in pixels.

    grounder_steps  in which the checkpoint also learns to find the release's phrases by itself
    """

    base: str = "mini"
    training_steps: int = 150
    grounder_steps: int = 80
    learning_rate: float = 1e-4
    stage: str = "denoiser"
    sampling_steps: int | None = None
    size: int = 256
    studios: int = 60
    """How many more scenes are made for the release to teach and to measure; they are not colored in the loop."""
    query: str = f"source:{SOURCE}"
    """Which of the demo's images take part."""

    @property
    def shown(self) -> str:
        """Which of them are colored, rated and reviewed."""
        return f"{self.query} NOT tag:{STUDIO}"


@dataclass
class Loop:
    """One walk around the loop; `follow` waits for a run to end, `say` hears what is being done."""

    store: Store
    follow: Callable[[int], Run]
    say: Callable[[str], None]
    plan: Plan = Plan()

    @property
    def actor(self) -> str:
        """The name under which the loop acts."""
        return f"{self.store.settings.actor} ({NAME})"

    def walk(self) -> dict[str, Any]:
        """Walk the loop once; what an earlier walk has done is not done again. Raises WorkbenchError where a run fails."""
        started, base = time.monotonic(), self.plan.base
        self.carry_out("make_demo", colorize=False, size=self.plan.size, studios=self.plan.studios)
        self.carry_out("import_images", paths=[str(self.inbox())], source="inbox")
        self.carry_out("level_captions", query=f"{self.plan.shown} level:complete")
        self.accept_proposals()
        self.carry_out("ground_phrases", query=self.plan.shown, checkpoint=base)
        self.colorize(base, list(CaptionLevel), [0])
        self.colorize(base, [CaptionLevel.COMPLETE], [1])
        self.rate()
        self.review()
        release_id = self.release()
        export = self.carry_out("export_release", release_id=release_id).summary
        parameters: dict[str, Any] = {"release_id": release_id, "base": base, "stage": self.plan.stage, "steps": self.plan.training_steps}
        parameters |= {"learning_rate": self.plan.learning_rate, "grounder_steps": self.plan.grounder_steps}
        retrained = self.carry_out("retrain_checkpoint", **parameters).summary
        self.colorize(retrained["checkpoint"], list(CaptionLevel), [0])
        self.review()
        both = (base, retrained["checkpoint"])
        evaluations = {name: self.evaluate(name, release_id) for name in both}
        alone = {name: self.evaluate(name, release_id, captions_alone=True) for name in both}
        with self.store.reading() as session:
            outcome = summary(session, release_id, retrained["checkpoint_id"])
        training = {name: retrained[name] for name in ("validation_loss_before", "validation_loss_after", "kept_step")}
        facts = {"exported_files": export["files"], "retrained_checkpoint_name": retrained["checkpoint"], **training}
        measured = {"evaluations": evaluations, "evaluations_by_captions_alone": alone}
        return {**outcome, **facts, **measured, "seconds": round(time.monotonic() - started, 1)}

    def carry_out(self, job: str, **parameters: Any) -> Run:
        """Ask for a run and wait for its end; raises WorkbenchError with its reason where it was not done."""
        self.say(f"{job} …")
        with self.store.writing() as session:
            run_id = runs.create(session, job, parameters, requested_by=self.actor).id
        run = self.follow(run_id)
        if run.status is not RunStatus.DONE:
            raise WorkbenchError(f"The loop stopped at run {run.id}, {job}: {run.message}")
        self.say(f"{job}: {run.message}")
        return run

    def inbox(self):
        """A folder as people have them: a file cut short on the way, and a copy of a picture that is in the store already."""
        demo, folder = self.store.settings.home / "demo" / "images", self.store.settings.home / "inbox"
        folder.mkdir(exist_ok=True)
        picture = min(path for path in demo.iterdir() if path.suffix in (".png", ".jpg"))
        shutil.copyfile(picture, folder / f"copy{picture.suffix}")
        (folder / f"cut-short{picture.suffix}").write_bytes(picture.read_bytes()[: picture.stat().st_size // 3])
        return folder

    def accept_proposals(self) -> None:
        """Accept what was derived from the demo's captions."""
        with self.store.writing() as session:
            of_demo = select(Image.id).where(Image.source == SOURCE)
            proposed = select(Caption.id).where(Caption.status == CaptionStatus.PROPOSED, Caption.image_id.in_(of_demo))
            captions.accept(session, list(session.scalars(proposed)), actor=self.actor)

    def colorize(self, checkpoint: str, levels: list[CaptionLevel], seeds: list[int]) -> None:
        """Color the demo's captions of these levels."""
        names = [level.value for level in levels]
        parameters = {
            "query": self.plan.shown,
            "levels": names,
            "checkpoint": checkpoint,
            "seeds": seeds,
            "steps": self.plan.sampling_steps,
        }
        self.carry_out("colorize_images", **parameters)

    def rate(self) -> None:
        """Let simulated raters compare two seeds of each complete caption; a study that was closed stays closed."""
        with self.store.writing() as session:
            study = session.scalar(select(Study).where(Study.name == NAME)) or self._new_study(session)
            if study.status is StudyStatus.CLOSED:
                return
            if study.status is StudyStatus.DRAFT:
                studies.open_study(session, study.id, actor=self.actor)
            invited = [rater.id for _, rater in studies.invitations(session, study.id)]
            raters = invited or simulated_raters.invite(session, study, RATERS, actor=self.actor)
            votes = sum(self._answer_all(session, study, rater_id) for rater_id in raters)
            studies.close(session, study.id, actor=self.actor)
        self.say(f"rate: {votes} votes of {len(raters)} simulated raters.")

    def _new_study(self, session: Session) -> Study:
        question = "Which picture matches the description better?"
        study = studies.create(session, name=NAME, question=question, method="pair", votes_per_trial=RATERS, author=self.actor)
        base = checkpoints.named(session, self.plan.base)
        trials.add_pairs(session, study, self._colored_complete(session, base.id), between=("seed",), author=self.actor)
        return study

    def _colored_complete(self, session: Session, checkpoint_id: int) -> list[int]:
        statement = select(Colorization.id).join(Caption, Caption.id == Colorization.caption_id)
        return list(session.scalars(statement.where(Caption.level == CaptionLevel.COMPLETE, Colorization.checkpoint_id == checkpoint_id)))

    @staticmethod
    def _answer_all(session: Session, study: Study, rater_id: int) -> int:
        votes = 0
        while simulated_raters.answer_next(session, study, rater_id):
            votes += 1
        return votes

    def review(self) -> None:
        """Turn adherence and votes into verdicts by rules."""
        with self.store.writing() as session:
            decisions = apply_rules(session, {**REVIEW_RULES, "query": self.plan.query}, actor=self.actor, apply=True)
        self.say(f"review: {len(decisions)} verdicts by rules.")

    def release(self) -> int:
        """Freeze the demo, or go on with the release that an earlier walk made."""
        with self.store.writing() as session:
            released = releases.listing(session, name=NAME)
            rules = {"query": self.plan.query, "simulated_votes": True}
            release = released[0] if released else releases.create(session, self.store.media, name=NAME, rules=rules, author=self.actor)
            self.say(f"release: {release.name} {release.version}.")
            return release.id

    def evaluate(self, checkpoint: str, release_id: int, captions_alone: bool = False) -> dict[str, Any]:
        """The metrics of a checkpoint on the release's test split, steered by the release's masks or by captions alone."""
        parameters = {"checkpoint": checkpoint, "release_id": release_id, "steps": self.plan.sampling_steps}
        return self.carry_out("evaluate_checkpoint", **parameters, captions_alone=captions_alone).summary["metrics"]


def summary(session: Session, release_id: int, checkpoint_id: int) -> dict[str, Any]:
    """The store in numbers after a walk; ratings by simulated raters are counted apart as well."""

    def count(table, *conditions) -> int:
        return session.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()

    release, numbers = releases.by_id(session, release_id), releases.summary(session, release_id)
    failed = select(Run.job, RunItem.item, RunItem.reason).join(Run, Run.id == RunItem.run_id).where(RunItem.status == RunItemStatus.FAILED)
    by_simulated = select(func.count(Rating.id)).join(Rater, Rater.id == Rating.rater_id).where(Rater.simulated)
    return {
        "images": count(Image),
        "captions": count(Caption),
        "regions": count(Region),
        "colorizations": colorizations.counts(session)["colorizations"],
        "ratings": count(Rating),
        "simulated_ratings": session.scalar(by_simulated),
        "reviews": count(Review),
        "release": {
            "name": release.name,
            "version": release.version,
            "splits": sum(1 for levels in numbers.by_split.values() if sum(levels.values())),
            **asdict(numbers),
        },
        "retrained_checkpoint": checkpoint_id,
        "colorizations_with_retrained": count(Colorization, Colorization.checkpoint_id == checkpoint_id),
        "runs": count(Run),
        "failed_items": [row._asdict() for row in session.execute(failed.order_by(RunItem.id))],
    }
