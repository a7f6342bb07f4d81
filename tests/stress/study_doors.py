"""The doors of studies for hostile inputs: what a rater's page sends, files of votes, manifests of outside systems, words, notes."""

import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import now
from db.models import Colorization, Image, Invitation, Study
from db.session import Engines, transaction
from tests.pictures import png
from tests.stress.mutations import json_like, text_like
from workbench import studies
from workbench.analysis.vote_layouts import analyze_file
from workbench.rating import questionnaire, rater_session
from workbench.rating.visit import Visit
from workbench.reports.report_notes import read_notes
from workbench.store import MediaStore
from workbench.studies import external_systems, rater_words
from workbench.studies.design import ExternalSystem

METHODS: dict[str, tuple[Any, dict[str, Any]]] = {
    "pair": (0, {"further": [{"name": "taste", "question": "Which do you like better?"}]}),
    "ranking": ([1, 2], {}),
    "category": ([{"natural": 3}], {"scales": [{"name": "natural"}]}),
}
"""By method a good choice, and the rules besides."""
RULES = {
    "display": "off", "color_vision": "off", "training": 0, "gold": False, "trap": False, "comment": True,
    "questionnaire": {"after": ["age_group", {"name": "years", "question": "Years?", "kind": "number"}]},
}  # fmt: skip
VIEWING = {"width": 400.5, "height": 300, "pixel_ratio": 2, "away": 1, "away_seconds": 0.5, "load_seconds": 0.2, "hidden": False}
ANSWERS = {"age_group": "25–34", "years": 7}
FILES = (
    "rater,image,system_a,system_b,winner,seconds\nada,a.png,one,two,one,2.5\nbo,a.png,two,one,tie,\ncy,b.png,one,two,two,1\n",
    "rater;image;shown;choice\nada;a.png;one|two|three;one\nbo;b.png;two|three|one;three\n",
    "participant,item,method,score,scale\nada,a.png,one,4,natural\nbo,a.png,two,3,natural\nbo,b.png,one,5,natural\n",
    "rater,image,ranking\nada,a.png,one > two > three\nbo,a.png,three > one > two\n",
    "method,detects,rater,counted,exclusion,trial,kind,image,systems,shown,question,choice,right,seconds,server_seconds,simulated\n"
    "pair,false,ada,true,,0,regular,abc,one|two,two|one,,one,,2.0,2.5,false\npair,false,bo,true,,0,regular,abc,one|two,,,tie,,,,true\n",
)
MANIFEST = "image,file,caption\nphoto-0.png,a.png,\nphoto-1.png,a.png,a cup\n"
NOTES = "recruitment: by mail\npay: 9 pounds an hour\nviewing: at home\npreregistration: https://example.org/plan\n"


class StudyDoors:
    """Studies of three methods in a store that has colorizations, each with a rater who has come to the trials."""

    def __init__(self, engines: Engines, media: MediaStore, folder: Path):
        self.engines, self.media, self.folder = engines, media, folder
        (folder / "outside").mkdir()
        (folder / "outside" / "a.png").write_bytes(png(5))
        with transaction(engines.writer) as session:
            made = list(session.scalars(select(Colorization.id)))
            self.study_ids = {method: self._study(session, method, made) for method in METHODS}

    def all(self) -> dict[str, Callable[[random.Random], object]]:
        """The doors by their names."""
        return {
            "rater's answers": self._answer,
            "questionnaires": self._questionnaire,
            "files of votes": self._file_of_votes,
            "manifests": self._manifest,
            "words": self._words,
            "notes": lambda chance: read_notes(text_like(chance, NOTES), "notes.yaml"),
        }

    def _study(self, session: Session, method: str, made: list[int]) -> int:
        design = RULES | METHODS[method][1]
        study = studies.create(session, name=method, question="Which?", method=method, votes_per_trial=1000, design=design)
        (studies.add_pairs if method == "pair" else studies.add_sets)(session, study, made, between=["checkpoint"])
        return studies.open_study(session, study.id, actor="fuzz").id

    def _visit(self, session: Session, method: str) -> Visit:
        """A fresh rater of a study, who has agreed."""
        study_id = self.study_ids[method]
        [(rater, _)] = studies.invite(session, study_id, 1)
        own = select(Invitation).where(Invitation.study_id == study_id, Invitation.rater_id == rater.id)
        invitation = session.scalars(own).one()
        invitation.consented_at = now()
        return Visit(session, self.media, invitation, session.get_one(Study, study_id))

    def _answer(self, chance: random.Random) -> None:
        method = chance.choice(tuple(METHODS))
        choice, rules = METHODS[method]
        further = {"taste": 1} if "further" in rules else {}
        with transaction(self.engines.writer) as session:
            visit = self._visit(session, method)
            name = rater_session.next_step(visit)["trial"]["name"]
            body = {"trial": name, "choice": choice, "further": further, "seconds": 2.0, "viewing": VIEWING, "comment": "fine"}
            given = json.loads(json.dumps(json_like(chance, body)))
            told = rater_session.vote(visit, given if isinstance(given, dict) else {})
            json.dumps(told)

    def _questionnaire(self, chance: random.Random) -> None:
        with transaction(self.engines.writer) as session:
            visit = self._visit(session, "pair")
            questionnaire.keep(visit, "after" if chance.random() < 0.9 else json_like(chance, "after"), json_like(chance, ANSWERS))

    def _file_of_votes(self, chance: random.Random) -> None:
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".csv") as file:
            encoding = chance.choice(("utf-8", "utf-8-sig", "utf-16"))
            file.write(text_like(chance, chance.choice(FILES)).encode(encoding, "surrogatepass"))
            file.flush()
            json.dumps(analyze_file(Path(file.name)).as_json())

    def _manifest(self, chance: random.Random) -> None:
        path = self.folder / "outside" / "manifest.csv"
        path.write_bytes(text_like(chance, MANIFEST).encode("utf-8", "surrogatepass"))
        with transaction(self.engines.reader) as session:
            images = {image.id: image for image in session.scalars(select(Image))}
            external_systems.match(ExternalSystem(name="peer", manifest="manifest.csv"), images, path.parent)

    def _words(self, chance: random.Random) -> None:
        words = yaml.safe_load(rater_words.file_of("en"))
        changed = words | {"words": json_like(chance, words["words"])} if chance.random() < 0.7 else json_like(chance, words)
        rater_words.read_file(yaml.safe_dump(changed, allow_unicode=True), "own.yaml")
