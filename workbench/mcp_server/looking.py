"""Tools that look: tables, pictures, results."""

import io
from typing import Annotated, Any

import PIL.Image
from mcp.server.mcpserver import Image
from pydantic import Field

from workbench.api import TABLES, Workbench, json_of, page, row_of
from workbench.errors import InvalidInputError
from workbench.mcp_server.refusals import told

MOST_ROWS = 200
SIDE, MOST_SIDE = 768, 2048
QUALITY = 90
LEFT_OUT = {"regions": ("mask",)}
"""Columns that say nothing to a reader; they are told where they are asked for by name."""

Query = Annotated[str, Field(description="A query of the grammar; empty finds all.")]
After = Annotated[int | None, Field(description="The `next` of the page before.")]
Limit = Annotated[int, Field(ge=1, le=MOST_ROWS, description="Most rows.")]
Side = Annotated[int, Field(ge=32, le=MOST_SIDE, description="Longest side in pixels.")]


class Looking:
    """Tools that read a store."""

    def __init__(self, workbench: Workbench):
        self.workbench = workbench

    def search_images(self, query: Query = "", limit: Limit = 20, after: After = None) -> dict[str, Any]:
        """Photos that a query finds: number, file, source, size, tags, whether the original has color."""
        return self.read_table("images", query, limit, after, ["id", "file_name", "source", "width", "height", "has_reference", "tags"])

    def search_captions(self, query: Query = "", limit: Limit = 20, after: After = None) -> dict[str, Any]:
        """Captions that a query finds: number, image, text, level, status, origin, and what they mention in which colors."""
        columns = ["id", "image_id", "text", "level", "status", "text_origin", "author", "mentions"]
        return self.read_table("captions", query, limit, after, columns)

    def read_table(
        self,
        table: Annotated[str, Field(description=f"One of {', '.join(TABLES)}.")],
        query: Annotated[str, Field(description="For ratings the study's name; for studies, releases, checkpoints and runs none.")] = "",
        limit: Limit = 20,
        after: After = None,
        columns: Annotated[list[str] | None, Field(description="Which columns; by default all.")] = None,
    ) -> dict[str, Any]:
        """Rows of any table: images, captions, regions, colorizations, ratings, reviews, studies, releases, checkpoints, runs."""
        with told(), self.workbench.store.reading() as session:
            found = page(session, table, query, after, limit)
            rows = json_of(table, found.rows)
            known = [column.name for column in TABLES[table].columns]
            unknown = sorted(set(columns or ()) - set(known))
            if unknown:
                raise InvalidInputError(f'The table {table} has no column "{unknown[0]}"; it has {", ".join(known)}.')
        kept = columns or [name for name in known if name not in LEFT_OUT.get(table, ())]
        return {"rows": [{name: row[name] for name in kept} for row in rows], "next": found.next}

    def look_at_image(
        self,
        image_id: Annotated[int, Field(description="Number of the photo.")],
        gray: Annotated[bool, Field(description="Its lightness alone, which is all that the model sees.")] = False,
        side: Side = SIDE,
    ) -> list[Any]:
        """A photo, and its captions."""
        with told(), self.workbench.store.reading() as session:
            captions = page(session, "captions", f"id:{image_id}", None, MOST_ROWS).rows
        with told():
            picture = self.workbench.image(image_id, gray=gray)
        said = "\n".join(f"caption {row['id']} ({row['level']}, {row['status']}): {row['text']}" for row in captions)
        return [said or "It has no caption yet.", _shown(picture, side)]

    def look_at_colorization(
        self, colorization_id: Annotated[int, Field(description="Number of the colorization.")], side: Side = SIDE
    ) -> list[Any]:
        """A colorization, with the caption and the settings that made it."""
        with told(), self.workbench.store.reading() as session:
            [row] = json_of("colorizations", row_of(session, "colorizations", colorization_id).rows)
        with told():
            picture = self.workbench.colorized(colorization_id)
        said = f"{row['caption']} · {row['checkpoint']}, seed {row['seed']}, image {row['image_id']}, adherence {row['adherence']}"
        return [said, _shown(picture, side)]

    def study_results(
        self,
        study: Annotated[str, Field(description="Name of the study; read_table('studies') lists them.")],
        simulated: Annotated[bool, Field(description="Whether simulated raters' votes count too.")] = True,
    ) -> dict[str, Any]:
        """What a study's votes say: systems with strengths or means and 95 % intervals, pairs, agreement; read the notes with them."""
        with told():
            results = self.workbench.results(study, simulated=simulated)
        return {name: results[name] for name in ("method", "votes", "simulated_votes", "alpha", "systems", "pairs", "notes", "headline")}


def _shown(picture: PIL.Image.Image, side: int) -> Image:
    """A picture as a model gets it: a JPEG of at most `side` pixels, without anything that its file told."""
    drawn = picture.convert("RGB")
    drawn.thumbnail((side, side), PIL.Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    drawn.save(encoded, "JPEG", quality=QUALITY)
    return Image(data=encoded.getvalue(), format="jpeg")
