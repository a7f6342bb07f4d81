"""The fields of Croissant RAI 1.0, filled with what the store knows; what it does not know is said to be unknown, not left to guess.

Source: http://mlcommons.org/croissant/RAI/1.0, table of properties.
"""

from typing import Any

from db.enums import CaptionLevel, Split
from db.models import Release
from workbench.exports.provenance import Story, StudyStory, distribution
from workbench.releases import Summary

ENGLISH = "Descriptions are in English; color words are those of the eleven basic terms and their names."
HUES = "A description names colors in words, so it tells hues apart and not shades; several colors often fit one description."
IMPACT = "A colorization shows plausible colors, not those that were there; it should be marked where it is shown."
NOT_SCREENED = "Pictures and descriptions were not screened for people or personal information."
AGREEMENT_UNKNOWN = "undefined, since no picture has two votes or all votes are equal"


def rai_fields(release: Release, summary: Summary, story: Story) -> dict[str, Any]:
    """The `rai:` properties of a release's metadata: what the curator states goes before what the store knows.

    Those that NeurIPS asks for (2026, Evaluations and Datasets track) are always there: dataLimitations, dataBiases,
    personalSensitiveInformation, dataUseCases, dataSocialImpact and hasSyntheticData; the other two are properties of PROV.
    """
    said = release.facts.get("statements") or {}
    fields = {
        "dataCollection": " ".join(filter(None, [said.get("collection"), _collection(story)])),
        "dataCollectionType": _collection_types(story),
        "dataCollectionMissingData": _missing(summary),
        "dataCollectionRawData": f"Source pictures by where they were imported from: {distribution(story.sources)}.",
        "dataCollectionTimeframe": [moment.isoformat() for moment in (story.first, story.last) if moment is not None],
        "dataImputationProtocol": "Nothing is imputed: an item without a description or a color target is left out, with its reason.",
        "dataManipulationProtocol": _targets(release, summary, story),
        "dataPreprocessingProtocol": [
            "Pictures are turned upright and brought to 8-bit sRGB; gray pictures hold the CIELAB lightness L* of the source.",
            "Images that resemble each other or share a scene's source are kept in one split; no image ever changes its split.",
        ],
        "dataAnnotationProtocol": _protocol(story),
        "dataAnnotationPlatform": ["lcad-workbench"],
        "dataAnnotationAnalysis": [f"{study.name}: {agreement(study)}" for study in story.studies],
        "annotationsPerItem": _per_item(summary, story),
        "annotatorDemographics": [_raters(story)],
        "machineAnnotationTools": _tools(story),
        "dataBiases": [
            *_said(said, "biases"),
            _levels(summary),
            "Descriptions are in English; color words are those of the eleven basic terms and their names.",
        ],
        "dataLimitations": [*_said(said, "limitations"), *_limits(summary, story), HUES],
        "dataUseCases": [
            *_said(said, "uses"),
            "Training, validation and testing of language-based colorization: a gray picture and a description in, colors out.",
            "Validation and test measure against original colors only, whatever the targets in train are.",
        ],
        "dataSocialImpact": " ".join([*_said(said, "social_impact"), IMPACT]),
        "personalSensitiveInformation": [*(_said(said, "personal_information") or [NOT_SCREENED]), "Raters are known by pseudonyms only."],
        "hasSyntheticData": has_synthetic(summary, story),
        "dataReleaseMaintenancePlan": (
            "Releases are frozen. Added items give a new minor version; edits, removals and moves across splits a new major one."
        ),
    }
    return {f"rai:{name}": value for name, value in fields.items() if value or value is False}


def has_synthetic(summary: Summary, story: Story) -> bool:
    """Whether something in it was made by a model or composed: pictures, color targets, or the words of descriptions."""
    return bool(story.composed or summary.targets.get("colorization") or set(story.text_origins) & {"model", "rule"})


def _said(statements: dict[str, str], name: str) -> list[str]:
    return [statements[name]] if statements.get(name) else []


def _collection(story: Story) -> str:
    made = f", {story.composed:,} of them composed from parts of others" if story.composed else ""
    return (
        f"{story.images:,} pictures were imported{made}. Descriptions by where their text comes from: {distribution(story.text_origins)}; "
        f"their levels of color: {distribution(story.level_origins)}. Masks of described objects: {distribution(story.region_origins)}."
    )


def _collection_types(story: Story) -> list[str]:
    """In the words that the specification recommends."""
    human = "human" in story.text_origins or "human" in story.region_origins
    software = set(story.text_origins) & {"rule", "model"} or story.composed or story.checkpoints
    kinds = {"Secondary Data analysis": True, "Manual Human Curator": human, "Software Collection": software, "Surveys": story.studies}
    return [name for name, holds in kinds.items() if holds]


def _missing(summary: Summary) -> str:
    if not summary.excluded:
        return "Nothing that was asked for is left out."
    return "Left out: " + "; ".join(f"{count:,} × {reason}" for reason, count in summary.excluded.items()) + "."


def _targets(release: Release, summary: Summary, story: Story) -> str:
    made = summary.targets.get("colorization", 0)
    if not made:
        return "Color targets are the originals' own colors, unchanged."
    counted = "counted" if release.rules["simulated_votes"] else "did not count"
    verdicts = [f"{story.reviewers} reviewers"] if story.reviewers else []
    verdicts += [f'the rule "{rule}"' for rule in story.review_rules]
    pinned = f"; {story.pinned:,} of them have colors that a person pinned, or a palette" if story.pinned else ""
    return (
        f"{made:,} color targets in train are colorizations by {distribution(story.checkpoints)}{pinned}, accepted by "
        f"{' and '.join(verdicts) or 'a reviewer'}; of several the one with the best votes was taken; simulated raters' votes {counted}."
    )


def _protocol(story: Story) -> str:
    levels = "A description is complete where every colorable object has a color, partial where some have, scarce where none has."
    return " ".join([levels, *(study_sentence(study) for study in story.studies)])


def study_sentence(study: StudyStory) -> str:
    """What was asked in a study, how, and of whom."""
    people = f"{study.raters} raters" if study.raters != 1 else "1 rater"
    simulated = f" and {study.simulated_raters} simulated ones" if study.simulated_raters else ""
    return f'"{study.question}" ({study.name}: {study.method}, {study.votes:,} votes of {people}{simulated}).'


def agreement(study: StudyStory) -> str:
    """How far a study's raters agree."""
    alpha = AGREEMENT_UNKNOWN if study.alpha is None else f"{study.alpha:.3f}"
    return f"Krippendorff's alpha {alpha}"


def _per_item(summary: Summary, story: Story) -> str:
    votes = "".join(f"; {study.votes_per_trial} votes a trial in {study.name}" for study in story.studies)
    return f"{summary.items / summary.images:.2f} descriptions an image{votes}"


def _raters(story: Story) -> str:
    people = sum(study.raters for study in story.studies)
    simulated = sum(study.simulated_raters for study in story.studies)
    counts = f"Raters by study, added up: {people} people, {simulated} simulated. " if story.studies else "There were no raters. "
    return counts + "Demographics of raters, writers and reviewers were not collected."


def _tools(story: Story) -> list[str]:
    known = {
        "grabcut": "OpenCV GrabCut, masks from prompts",
        "sam": "segment-anything, masks from prompts",
        "composed": "lcad-workbench compose, exact masks of composed scenes",
    }
    tools = [text for origin, text in known.items() if origin in story.region_origins]
    if "rule" in story.text_origins or "rule" in story.level_origins:
        tools.append("lcad-workbench levels, rules over spaCy's analysis of a description")
    return tools + [f"L-CAD checkpoint {name}, colorizations" for name in story.checkpoints]


def _levels(summary: Summary) -> str:
    totals = {level: sum(row[level.value] for row in summary.by_split.values()) for level in CaptionLevel}
    return "Descriptions by level: " + ", ".join(f"{count:,} {level}" for level, count in totals.items()) + "."


def _limits(summary: Summary, story: Story) -> list[str]:
    empty = [split.value for split in Split if not sum(summary.by_split[split.value].values())]
    limits = [f"Nothing is in {' and '.join(empty)}."] if empty else []
    if story.composed:
        limits.append(f"{story.composed:,} of {story.images:,} pictures are composed scenes, which look simpler than photos.")
    if rough := story.region_origins.get("grabcut"):
        limits.append(f"{rough:,} masks are proposals of GrabCut that no person corrected.")
    if any(study.simulated_raters for study in story.studies):
        limits.append("Some votes come from simulated raters; they say nothing about people.")
    if unknown := story.licenses.get("not stated"):
        limits.append(f"The license of {unknown:,} pictures is not stated.")
    return limits
