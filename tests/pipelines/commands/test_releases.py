"""Releases and rules on the command line, as somebody new to them would walk."""

import pytest

from tests.stores import colorize, insert_checkpoint
from workbench import images

pytestmark = pytest.mark.slow


@pytest.fixture
def home(store):
    return ("--home", store.settings.home)


@pytest.fixture
def made(workbench, home, library):
    """The store with a first release of it."""
    library(4)
    assert workbench("releases", "create", "set", *home).output == "set 1.0.0: 12 items of 4 images.\n"
    return home


@pytest.mark.slow
def test_a_release_says_what_is_in_it_and_that_nothing_changed(workbench, made):
    assert "already; nothing new was frozen" in workbench("releases", "create", "set", *made).output
    shown = workbench("releases", "show", "set", *made)
    assert shown.status == 0
    assert "set 1.0.0, frozen by" in shown.output
    assert "Leak gate, pairs: 0" in shown.output
    assert "Leak gate, foreign: none" in shown.output
    assert "Color targets: 12 × reference" in shown.output
    assert "Lineage, sources: test 4" in shown.output
    facts = workbench("releases", "show", "set", "1.0.0", "--json", *made).json
    assert {"by_split", "excluded", "rules", "gate", "lineage", "changes", "manifest_hash"} <= facts.keys()
    assert "no release set 3.0.0; there are: set 1.0.0" in workbench("releases", "show", "set", "3.0.0", *made).messages


@pytest.mark.slow
def test_a_benchmark_is_hashed_handed_on_and_kept_out(workbench, made, store, tmp_path):
    folder = tmp_path / "benchmark"
    folder.mkdir()
    with store.reading() as session:
        (folder / "7.png").write_bytes(store.media.read(images.get(session, 2).upright_key))
    hashes = tmp_path / "hashes.jsonl"
    assert "1 images in" in workbench("releases", "hashes", folder, "--out", hashes).messages
    assert workbench("releases", "hashes", folder).output == hashes.read_text()
    assert '"landmarks": ' in workbench("releases", "hashes", folder, "--crops").output
    assert workbench("releases", "hashes", folder, "--out", hashes).status == 1
    created = workbench("releases", "create", "set", "--foreign", hashes, *made)
    assert created.output == "set 2.0.0: 9 items of 3 images; since 1.0.0 0 added, 3 removed, 0 moved, 0 changed.\n"
    assert "it is 7.png of the foreign images hashes" in workbench("releases", "show", "set", *made).output
    compared = workbench("releases", "diff", "set", "1.0.0", "2.0.0", *made).output
    assert "removed: 3" in compared
    assert "1.png (" in compared
    assert len(workbench("releases", "diff", "set", "1.0.0", "2.0.0", "--json", *made).json["removed"]) == 3


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ("foreign: [nowhere]", "There is no folder or file nowhere"),
        ("target: best", "line 1, `target`: this is one of reference_first, reference, colorization; got 'best'"),
        ("taste: good", 'line 1, `taste`: A set of release rules has no part "taste"; it has query, levels'),
        ("levels: complete", "line 1, `levels`: a list belongs here; got 'complete'"),
        ("shares: {train: 0.5, validation: 0.1, test: 0.1}", "add up to 1"),
        ("min_votes: many", "line 1, `min_votes`: a whole number, 0 or more, belongs here"),
        ("- a list", "holds no mapping"),
        ("query: 'level:vague'", "level"),
    ],
)
@pytest.mark.slow
def test_rules_that_cannot_be_used_are_one_sentence(workbench, made, tmp_path, rules, sentence):
    (tmp_path / "rules.yaml").write_text(rules)
    refused = workbench("releases", "create", "other", "--rules", tmp_path / "rules.yaml", *made)
    assert refused.status == 1
    assert sentence in refused.messages
    assert "Traceback" not in refused.messages


@pytest.mark.slow
def test_verify_names_what_was_changed_and_leaves_with_1(workbench, made, store):
    assert workbench("releases", "verify", "set", "1.0.0", *made).output == "set 1.0.0 is sound.\n"
    with store.reading() as session:
        key = images.get(session, 1).upright_key
    path = store.media.path(key)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    verified = workbench("releases", "verify", "set", "1.0.0", *made)
    assert (verified.status, verified.output) == (1, "")
    assert verified.messages == f"{key}: the file's bytes are no longer those of its name\n"


@pytest.mark.slow
def test_a_large_release_is_verified_by_a_run(carry_out, made, store):
    run = carry_out("verify_release", release_id=1)
    assert (run.status, run.done, run.summary) == ("done", 12, {"problems": 0, "sound": True})
    with store.reading() as session:
        path = store.media.path(images.get(session, 1).upright_key)
    path.unlink()
    run = carry_out("verify_release", release_id=1)
    assert (run.failed, run.summary) == (1, {"problems": 1, "sound": False})


def test_the_batches_of_rules_are_listed_with_what_became_of_them(workbench, home, store, library, tmp_path):
    library(1)
    (tmp_path / "rules.yaml").write_text("name: all\nrules: [{verdict: accept, when: {seed: '>= 0'}}]")
    assert workbench("review", "apply", tmp_path / "rules.yaml", *home).status == 0
    assert workbench("review", "batches", "--json", *home).json == []
    with store.writing() as session:
        colored(session, store)
    batch = workbench("review", "apply", tmp_path / "rules.yaml", "--json", *home).json[0]["batch_id"]
    [listed] = workbench("review", "batches", "--json", *home).json
    assert (listed["batch_id"], listed["name"], listed["verdicts"], listed["standing"]) == (batch, "all", {"accept": 3}, True)
    assert workbench("review", "undo", batch, *home).status == 0
    assert "undone" in workbench("review", "batches", *home).output


def colored(session, store):
    """Three colorizations, one for each caption."""
    assert len(colorize(session, store.media, insert_checkpoint(session))) == 3
