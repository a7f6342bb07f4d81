"""Color terms: which ones a text asks for, and how well each of them names a color."""

from lcad.terms.distributions import fit, membership, samples, targets, term_of_name
from lcad.terms.words import ACHROMATIC, BASIC_TERMS, TERMS, terms_in

__all__ = ["ACHROMATIC", "BASIC_TERMS", "TERMS", "fit", "membership", "samples", "targets", "term_of_name", "terms_in"]
