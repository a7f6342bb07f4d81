"""Why a stored caption has its level and its mentions their colors, in words."""

from dataclasses import dataclass

from db.enums import Origin
from workbench import levels
from workbench.captions.captions import CaptionView

_GIVEN = {
    Origin.HUMAN: "given by a person",
    Origin.IMPORTED: "given by the import",
    Origin.MODEL: "given by a model",
}


@dataclass(frozen=True)
class Reasons:
    """Why the level, and for each mention of the view, in its order, why its colors."""

    level: str
    mentions: list[str]


def reasons(view: CaptionView) -> Reasons:
    """The reasons for a caption as it is stored; a mention that the present rules would not find says so."""
    text = view.caption.text
    by_span = {(mention.start, mention.end, mention.colors): reason for mention, reason in levels.explain(text).mentions}
    earlier = "kept from an earlier reading or a person's change"
    of_mentions = [by_span.get((row.mention.start, row.mention.end, tuple(row.colors)), earlier) for row in view.mentions]
    by_rule = levels.reason_of_level([(row.mention.object, bool(row.colors)) for row in view.mentions if row.mention.colorable])
    sentence = _GIVEN.get(view.caption.level_origin)
    return Reasons(f"{view.caption.level}: {sentence}; by the rules {by_rule}" if sentence else by_rule, of_mentions)
