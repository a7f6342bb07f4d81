"""The query language and its plans: grammar, SQL and full-text conditions, pages of results, saved views."""

from workbench.search.finder import Count, captions_of, count_captions, count_images, ids_of_captions, ids_of_images, images_of
from workbench.search.frequent_values import different, frequent
from workbench.search.grammar import parse
from workbench.search.likeness import most_like, without_features
from workbench.search.notes import GUIDE, notes
from workbench.search.trusted_adherence import trusted_adherence

__all__ = [
    "GUIDE",
    "Count",
    "captions_of",
    "count_captions",
    "count_images",
    "different",
    "frequent",
    "ids_of_captions",
    "ids_of_images",
    "images_of",
    "most_like",
    "notes",
    "parse",
    "trusted_adherence",
    "without_features",
]
