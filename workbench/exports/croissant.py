"""Croissant 1.1 metadata of an export: what it is, its files, and how its records are read from them.

Source: http://mlcommons.org/croissant/1.1; the context is that of its first appendix, on schema.org's https namespace as its tools use it.
"""

from typing import Any

from db.models import Release
from workbench.exports.atomic_folder import Part, to_json
from workbench.exports.croissant_rai import rai_fields
from workbench.exports.croissant_resources import distribution_of, record_sets_of
from workbench.exports.licenses import license_link
from workbench.exports.provenance import Story, published_author
from workbench.releases import Summary

CONFORMS_TO = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]

OWN = (
    "annotation arrayShape citeAs column containedIn equivalentProperty excludes extract field fileProperty fileObject fileSet format "
    "includes isArray isLiveDataset jsonPath key md5 parentField path recordSet references regex readLines repeated replace "
    "samplingRate sdVersion separator source subField transform unArchive value"
)
"""Terms of Croissant's own namespace."""

CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{term: f"cr:{term}" for term in OWN.split()},
}


def croissant(release: Release, summary: Summary, story: Story, layout: str, parts: list[Part]) -> str:
    """`croissant.json` of a release in a layout, with the checksums of the files that hold its rows."""
    day = release.created_at.date().isoformat()
    generated: dict[str, Any] = {"@type": "prov:Activity", "prov:label": "lcad-workbench release", "prov:endedAtTime": day}
    described = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": release.name,
        "description": _description(release, summary, layout),
        "version": release.version,
        "url": f"urn:sha256:{release.manifest_hash}",
        "license": [license_link(name) for name in story.licenses],
        "creator": {"@type": "sc:Person", "name": published_author(release)},
        "datePublished": day,
        "dateCreated": day,
        "inLanguage": "en",
        "keywords": ["colorization", "language-based colorization", "image captions", "instance masks"],
        "citeAs": _citation(release, day),
        "isLiveDataset": False,
        "prov:wasGeneratedBy": generated,
        "prov:wasDerivedFrom": [{"@type": "prov:Entity", "prov:label": source} for source in _sources(release, story)],
        **rai_fields(release, summary, story),
        "distribution": distribution_of(layout, parts),
        "recordSet": record_sets_of(layout),
    }
    return to_json({name: value for name, value in described.items() if value not in (None, [], "") or value is False}, indent=1) + "\n"


def _sources(release: Release, story: Story) -> list[str]:
    stated = (release.facts.get("statements") or {}).get("sources")
    return [*([stated] if stated else []), *(name for name in story.sources if name)]


def _description(release: Release, summary: Summary, layout: str) -> str:
    sentences = (
        f"{summary.items:,} items over {summary.images:,} images for language-based colorization: a gray picture, a description, the "
        f"colors it asks for, and masks of described objects. Release {release.name} {release.version}, layout {layout}, manifest "
        f"SHA-256 {release.manifest_hash}."
    )
    return f"{sentences} {release.note}".strip()


def _citation(release: Release, day: str) -> str:
    key = "".join(letter for letter in release.name if letter.isalnum()) or "release"
    title = f"{release.name} {release.version}"
    note = f"manifest SHA-256 {release.manifest_hash}"
    return f"@misc{{{key}, title = {{{title}}}, author = {{{published_author(release)}}}, year = {{{day[:4]}}}, note = {{{note}}}}}"
