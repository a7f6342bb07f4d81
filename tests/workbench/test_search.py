"""The index answers every query as the captions, mentions and images themselves do, whatever changed them."""

import contextlib
import random
import re

import pytest

from db.enums import CaptionLevel, CaptionStatus, DuplicateKind, Origin, Verdict
from db.models import Caption, Colorization, Duplicate, Event, Grounding, Image, ImageTag, Mention, MentionColor, Region, Review
from db.models.checkpoint import Checkpoint
from db.schema import upgrade
from db.session import connect, transaction
from db.tokens import count_tokens
from tests.workbench.stocked import add_image, add_region
from workbench import bulk_edits, captions, events, images, patterns, search
from workbench.errors import WorkbenchError
from workbench.grammar import And, Node, Not, Or, Term, Words, parse
from workbench.media import MediaStore

NOUNS = ("cup", "dog", "fire truck", "tree", "cat")
COLORS = ("red", "blue", "green", "")
TAGS = ("night", "outdoor", "odd")


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


def a_query(chance: random.Random, depth: int = 3) -> str:
    """A random query, written out."""
    if depth and chance.random() < 0.6:
        joint = chance.choice((" ", " ", " AND ", " OR "))
        inner = joint.join(a_query(chance, depth - 1) for _ in range(chance.randint(1, 3)))
        return f"{chance.choice(('', '', 'NOT '))}({inner})"
    noun, number = chance.choice(NOUNS), chance.randint(0, 40)
    return chance.choice(("", "", "NOT ")) + chance.choice((
        f'object:"{noun}"', f"object:{noun[0]}*", "object:*", f"color:{chance.choice(COLORS[:3])}",
        f"level:{chance.choice(tuple(CaptionLevel))}",
        f"level:{chance.choice(tuple(CaptionLevel))},complete", f"origin:{chance.choice(tuple(Origin))}",
        f"status:{chance.choice(tuple(CaptionStatus))}", f"tokens:{chance.choice('<>=')}{number}", f"tokens:{number}-{number + 7}",
        f"id:{number % 12}", f"id:>{number % 12}", f"id:{number % 12}-99999999999",
        f"id:{number % 7},>{number % 12}", f"caption:{number}-{number + 9}", f"caption:<{number}", "reviewed",
        f"has:{chance.choice(('caption', 'colorization', 'duplicate', 'mask', 'reference', 'review'))}",
        f"source:{chance.choice(('a', 'b', 'A*', '*'))}",
        f"tag:{chance.choice((*TAGS, 'o*', '*'))}", f"file:{chance.choice(('1', '7', '*.PNG', 'x*'))}", f"file:{number % 10}.png",
        noun.split()[0], f'"a {chance.choice(COLORS[:3])} {noun}"', f'"{noun}"',
    ))  # fmt: skip


def stock(session, media, chance: random.Random) -> None:
    """A small store with some of everything, by the services and by plain statements."""
    session.add(Checkpoint(name="mini", location="package:mini", digest="1" * 64, note=""))
    for seed in range(1, 11):
        image = add_image(session, media, seed, color=chance.random() > 0.3, source=chance.choice("ab"))
        images.tag(session, [image.id], chance.choice(TAGS), actor="ada")
        for _ in range(chance.randint(0, 4)):
            describe(session, image.id, chance)
        if chance.random() < 0.5:
            region = add_region(session, image)
            mention = session.query(Mention).join(Caption).where(Caption.image_id == image.id).first()
            if mention and chance.random() < 0.7:
                session.add(Grounding(mention_id=mention.id, region_id=region.id, origin=Origin.MODEL))
                colorize(session, image.id, mention.caption_id, chance)
        if seed % 5 == 0:
            session.add(Duplicate(image_id=image.id, original_id=image.id - 1, kind=DuplicateKind.NEAR, distance=2))


def describe(session, image_id: int, chance: random.Random) -> Caption:
    """Add a caption made of the nouns and colors."""
    phrases = [f"a {chance.choice(COLORS)} {chance.choice(NOUNS)}".replace("  ", " ") for _ in range(chance.randint(1, 3))]
    return captions.add(
        session, image_id, " next to ".join(phrases), text_origin=chance.choice(tuple(Origin)), author="ada",
        status=chance.choice((CaptionStatus.ACCEPTED, CaptionStatus.PROPOSED)),
    )  # fmt: skip


def colorize(session, image_id: int, caption_id: int, chance: random.Random) -> None:
    """Add a colorization, and for some a review."""
    made = Colorization(
        key=f"{chance.getrandbits(200):064x}", image_id=image_id, caption_id=caption_id, checkpoint_id=1, caption_text="", settings={},
        seed=0, media_key="c.png", seconds=1.0, adherence=0.5, facts={},
    )  # fmt: skip
    session.add(made)
    session.flush()
    if chance.random() < 0.5:
        session.add(Review(colorization_id=made.id, reviewer="ada", verdict=Verdict.ACCEPT))


def change(session, media, chance: random.Random) -> None:
    """One random change of the store, by any of the ways there are."""
    kept, all_images = session.query(Caption).all(), session.query(Image).all()
    caption, image = chance.choice(kept), chance.choice(all_images)
    ways = {
        "describe": lambda: describe(session, image.id, chance),
        "replace": lambda: bulk_edits.replace(session, chance.choice(COLORS[:3]), chance.choice(COLORS[:3]), actor="ada", apply=True),
        "level": lambda: captions.set_level(session, caption.id, chance.choice(tuple(CaptionLevel)), actor="ada"),
        "drop": lambda: captions.drop(session, [caption.id, chance.choice(kept).id], actor="ada", batch_id=events.new_batch()),
        "accept": lambda: captions.accept(session, [caption.id], actor="ada"),
        "derive": lambda: captions.derive(session, caption.id, author="ada"),
        "tag": lambda: images.tag(session, [image.id], chance.choice(TAGS), actor="ada"),
        "untag": lambda: images.untag(session, [image.id], chance.choice(TAGS), actor="ada"),
        "colorize": lambda: colorize(session, caption.image_id, caption.id, chance),
        "undo": lambda: events.undo(session, chance.choice(session.query(Event).order_by(Event.id).all()).id, actor="ada"),
        "roll back": lambda: roll_back(session, chance),
        "delete caption": lambda: session.delete(caption),
        "delete image": lambda: session.delete(image),
        "delete mask": lambda: session.query(Region).where(Region.image_id == image.id).delete(),
        "delete review": lambda: session.query(Review).delete(),
        "delete colorization": lambda: session.query(Colorization).where(Colorization.image_id == image.id).delete(),
        "rename source": lambda: session.query(Image).where(Image.id == image.id).update({"source": "b"}),
        "delete duplicates": lambda: session.query(Duplicate).delete(),
        "recolor": lambda: session.query(MentionColor).where(MentionColor.color == "red").update({"color": "pink"}),
    }
    with contextlib.suppress(WorkbenchError):  # what cannot be undone any more stays
        ways[chance.choice(tuple(ways))]()


def roll_back(session, chance: random.Random) -> None:
    """Take one of the batches back."""
    batches = sorted(key for (key,) in session.query(Event.batch_id).distinct() if key)
    if batches:
        events.rollback(session, chance.choice(batches), actor="ada")


def require_plain_answers(session, queries) -> None:
    """Whole answers, counts, and pages in both directions are those of looking at each thing."""
    plainly = Plainly(session)
    for query in queries:
        root = parse(query).root
        expected = plainly.find_captions(root)
        found = [row.id for row in captions.find(session, query, limit=1000)]
        assert (query, found, captions.count(session, query)) == (query, expected, len(expected))
        middle = expected[len(expected) // 2] if expected else 5
        page = [row.id for row in captions.find(session, query, after_id=middle, limit=3)]
        assert (query, page) == (query, [key for key in expected if key > middle][:3])
        expected = plainly.find_images(root)
        found = [row.id for row in images.find(session, query, limit=1000)]
        assert (query, found, images.count(session, query)) == (query, expected, len(expected))
        assert sorted(session.scalars(search.ids_of_images(session, parse(query)))) == expected, query
        back = [row.id for row in images.find(session, query, after_id=9, newest_first=True, limit=2)]
        assert back == [key for key in reversed(expected) if key < 9][:2], query


def check_random_stores(url, media, seed: int, rounds: int) -> None:
    """A random store answers random queries plainly, before and after each of some random changes, also within the transaction."""
    chance = random.Random(seed)
    engines = connect(url)
    upgrade(engines.writer)
    with transaction(engines.writer) as session:
        stock(session, media, chance)
        require_plain_answers(session, [a_query(chance) for _ in range(20)])
    for _ in range(rounds):
        with transaction(engines.writer) as session:
            for _ in range(chance.randint(1, 4)):
                change(session, media, chance)
            if chance.random() < 0.5:
                require_plain_answers(session, [a_query(chance) for _ in range(10)])
        with transaction(engines.reader) as session:
            require_plain_answers(session, ["", *(a_query(chance) for _ in range(10))])
    engines.dispose()


@pytest.mark.parametrize("seed", range(2))
def test_random_queries_of_random_stores_are_answered_plainly_whatever_changes(seed, tmp_path):
    check_random_stores(f"sqlite:///{tmp_path / 'store.sqlite'}", MediaStore(str(tmp_path / "media")), seed, rounds=3)


def test_where_no_list_is_short_enough_the_answers_are_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(search, "FEW", 1)
    monkeypatch.setattr(search, "PROBED", 1)
    monkeypatch.setattr(patterns, "MOST_NAMES", 1)
    check_random_stores(f"sqlite:///{tmp_path / 'store.sqlite'}", MediaStore(str(tmp_path / "media")), 100, rounds=3)


@pytest.mark.postgres
def test_postgresql_answers_them_too(postgres_url, tmp_path):
    check_random_stores(postgres_url, MediaStore(str(tmp_path / "media")), 7, rounds=3)


def test_a_count_that_walks_ends_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(search, "WALKED", 3)
    monkeypatch.setattr(search, "PROBED", 0)
    engines = connect(f"sqlite:///{tmp_path / 'store.sqlite'}")
    upgrade(engines.writer)
    with transaction(engines.writer) as session:
        stock(session, MediaStore(str(tmp_path / "media")), random.Random(1))
        everything = captions.count(session)
        assert (everything.more, everything > 3) == (False, True)
        assert images.count(session) == 10
        walked = captions.count(session, "file:png")
        assert (walked, walked.more) == (3, True)
        monkeypatch.setattr(search, "COUNTED", 2)
        counted = captions.count(session)
        assert (counted, counted.more) == (2, True)
        assert (images.count(session), images.count(session, "has:caption")) == (10, 2)
    engines.dispose()
