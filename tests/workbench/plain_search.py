"""Queries answered by looking at each caption and image in turn: what the index is held against."""

import re

from db.enums import CaptionStatus
from db.models import Caption, Colorization, Duplicate, Grounding, Image, ImageTag, Mention, MentionColor, Region, Review
from db.tokens import count_tokens
from workbench.search.grammar import And, Node, Not, Or, Term, Words

__all__ = ["Plainly"]


class Plainly:
    """What a store holds, read whole, and the answers to queries by looking at each thing: no index and no SQL."""

    def __init__(self, session):
        self.images = list(session.query(Image).order_by(Image.id))
        self.captions = list(session.query(Caption).order_by(Caption.id))
        self.mentions = list(session.query(Mention))
        self.colors = {(row.mention_id, row.color) for row in session.query(MentionColor)}
        self.tags = {(row.image_id, row.tag) for row in session.query(ImageTag)}
        self.masked = {row.image_id for row in session.query(Region)}
        self.grounded = {row.mention_id for row in session.query(Grounding)}
        self.colorizations = list(session.query(Colorization))
        self.reviewed = {row.colorization_id for row in session.query(Review)}
        self.alike = {key for row in session.query(Duplicate) for key in (row.image_id, row.original_id)}

    def find_captions(self, node: Node) -> list[int]:
        kept = [row for row in self.captions if _names_status(node) or row.status != CaptionStatus.DROPPED]
        return [row.id for row in kept if self.of_caption(node, row)]

    def find_images(self, node: Node) -> list[int]:
        return [row.id for row in self.images if self.of_image(node, row)]

    def of_image(self, node: Node, image: Image) -> bool:
        match node:
            case Not(inner):
                return not self.of_image(inner, image)
            case And(nodes):
                group = [inner for inner in nodes if _of_captions(inner)]
                apart = [inner for inner in nodes if not _of_captions(inner)]
                return all(self.of_image(inner, image) for inner in apart) and (not group or self.some_caption(group, image))
            case Or(nodes) if not _of_captions(node):
                return any(self.of_image(inner, image) for inner in nodes)
            case Term(key, values) if not _of_captions(node):
                return any(self.image_has(key, value, image) for value in values)
        return self.some_caption([node], image)

    def some_caption(self, group: list[Node], image: Image) -> bool:
        own = [row for row in self.captions if row.image_id == image.id]
        kept = [row for row in own if any(map(_names_status, group)) or row.status != CaptionStatus.DROPPED]
        return any(all(self.of_caption(inner, row) for inner in group) for row in kept)

    def image_has(self, key, value, image: Image) -> bool:
        colorized = {row.id for row in self.colorizations if row.image_id == image.id}
        match key, value:
            case "has", "caption":
                return any(row.image_id == image.id and row.status != CaptionStatus.DROPPED for row in self.captions)
            case "has", "colorization":
                return bool(colorized)
            case "has", "review":
                return bool(colorized & self.reviewed)
            case "has", "duplicate":
                return image.id in self.alike
            case "has", "mask":
                return image.id in self.masked
            case "has", "reference":
                return image.has_reference
            case "id", span:
                return _within(image.id, span)
            case "source", _:
                return _like(image.source, value)
            case "tag", _:
                return any(key == image.id and _like(tag, value) for key, tag in self.tags)
        return _like(image.file_name, value if "*" in value else f"*{value}*")

    def of_caption(self, node: Node, caption: Caption) -> bool:
        match node:
            case Not(inner):
                return not self.of_caption(inner, caption)
            case And(nodes):
                return all(self.of_caption(inner, caption) for inner in nodes)
            case Or(nodes):
                return any(self.of_caption(inner, caption) for inner in nodes)
            case Words(text):
                return f" {text} " in f" {' '.join(re.findall('[a-z0-9]+', caption.text))} "
        return any(self.caption_has(node.key, value, caption) for value in node.values)

    def caption_has(self, key, value, caption: Caption) -> bool:
        own = [row for row in self.mentions if row.caption_id == caption.id]
        colorized = {row.id for row in self.colorizations if row.caption_id == caption.id}
        match key, value:
            case "caption", span:
                return _within(caption.id, span)
            case "tokens", span:
                return _within(count_tokens(caption.text), span)
            case "color", _:
                return any((row.id, value) in self.colors for row in own)
            case "object", _:
                return any(_like(row.object, value) for row in own)
            case "level" | "status" | "origin", _:
                return value == {"level": caption.level, "status": caption.status, "origin": caption.text_origin}[key]
            case "has", "caption":
                return True
            case "has", "colorization":
                return bool(colorized)
            case "has", "review":
                return bool(colorized & self.reviewed)
            case "has", "mask":
                return any(row.id in self.grounded for row in own)
        return self.image_has(key, value, next(row for row in self.images if row.id == caption.image_id))


def _of_captions(node: Node) -> bool:
    match node:
        case And(nodes) | Or(nodes):
            return bool(nodes) and all(map(_of_captions, nodes))
        case Term(key):
            return key in ("caption", "color", "level", "object", "origin", "status", "tokens")
    return isinstance(node, Words)


def _names_status(node: Node) -> bool:
    match node:
        case And(nodes) | Or(nodes):
            return any(map(_names_status, nodes))
        case Not(inner):
            return _names_status(inner)
    return isinstance(node, Term) and node.key == "status"


def _within(number: int, span) -> bool:
    return (span[0] is None or number >= span[0]) and (span[1] is None or number <= span[1])


def _like(text: str, pattern: str) -> bool:
    if "*" not in pattern:
        return text == pattern
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.IGNORECASE) is not None
