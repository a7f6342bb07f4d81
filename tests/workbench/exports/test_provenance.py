"""The dataset card and the Croissant metadata tell what the store knew when the release was frozen."""

import json

import pytest
import yaml
from sqlalchemy import select

from db.models import Stimulus, Trial
from tests.stores import colorize, create_release, insert_caption, insert_checkpoint, insert_image, release_of_twelve
from workbench import exports, releases, reviews, studies
from workbench.errors import InvalidInputError
from workbench.rating import votes_csv

pytestmark = pytest.mark.slow


@pytest.mark.slow
def test_the_card_and_the_metadata_tell_the_story_of_the_release(session, media, tmp_path):
    release = release_of_twelve(session, media)
    study = studies.create(session, name="fit", question="Which fits?", method="pair", votes_per_trial=2)
    exports.write(session, media, release.id, "imagefolder", tmp_path / "before")
    told = json.loads((tmp_path / "before" / "croissant.json").read_text())
    assert told["conformsTo"] == ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
    assert told["license"] == ["https://creativecommons.org/publicdomain/zero/1.0/", "not stated"]
    assert told["rai:dataCollectionRawData"] == "Source pictures by where they were imported from: 10 test."
    assert "12 human" in told["rai:dataCollection"]
    assert told["rai:dataLimitations"][0] == "The license of 1 pictures is not stated."
    assert told["rai:hasSyntheticData"] is True  # two color targets are a model's
    assert "2 color targets in train are colorizations by 2 one, accepted by 1 reviewers" in told["rai:dataManipulationProtocol"]
    assert "pinned" not in told["rai:dataManipulationProtocol"]
    assert told["rai:annotationsPerItem"] == "1.20 descriptions an image"
    assert len(told["rai:dataCollectionTimeframe"]) == 2
    assert study.id  # a study without votes on the release's images has no part in it
    assert "There were none." in (tmp_path / "before" / "README.md").read_text()


def test_colors_that_a_person_pinned_are_told(session, media, tmp_path):
    image = insert_image(session, media, 1, gray=True)
    insert_caption(session, image)
    pinned = {"steps": None, "guidance": None, "instances": True, "pins": [{"thing": "cup", "color": "burgundy"}]}
    for row in colorize(session, media, insert_checkpoint(session), settings=pinned):
        reviews.review(session, row.id, "accept", reviewer="ada")
    release = create_release(session, media)
    exports.write(session, media, release.id, "imagefolder", tmp_path / "out")
    told = json.loads((tmp_path / "out" / "croissant.json").read_text())["rai:dataManipulationProtocol"]
    assert "1 color targets in train are colorizations by 1 one; 1 of them have colors that a person pinned, or a palette, accepted" in told


def test_raters_and_their_agreement_are_told_as_they_were_when_it_was_frozen(session, media, tmp_path):
    image = insert_image(session, media, 1)
    insert_caption(session, image)
    colored = [row.id for row in colorize(session, media, insert_checkpoint(session), seeds=(0, 1, 2))]
    study = studies.create(session, name="fit", question="Which fits?", method="pair", votes_per_trial=2)
    studies.add_pairs(session, study.id, colored, between=["seed"])
    studies.open_study(session, study.id, actor="ada")
    rows = [
        {"rater": f"r{rater}", "trial": str(trial), "choice": system, "simulated": str(rater == 2).lower()}
        for rater in range(3)
        for trial, system in enumerate(systems_first(session))
    ]
    assert votes_csv.import_rows(session, study.id, rows, actor="ada").added == 9
    release = releases.create(session, media, name="set", author="ada")
    late = {"rater": "late", "trial": "0", "choice": "tie"}
    assert votes_csv.import_rows(session, study.id, [late], actor="ada").added == 1
    exports.write(session, media, release.id, "coco", tmp_path / "out")
    told = json.loads((tmp_path / "out" / "croissant.json").read_text())
    assert told["rai:dataAnnotationAnalysis"] == ["fit: Krippendorff's alpha 1.000"]
    sentence = '"Which fits?" (fit: pair, 9 votes of 2 raters and 1 simulated ones).'
    assert sentence in told["rai:dataAnnotationProtocol"]
    assert f"- {sentence} Krippendorff's alpha 1.000." in (tmp_path / "out" / "README.md").read_text()
    assert "Some votes come from simulated raters; they say nothing about people." in told["rai:dataLimitations"]


def systems_first(session):
    """The first stimulus's system of each trial, in the order of the trials."""
    first = select(Stimulus.system).join(Trial, Trial.id == Stimulus.trial_id).where(Stimulus.position == 0)
    return session.scalars(first.order_by(Trial.position)).all()


REQUIRED = ("dataLimitations", "dataBiases", "personalSensitiveInformation", "dataUseCases", "dataSocialImpact", "hasSyntheticData")
"""What NeurIPS asks for of `rai:`; the other two of its eight are `prov:wasDerivedFrom` and `prov:wasGeneratedBy`."""


def test_every_field_that_neurips_asks_for_is_there_and_says_what_the_curator_stated(session, media, tmp_path):
    for number in range(3):
        insert_caption(session, insert_image(session, media, number, license_name="CC BY 4.0"))
    statements = {"biases": "Kitchens only.", "personal_information": "Faces were looked for; none were found.", "sources": "Our kitchen."}
    release = releases.create(session, media, name="set", author="ada", statements=statements)
    exports.write(session, media, release.id, "parquet", tmp_path / "out")
    told = json.loads((tmp_path / "out" / "croissant.json").read_text())
    assert all(f"rai:{name}" in told for name in REQUIRED)
    assert told["prov:wasGeneratedBy"]
    assert [entity["prov:label"] for entity in told["prov:wasDerivedFrom"]] == ["Our kitchen.", "test"]
    assert told["rai:hasSyntheticData"] is False
    assert told["rai:dataBiases"][0] == "Kitchens only."
    assert told["rai:personalSensitiveInformation"][0] == "Faces were looked for; none were found."
    _, front, text = (tmp_path / "out" / "README.md").read_text().split("---\n", 2)
    assert yaml.safe_load(front) == {
        "pretty_name": "set 1.0.0", "license": "cc-by-4.0", "task_categories": ["image-to-image", "text-to-image"], "language": ["en"],
        "size_categories": ["n<1K"], "tags": ["colorization", "language-based-colorization", "image-captioning", "croissant"],
        "configs": [{"config_name": "default", "data_files": [
            {"split": split, "path": f"data/{split}-*.parquet"} for split in ("train", "validation", "test")]}],
    }  # fmt: skip
    assert "## Biases\n\nKitchens only." in text


def test_a_statement_that_no_card_has_is_refused(session, media):
    with pytest.raises(InvalidInputError, match="limitations"):
        releases.create(session, media, name="set", author="ada", statements={"limits": "none"})
