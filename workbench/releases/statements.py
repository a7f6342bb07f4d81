"""What a curator says of a release for those who use it, beside what the store knows: it goes into the dataset card and its metadata."""

from collections.abc import Mapping

from workbench.errors import InvalidInputError
from workbench.texts import is_text

STATEMENTS = {
    "collection": "How the pictures and descriptions were collected, and by whom",
    "limitations": "What the data is not fit for, and where it is expected to fail",
    "biases": "Which part of the world it shows, and which it leaves out",
    "personal_information": "People, places and other personal information in it, and what was done about them",
    "uses": "What it is for, and what it was checked for",
    "social_impact": "What good and what harm may come of its use, and what is done against the harm",
    "sources": "The data sets that it was made from, with their addresses",
}
"""By name what each statement tells."""
LONGEST = 5000


def read_statements(texts: Mapping[str, object]) -> dict[str, str]:
    """Statements from a mapping, without empty ones. Raises InvalidInputError that names what is no statement."""
    unknown = sorted(set(map(str, texts)) - set(STATEMENTS))
    if unknown:
        raise InvalidInputError(f'A release has no statement "{unknown[0]}"; it has {", ".join(STATEMENTS)}.')
    for name, text in texts.items():
        if not isinstance(text, str) or not is_text(text) or len(text) > LONGEST:
            raise InvalidInputError(f"The statement {name} is a text of at most {LONGEST:,} characters.")
    return {name: str(texts[name]).strip() for name in STATEMENTS if str(texts.get(name) or "").strip()}
