"""The words that a library's captions use, for completing what is being typed: color words and nouns, the frequent ones first."""

import re
from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import CaptionStatus
from db.models import Caption, Mention
from workbench.captions import spelling
from workbench.imaging import BASIC_TERMS, TERM_OF_WORD
from workbench.search import frequent

RECENT = 3000
"""Newest captions in which color words beyond the eleven basic ones are looked for."""


def words(session: Session, limit: int = 600) -> list[str]:
    """Color words first (the basic terms, then others in use), then the nouns of mentions, each by how often it is used.

    A noun that no dictionary knows is taken for a slip until it is used OFTEN: what was typed wrongly once is not proposed.
    """
    nouns = frequent(session, Mention.object, Mention.id, limit)
    meant = [noun for noun, used in nouns if used >= spelling.OFTEN or spelling.is_known(noun)]
    return list(dict.fromkeys([*BASIC_TERMS, *_colors_in_use(session), *meant]))[:limit]


def _colors_in_use(session: Session) -> list[str]:
    recent = select(Caption.text).where(Caption.status == CaptionStatus.ACCEPTED).order_by(Caption.id.desc()).limit(RECENT)
    counted = Counter(word for text in session.scalars(recent) for word in re.findall(r"[a-z]+", text.lower()) if word in TERM_OF_WORD)
    return [word for word, _ in counted.most_common()]
