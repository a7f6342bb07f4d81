"""A large store grown by copying what it has: rows of the same content under new ids, by statements that SQLite carries out alone.

A copied image has a name and hashes of its own and shares its file with the image that it was copied from. What the events of copies tell
(`after`) is still that of the copied rows; their subjects are right.
"""

import hashlib
import sqlite3

PER_IMAGE, WIDE, ALBUM = 3, 32, 25_000
"""Captions of an image, numbers that a caption has for its mentions, and images of an import's run."""
BASE = 2 * ALBUM
"""Images that are made one by one; the others are copies of them."""

IMAGE = """INSERT INTO image (id, sha256, pixel_hash, phash, media_key, upright_key, file_name, source, format, width, height, bit_depth,
has_reference, colorfulness, mean_lightness, license, author, url, attributes, run_id, created_at)
SELECT id + :shift, digest_of(id + :shift), digest_of(-id - :shift), bits_of(id + :shift), media_key, upright_key,
printf('album-%04d/IMG_%07d.png', (id + :shift) / 500, id + :shift), 'album ' || ((id + :shift) / :album), format, width, height,
bit_depth, has_reference, colorfulness, mean_lightness, license, author, url, attributes, run_id + :runs, created_at
FROM image WHERE id <= :most"""
EVENT = """INSERT INTO event (actor, action, subject, subject_id, before, after, batch_id, run_id, created_at)
SELECT actor, action, subject,
CASE subject WHEN 'image' THEN CAST(subject_id AS INTEGER) + :shift WHEN 'caption' THEN CAST(subject_id AS INTEGER) + :captions
ELSE (CAST(subject_id AS INTEGER) + :shift) || substr(subject_id, instr(subject_id, ':')) END,
before, after,
CASE WHEN run_id IS NULL THEN substr(batch_id, 1, instr(batch_id, ' ')) || (CAST(substr(batch_id, instr(batch_id, ' ')) AS INTEGER) + :runs)
ELSE 'run-' || (run_id + :runs) END, run_id + :runs, created_at FROM event WHERE id <= :events"""
COPIES = (
    """INSERT INTO run (id, job, parameters, status, requested_by, total, done, failed, skipped, message, summary, started_at, finished_at,
    created_at) SELECT id + :runs, job, parameters, status, requested_by, total, done, failed, skipped, message, summary, started_at,
    finished_at, created_at FROM run WHERE id <= (:most - 1) / :album + 1""",
    IMAGE,
    "INSERT INTO duplicate SELECT image_id + :shift, original_id + :shift, kind, distance FROM duplicate WHERE image_id <= :most",
    "INSERT INTO image_tag SELECT image_id + :shift, tag FROM image_tag WHERE image_id <= :most",
    """INSERT INTO caption (id, image_id, text, tokens, level, computed_level, status, text_origin, level_origin, derived_from_id, author,
    run_id, updated_at, created_at) SELECT id + :captions, image_id + :shift, text, tokens, level, computed_level, status, text_origin,
    level_origin, derived_from_id, author, run_id + :runs, updated_at, created_at FROM caption WHERE id <= :most * 3""",
    """INSERT INTO mention (id, caption_id, object, start, "end", colorable) SELECT id + :mentions, caption_id + :captions, object, start,
    "end", colorable FROM mention WHERE caption_id <= :most * 3""",
    """INSERT INTO mention_color (mention_id, color, position) SELECT mention_id + :mentions, color, position FROM mention_color
    WHERE mention_id < (:most * 3 + 1) * 32""",
    """INSERT INTO region (id, image_id, mask, mask_hash, box_x, box_y, box_width, box_height, area_px, label, origin, score, author,
    created_at) SELECT id + :shift, image_id + :shift, mask, mask_hash, box_x, box_y, box_width, box_height, area_px, label, origin, score,
    author, created_at FROM region WHERE id <= :most""",
    """INSERT INTO grounding (mention_id, region_id, origin, created_at) SELECT mention_id + :mentions, region_id + :shift, origin,
    created_at FROM grounding WHERE region_id <= :most""",
    """INSERT INTO colorization (id, key, image_id, caption_id, checkpoint_id, caption_text, settings, seed, media_key, seconds, adherence,
    facts, created_at) SELECT id + :shift, printf('%064d', id + :shift), image_id + :shift, caption_id + :captions, checkpoint_id,
    caption_text, settings, seed, media_key, seconds, adherence, facts, created_at FROM colorization WHERE id <= :most""",
    """INSERT INTO review (colorization_id, kind, reviewer, verdict, reason, created_at) SELECT colorization_id + :shift, kind, reviewer,
    verdict, reason, created_at FROM review WHERE colorization_id <= :most""",
    EVENT,
)


def copy_base(connection: sqlite3.Connection, shift: int, most: int) -> None:
    """Add copies of the first `most` images with all that belongs to them, their numbers larger by `shift`, in one transaction.

    `shift` is a multiple of ALBUM.
    """
    connection.create_function("digest_of", 1, _digest, deterministic=True)
    connection.create_function("bits_of", 1, lambda number: int(_digest(number)[:16], 16) - (1 << 63), deterministic=True)
    last = connection.execute("SELECT id FROM event WHERE subject = 'caption' AND subject_id = ?", (str(most * PER_IMAGE),)).fetchone()
    numbers = {"shift": shift, "most": most, "album": ALBUM, "runs": shift // ALBUM, "captions": shift * PER_IMAGE}
    numbers |= {"mentions": shift * PER_IMAGE * WIDE, "events": last[0]}
    connection.execute("BEGIN IMMEDIATE")
    for statement in COPIES:
        connection.execute(statement, {name: numbers[name] for name in numbers if f":{name}" in statement})
    connection.execute("COMMIT")


def _digest(number: int) -> str:
    return hashlib.sha256(f"copy {number}".encode()).hexdigest()
