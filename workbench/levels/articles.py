"""The article before a word, by its sound."""

__all__ = ["article_for"]

_CONSONANT_VOWELS = ("uni", "use", "usu", "uti", "ura", "uku", "ute", "euro", "eu", "ewe", "one", "once", "ouija")
_SILENT_H = ("hour", "honest", "honor", "honour", "heir", "herb-")


def article_for(word: str) -> str:
    """ "a" or "an", by the sound with which a word begins."""
    text = word.lower()
    if text.startswith(_SILENT_H):
        return "an"
    if text.startswith("unin") or text.startswith("unim"):
        return "an"
    return "a" if text.startswith(_CONSONANT_VOWELS) or not text.startswith(tuple("aeiou")) else "an"
