"""The tables that leave the store, column by column: names, types and units, the same whether a table has rows or none.

A type is Arrow's. In pandas a text is `string`, a number `int64` or `float64` (`Int64` where it may be missing), a truth value `bool`
(`boolean` where it may be missing), a moment `datetime64[us, UTC]`; a list or a record stays Python's own.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from workbench.reports.vote_table import CODEBOOK

MOMENT = pa.timestamp("us", "UTC")
TEXT, NUMBER, REAL, TRUTH = pa.string(), pa.int64(), pa.float64(), pa.bool_()
JSON = pa.json_()
"""A record of any keys: JSON as text in Arrow, a dict in pandas, an object in JSON."""
MENTION = pa.struct({"phrase": TEXT, "object": TEXT, "start": NUMBER, "end": NUMBER, "colors": pa.list_(TEXT), "colorable": TRUTH})
MASK = pa.struct({"size": pa.list_(NUMBER), "counts": TEXT})
SPOKEN = pa.struct({"caption_id": NUMBER, "phrase": TEXT, "object": TEXT})


@dataclass(frozen=True)
class Column:
    """A column: its name, Arrow's type, what it means with its unit, and whether a value may be missing."""

    name: str
    kind: pa.DataType
    meaning: str
    optional: bool = False

    @property
    def dtype(self) -> str:
        """The type in pandas."""
        if self.kind == TEXT:
            return "string"
        if self.kind == NUMBER:
            return "Int64" if self.optional else "int64"
        if self.kind == TRUTH:
            return "boolean" if self.optional else "bool"
        return {REAL: "float64", MOMENT: "datetime64[us, UTC]"}.get(self.kind, "object")

    @property
    def is_json(self) -> bool:
        """Whether it holds a record of any keys."""
        return self.kind == JSON


@dataclass(frozen=True)
class Table:
    """A table: what a row is, what its query asks for, and its columns."""

    name: str
    row: str
    query: str
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pa.Schema:
        """Arrow's schema, with the meaning of each column."""
        fields = [pa.field(one.name, one.kind, one.optional, {"meaning": one.meaning}) for one in self.columns]
        return pa.schema(fields, metadata={"table": self.name})


OF_IMAGES = "a query of the grammar that picks images"
ID = Column("id", NUMBER, "number in the store")
IMAGE = Column("image_id", NUMBER, "number of the image")
CREATED = Column("created_at", MOMENT, "when it was stored")
RUN = Column("run_id", NUMBER, "run that made it", True)
AUTHOR = Column("author", TEXT, "who wrote or drew it: a person, a rule, a model or a job")

IMAGES = (
    ID,
    Column("file_name", TEXT, "name of the file as imported"),
    Column("source", TEXT, "where it was imported from"),
    Column("width", NUMBER, "pixels, upright"),
    Column("height", NUMBER, "pixels, upright"),
    Column("format", TEXT, "format of the file, as PNG"),
    Column("bit_depth", NUMBER, "bits a channel"),
    Column("has_reference", TRUTH, "whether the original has color"),
    Column("colorfulness", REAL, "Hasler and Süsstrunk's M3 of the upright pixels"),
    Column("mean_lightness", REAL, "mean CIELAB L*, 0 to 100"),
    Column("tags", pa.list_(TEXT), "tags, in alphabetical order"),
    Column("license", TEXT, "license as stated", True),
    Column("author", TEXT, "who made the picture", True),
    Column("url", TEXT, "where it was found", True),
    Column("sha256", TEXT, "hash of the file's bytes, hexadecimal"),
    CREATED,
    RUN,
)
CAPTIONS = (
    ID,
    IMAGE,
    Column("text", TEXT, "the description"),
    Column("tokens", NUMBER, "tokens of CLIP; the model reads 75"),
    Column("level", TEXT, "complete, partial or scarce"),
    Column("computed_level", TEXT, "level as the rules read it", True),
    Column("status", TEXT, "proposed, accepted or dropped"),
    Column("text_origin", TEXT, "who wrote the text: human, rule, model or imported"),
    Column("level_origin", TEXT, "who gave the level: human, rule, model or imported"),
    AUTHOR,
    Column("derived_from_id", NUMBER, "caption that it was derived from", True),
    Column("mentions", pa.list_(MENTION), "objects in the text's order; start and end count characters, end excluded"),
    CREATED,
    Column("updated_at", MOMENT, "when it was changed last"),
    RUN,
)
REGIONS = (
    ID,
    IMAGE,
    Column("label", TEXT, "name of the thing"),
    Column("origin", TEXT, "what drew the mask: human, sam, grabcut, composed or imported"),
    Column("found_by", TEXT, "what found the thing of an automatic mask: finder, attention or clicks", True),
    Column("score", REAL, "certainty of the program that found it, 0 to 1", True),
    Column("box_x", NUMBER, "left edge, pixels"),
    Column("box_y", NUMBER, "upper edge, pixels"),
    Column("box_width", NUMBER, "pixels"),
    Column("box_height", NUMBER, "pixels"),
    Column("area_px", NUMBER, "pixels of the mask"),
    Column("mask", MASK, "COCO run lengths: size is [height, width]"),
    Column("mentions", pa.list_(SPOKEN), "phrases of captions that mean it"),
    AUTHOR,
    CREATED,
    RUN,
)
COLORIZATIONS = (
    ID,
    IMAGE,
    Column("caption_id", NUMBER, "number of the caption"),
    Column("caption", TEXT, "the caption as it was when the colorization was made"),
    Column("level", TEXT, "level of the caption as it stands"),
    Column("checkpoint", TEXT, "name of the checkpoint"),
    Column("seed", NUMBER, "seed of the noise"),
    Column("steps", NUMBER, "sampling steps; missing where the checkpoint's own were taken", True),
    Column("guidance", REAL, "strength of the caption; missing where the checkpoint's own was taken", True),
    Column("instances", TRUTH, "whether masks steered the colors"),
    Column("settings", JSON, "all settings as they were chosen"),
    Column("adherence", REAL, "how well grounded phrases got the colors that they name, 0 to 1", True),
    Column("adherence_masks", TEXT, "masks that it was measured in: person, independent, steering or unknown", True),
    Column("psnr", REAL, "dB, beside the original at 512 pixels", True),
    Column("ssim", REAL, "0 to 1, beside the original at 512 pixels", True),
    Column("delta_e", REAL, "mean CIEDE2000 from the original at 512 pixels", True),
    Column("colorfulness", REAL, "Hasler and Süsstrunk's M3 at 512 pixels", True),
    Column("colorfulness_gap", REAL, "how far its colorfulness is from the original's", True),
    Column("bleeding", REAL, "color that crosses the masks' edges, see docs/metrics.md", True),
    Column("seconds", REAL, "seconds of its share of the batch"),
    CREATED,
    RUN,
)
REVIEWS = (
    ID,
    IMAGE,
    Column("colorization_id", NUMBER, "number of the colorization"),
    Column("kind", TEXT, "whose verdict it is: person, rule, or final (the word that settles a disagreement)"),
    Column("reviewer", TEXT, "name of the person or of the rules"),
    Column("verdict", TEXT, "accept, fix or reject"),
    Column("reason", TEXT, "why; empty only of accept"),
    Column("counts", TRUTH, "whether it is among the verdicts that count for this colorization"),
    Column("batch_id", TEXT, "batch that takes it back together with others", True),
    CREATED,
)
STUDIES = (
    ID,
    Column("name", TEXT, "name, one of its kind"),
    Column("question", TEXT, "what raters are asked"),
    Column("method", TEXT, "pair, choice, category or ranking"),
    Column("status", TEXT, "draft, open or closed"),
    Column("votes_per_trial", NUMBER, "ratings wanted of each trial"),
    Column("trials", NUMBER, "trials, those with a known answer included"),
    Column("ratings", NUMBER, "ratings stored, on all trials"),
    CREATED,
    Column("opened_at", MOMENT, "when it was opened", True),
    Column("closed_at", MOMENT, "when it was closed", True),
)
RELEASES = (
    ID,
    Column("name", TEXT, "name"),
    Column("version", TEXT, "major.minor.patch"),
    Column("items", NUMBER, "image × caption pairs"),
    Column("images", NUMBER, "images"),
    Column("manifest_hash", TEXT, "SHA-256 of the manifest, hexadecimal"),
    Column("note", TEXT, "the curator's remark"),
    AUTHOR,
    CREATED,
)
CHECKPOINTS = (
    ID,
    Column("name", TEXT, "name, one of its kind"),
    Column("parent", TEXT, "name of the checkpoint it was trained from", True),
    Column("release", TEXT, "release it was trained on, as NAME VERSION", True),
    Column("digest", TEXT, "hash of weights and configs, hexadecimal"),
    Column("note", TEXT, "a remark"),
    Column("facts", JSON, "what is known of the training: stage, steps, losses"),
    CREATED,
    Column("promoted_at", MOMENT, "when it was made the default; the latest one colorizes", True),
)
RUNS = (
    ID,
    Column("job", TEXT, "name of the job"),
    Column("status", TEXT, "queued, running, done, failed or cancelled"),
    Column("requested_by", TEXT, "who asked for it"),
    Column("parameters", JSON, "settings of the job"),
    Column("total", NUMBER, "items in all"),
    Column("done", NUMBER, "items done"),
    Column("failed", NUMBER, "items that failed"),
    Column("skipped", NUMBER, "items passed over"),
    Column("message", TEXT, "what it is doing, or why it failed"),
    Column("summary", JSON, "what came of it"),
    CREATED,
    Column("started_at", MOMENT, "when a worker took it", True),
    Column("finished_at", MOMENT, "when it ended", True),
)
KINDS_OF_VOTES = {
    TRUTH: ("detects", "simulated", "counted", "right", "hidden"),
    NUMBER: ("trial", "instances", "value", "points", "away"),
    REAL: (
        "seconds", "server_seconds", "width", "height", "pixel_ratio", "window_width", "window_height", "load_seconds", "away_seconds",
    ),
    MOMENT: ("shown_at", "rated_at"),
}  # fmt: skip
"""Types of the columns of votes; all others are texts, missing where the codebook says empty."""
ALWAYS_THERE = frozenset({"method", "detects", "rater", "simulated", "counted", "trial", "kind", "systems", "rated_at"})


def _of_votes(name: str, meaning: str) -> Column:
    kind = next((kind for kind, names in KINDS_OF_VOTES.items() if name in names), TEXT)
    return Column(name, kind, meaning, name not in ALWAYS_THERE)


RATINGS = tuple(_of_votes(name, meaning) for name, meaning in CODEBOOK.items())


def _tables(tables: Iterable[Table]) -> dict[str, Table]:
    return {table.name: table for table in tables}


TABLES: dict[str, Table] = _tables(
    (
        Table("images", "a source photo", OF_IMAGES, IMAGES),
        Table("captions", "a description of an image", "a query of the grammar that picks captions", CAPTIONS),
        Table("regions", "an instance mask of an image", OF_IMAGES, REGIONS),
        Table("colorizations", "an output of the model", OF_IMAGES, COLORIZATIONS),
        Table("ratings", "an answer of a rater, or a value of one", "the name of a study", RATINGS),
        Table("reviews", "a verdict on a colorization", OF_IMAGES, REVIEWS),
        Table("studies", "an experiment with people", "", STUDIES),
        Table("releases", "a frozen dataset", "", RELEASES),
        Table("checkpoints", "weights of a model", "", CHECKPOINTS),
        Table("runs", "an execution of a job", "", RUNS),
    )
)
"""All tables by name; the last four take no query."""
