"""From a study to a checkpoint by commands alone: voted, reviewed, released, exported, retrained, evaluated."""

import pytest

from workbench.rating import next_trial
from workbench.rating.ratings import rate


@pytest.fixture
def home(store):
    """Options that name the store's home."""
    return ("--home", store.settings.home)


STUDY = """
name: seeds
question: Which is better?
method: pair
votes_per_trial: 2
stimuli: {between: [seed]}
"""
RULES = """
name: by hand
simulated_votes: true
rules:
  - {verdict: accept, when: {adherence: ">= 0"}}
"""


@pytest.mark.model
@pytest.mark.slow
def test_a_study_a_review_and_a_release_from_files(workbench, home, store, library, tiny, carry_out, tmp_path):
    library(4)
    carry_out("colorize_images", checkpoint=tiny, levels=["complete"], seeds=[0, 1])
    (tmp_path / "study.yaml").write_text(STUDY)
    created = workbench("studies", "create", tmp_path / "study.yaml", "--json", *home).json
    assert created == {
        "name": "seeds", "method": "pair", "status": "draft", "trials": 4, "training": 2, "gold": 1, "trap": 1,
    }  # fmt: skip
    assert workbench("studies", "create", tmp_path / "study.yaml", *home).status == 1
    invited = workbench("studies", "invite", "seeds", "--raters", 1, "--json", *home).json
    assert len(invited[0]["token"]) > 20
    assert "seeds is open" in workbench("studies", "open", "seeds", *home).output
    _answer(store)
    assert workbench("studies", "progress", "seeds", "--json", *home).json["votes"] == 4
    results = workbench("studies", "results", "seeds", "--json", *home).json
    assert {"systems", "pairs", "alpha", "raters", "votes", "simulated"} <= results.keys()
    assert results["votes"] == 4
    assert "4 votes, 0 of them simulated" in workbench("studies", "results", "seeds", *home).output
    exported = tmp_path / "votes.csv"
    workbench("ratings", "export", "seeds", "--out", exported, *home)
    assert exported.read_text().splitlines()[0] == "rater,trial,choice,seconds,shown_at,simulated"
    assert workbench("ratings", "import", "seeds", exported, "--json", *home).json == {"added": 0, "present": 4, "refused": []}
    [rater] = workbench("studies", "raters", "seeds", "--json", *home).json
    assert (rater["answers"], rater["finished"]) == (8, True)
    assert "method: pair" in workbench("studies", "show", "seeds", *home).output
    assert workbench("studies", "close", "seeds", "--json", *home).json["status"] == "closed"
    (tmp_path / "rules.yaml").write_text(RULES)
    preview = workbench("review", "apply", tmp_path / "rules.yaml", "--preview", "--json", *home).json
    assert [decision["verdict"] for decision in preview] == ["accept"] * 8
    done = workbench("review", "apply", tmp_path / "rules.yaml", "--json", *home).json
    assert done[0]["batch_id"]
    release = workbench("releases", "create", "first", "--json", *home).json
    assert release["items"] == 12
    assert workbench("releases", "create", "first", "--json", *home).json["version"] == release["version"]
    version = release["version"]
    assert workbench("releases", "verify", "first", version, "--json", *home).json["sound"] is True
    assert workbench("releases", "diff", "first", version, version, *home).status == 0
    assert "first" in workbench("releases", "list", *home).output
    folder = tmp_path / "exported"
    run = workbench("releases", "export", "first", version, "--out", folder, "--json", *home).json
    assert (run["job"], run["parameters"]["folder"]) == ("export_release", str(folder))
    retrain = workbench("retrain", "first", version, "--base", "tiny", "--steps", 3, "--json", *home).json
    assert retrain["parameters"]["release_id"] == 1
    evaluate = workbench("evaluate", "tiny", "--release", "first", version, "--json", *home).json
    assert (evaluate["parameters"]["split"], evaluate["parameters"]["captions_alone"]) == ("test", False)
    alone = workbench("evaluate", "tiny", "--release", "first", version, "--captions-alone", "--json", *home).json
    assert alone["parameters"]["captions_alone"] is True
    assert alone["id"] != evaluate["id"]


def _answer(store) -> None:
    """Let the one rater of the one study prefer the left picture throughout."""
    with store.writing() as session:
        while trial := next_trial(session, 1, 1):
            rate(session, trial.trial_id, 1, trial.stimuli[0].id, seconds=2.0)
