"""Releases and checkpoints on hubs, object stores and in folders: sent once, gone on with, told in sentences, and brought back."""

import json
import uuid

import pytest
import yaml
from fsspec.core import url_to_fs

from tests.stores import reading
from workbench import hub, importing
from workbench.colorizations.checkpoints import folder_digest
from workbench.errors import ConflictError, InvalidInputError, MissingPartError, NotAllowedError, NotFoundError, UnreadableFileError
from workbench.hub import hugging_face

pytestmark = pytest.mark.slow


@pytest.fixture
def contents(released):
    """The files of the release."""
    with released.reading() as session:
        return hub.release_contents(released, session, "set", "1.0.0")


@pytest.fixture(params=["memory", "s3"])
def bucket(request):
    """A folder of an object store: in memory, and on a server that speaks S3."""
    return hub.place_of(request.getfixturevalue("s3_url") if request.param == "s3" else f"memory://{uuid.uuid4().hex}")


def test_addresses_mean_a_repository_or_a_folder(tmp_path):
    assert hub.place_of("hf://ada/kitchen@1.0.0") == hub.HubPlace("ada/kitchen", "1.0.0")
    assert hub.place_of("hf://datasets/ada/kitchen") == hub.HubPlace("ada/kitchen")
    assert hub.place_of("s3://bucket/sets") == hub.StorePlace("s3://bucket/sets")
    assert hub.place_of(str(tmp_path / "out")) == hub.StorePlace(str(tmp_path / "out"))
    with pytest.raises(InvalidInputError, match="hf://OWNER/NAME"):
        hub.place_of("hf://kitchen")


def test_a_release_goes_to_a_repository_with_card_croissant_and_its_version_as_tag(contents, fake_hub):
    place = hub.place_of("hf://ada/kitchen")
    assert len(hub.unsent(place, contents)) == len(contents.files)
    sent = hub.push(place, contents)
    repository = fake_hub.repositories["dataset", "ada/kitchen"]
    assert (sent.address, sent.sent, sent.size) == ("hf://ada/kitchen@1.0.0", len(contents.files), contents.size)
    assert repository.private
    assert set(repository.tags["1.0.0"]) == {file.name for file in contents.files} | {".gitattributes"}
    assert json.loads(repository.files["release.json"])["manifest_hash"] == contents.identity
    assert yaml.safe_load(repository.files["README.md"].split(b"---")[1])["pretty_name"] == "set 1.0.0"
    assert b"croissant" in repository.files["croissant.json"]
    again = hub.push(place, contents)
    assert (again.sent, again.present) == (0, len(contents.files))
    assert len(repository.commits) == 1


def test_a_push_that_was_cut_short_goes_on_where_it_stood(contents, fake_hub, monkeypatch):
    monkeypatch.setattr(hugging_face, "COMMIT_FILES", 5)
    fake_hub.fail_after = 2
    place = hub.place_of("hf://ada/cut")
    with pytest.raises(MissingPartError, match="the same command goes on"):
        hub.push(place, contents)
    repository = fake_hub.repositories["dataset", "ada/cut"]
    assert len(repository.files) == 1 + 2 * 5
    assert not repository.tags
    fake_hub.fail_after = None
    sent = hub.push(place, contents)
    assert (sent.sent, sent.present) == (len(contents.files) - 10, 10)
    assert set(repository.tags) == {"1.0.0"}


def test_a_later_version_takes_the_place_of_an_earlier_one_and_the_earlier_tag_stays(contents, fake_hub):
    place = hub.place_of("hf://ada/grown")
    hub.push(place, contents)
    repository = fake_hub.repositories["dataset", "ada/grown"]
    later = hub.Contents("dataset", "set", "1.1.0", "f" * 64, "release.json", contents.files[3:])
    hub.push(place, later)
    gone = {file.name for file in contents.files[:3]}
    assert not gone & set(repository.files)
    assert gone < set(repository.tags["1.0.0"])
    with pytest.raises(ConflictError, match="another one was pushed"):
        hub.push(place, contents)


def test_a_hub_that_wants_a_token_or_cannot_be_reached_is_told_in_a_sentence(contents, fake_hub, monkeypatch):
    with pytest.raises(NotFoundError, match="There is no hf://ada/none"):
        hub.listed(hub.place_of("hf://ada/none"))
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    with pytest.raises(NotAllowedError, match="hf auth login"):
        hub.push(hub.place_of("hf://ada/closed"), contents)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(MissingPartError, match="or go by a folder"):
        hub.unsent(hub.place_of("hf://ada/kitchen"), contents)
    with pytest.raises(MissingPartError, match="cannot be reached: Connection refused"), hugging_face.reaching(hub.HubPlace("ada/kitchen")):
        raise OSError("Connection refused")


def test_what_was_pushed_comes_back_whole_and_a_changed_byte_is_named(released, contents, fake_hub):
    place = hub.place_of("hf://ada/back")
    hub.push(place, contents)
    pinned = hub.place_of("hf://ada/back@1.0.0")
    assert hub.listed(pinned) == {file.name: file.size for file in contents.files}
    folder = hub.fetch(released.settings, pinned)
    for file in contents.files:
        assert (folder / file.name).read_bytes() == file.path.read_bytes()
    repository = fake_hub.repositories["dataset", "ada/back"]
    name = contents.files[0].name
    repository.files[name] = repository.files[name][:-1] + b"?"
    with pytest.raises(UnreadableFileError, match="the file's bytes were changed"):
        hub.fetch(released.settings, place)


def test_what_comes_back_is_read_as_pictures_with_captions_and_masks(released, contents, fake_hub):
    hub.push(hub.place_of("hf://ada/read"), contents)
    items = list(importing.scan([hub.fetch(released.settings, hub.place_of("hf://ada/read"))]))
    assert [item.name for item in items if item.name.startswith(".")] == []
    assert sum(len(item.captions) for item in items) == 12
    assert sum(bool(item.regions) for item in items) > 5
    assert not [item.name for item in items if not item.read()]


def test_an_object_store_gets_a_folder_for_each_version_once(contents, bucket):
    sent = hub.push(bucket, contents)
    assert sent.address == f"{bucket}/set/1.0.0"
    filesystem, root = url_to_fs(sent.address)
    assert {name.removeprefix(f"{root}/") for name in filesystem.find(root)} == {file.name for file in contents.files}
    filesystem.rm_file(f"{root}/{contents.files[0].name}")
    again = hub.push(bucket, contents)
    assert (again.sent, again.present) == (1, len(contents.files) - 1)
    assert hub.unsent(bucket, contents) == []
    with pytest.raises(ConflictError, match="taken by something else"):
        hub.push(bucket, hub.Contents("dataset", "set", "1.0.0", "0" * 64, "release.json", contents.files))


def test_a_place_that_takes_no_files_is_told_in_a_sentence(contents, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MissingPartError, match="cannot be reached"):
        hub.push(hub.place_of(str(tmp_path / "file")), contents)
    with pytest.raises(MissingPartError, match="cannot be opened here"):
        hub.push(hub.place_of("nothing://there"), contents)


def test_a_checkpoint_goes_with_its_card(released, fake_hub, tmp_path):
    with released.writing() as session:
        contents = hub.checkpoint_contents(released, session, "mini", license_name="apache-2.0")
    assert {file.name for file in contents.files} >= {"README.md", "checkpoint.json", "lcad.json"}
    place = hub.place_of(str(tmp_path / "out"))
    sent = hub.push(place, contents)
    folder = tmp_path / "out" / "mini" / contents.version
    assert sent.address == str(folder)
    card = (folder / "README.md").read_text()
    assert yaml.safe_load(card.split("---")[1]) | {"tags": []} == {
        "license": "apache-2.0", "library_name": "lcad-workbench", "pipeline_tag": "image-to-image", "tags": [],
    }  # fmt: skip
    assert "# lcad-mini" in card
    assert folder_digest(folder) == json.loads((folder / "checkpoint.json").read_text())["digest"]


def test_a_checkpoint_of_a_hub_is_entered_under_a_name(workbench, released, fake_hub, tmp_path):
    pushed = workbench("checkpoints", "push", "mini", "--to", "hf://ada/mini", "--public", "--home", released.settings.home)
    assert "is at hf://ada/mini@" in pushed.output
    assert not fake_hub.repositories["model", "ada/mini"].private
    added = workbench("checkpoints", "add", "hf://ada/mini", "--name", "theirs", "--home", tmp_path / "new", "--json").json
    assert added["location"] == str(tmp_path / "new/checkpoints/theirs")
    assert added["facts"]["from"] == "hf://ada/mini"
    assert workbench("checkpoints", "add", "hf://ada/none", "--name", "none", "--home", tmp_path / "new").status == 1


def test_commands_push_and_import_a_release_and_say_what_they_would_do(workbench, released, fake_hub, tmp_path):
    home = released.settings.home
    told = workbench("releases", "push", "set", "1.0.0", "--to", "hf://ada/set", "--dry-run", "--home", home)
    assert "would be sent to hf://ada/set." in told.output
    assert not fake_hub.repositories
    assert "is at hf://ada/set@1.0.0" in workbench("releases", "push", "set", "1.0.0", "--to", "hf://ada/set", "--home", home).output
    listed = workbench("import", "hf://ada/set@1.0.0", "--dry-run", "--json", "--home", tmp_path / "new").json
    assert listed["bytes"] == sum(listed["files"].values()) > 0
    asked = workbench("import", "hf://ada/set@1.0.0", "--home", tmp_path / "new", "--json").json
    assert asked["parameters"]["paths"] == [str(tmp_path / "new/cache/hub/ada--set@1.0.0")]
    with reading(tmp_path / "new") as session:
        assert session is not None
    refused = workbench("import", "hf://ada/none", "--home", tmp_path / "new")
    assert (refused.status, "There is no hf://ada/none" in refused.messages) == (1, True)
