"""Color terms: which ones a text asks for, how well each of them names a color, and colors that are named more exactly."""

from lcad.terms.distributions import fit, membership, samples, targets, term_of_name
from lcad.terms.exact_colors import ExactColor, exact_color_of, exact_colors, hex_code, in_terms, table_name, terms_in
from lcad.terms.words import ACHROMATIC, BASIC_TERMS, TERMS

__all__ = [
    "ACHROMATIC",
    "BASIC_TERMS",
    "TERMS",
    "ExactColor",
    "exact_color_of",
    "exact_colors",
    "fit",
    "hex_code",
    "in_terms",
    "membership",
    "samples",
    "table_name",
    "targets",
    "term_of_name",
    "terms_in",
]
