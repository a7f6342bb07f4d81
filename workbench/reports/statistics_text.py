"""How the numbers of a report come about, in sentences with their sources, for the methods section of a paper."""

from workbench.analysis.cluster_bootstrap import FEWEST, RESAMPLES
from workbench.analysis.results import Results

__all__ = ["methods_of"]

STRENGTHS = {
    "pair": "Strengths are maximum-likelihood estimates of the Bradley-Terry model (1952) in logits with mean zero, a tie counting as half "
    "a win for both, by iterative Luce spectral ranking (Maystre and Grossglauser 2015).",
    "choice": "Strengths are maximum-likelihood estimates of Luce's choice model (1959) in logits with mean zero.",
    "ranking": "Strengths are maximum-likelihood estimates of the Plackett-Luce model in logits with mean zero, each ranking being a chain "
    "of choices.",
}
SPREAD = (
    f"Their 95 % intervals speak of raters and images like these: {RESAMPLES:,} bootstrap resamples of whole raters, of whole images, and "
    "of their crossings give V = V(raters) + V(images) − V(crossings) (Cameron, Gelbach and Miller 2011), with Student's t of the smaller "
    f"number of clusters minus one; no interval is narrower than independent votes would give. Where there are fewer than {FEWEST} raters "
    "or images, these are taken as fixed."
)


def methods_of(found: Results) -> list[str]:
    """The sentences that fit a study's results."""
    return [
        *(_scores() if found.method == "category" else _preferences(found)),
        "Differences between systems are tested against the same spread, so that votes of one rater or on one image do not count as "
        "independent; p-values are corrected for all pairs after Holm (1979).",
        f"Agreement is Krippendorff's alpha (2011), {'nominal within each pair' if found.method == 'pair' else _measure(found.method)}.",
        *(_detection() if found.detection else []),
        *(_effects() if found.effects else []),
        "Raters are flagged for one side in over 70 % of answers (sign test, p < 0.001), a median answer under 0.7 s, agreement under 45 % "
        "(sign test, p < 0.001), one and the same answer in 95 %, missed trials with a known answer (p < 0.01 for a rater who gets 95 % "
        "right), scores that neither follow the others' nor are as related to them as usual in this study (p < 0.01 each), and where a "
        "mixture model of raters who look and raters who guess gives guessing more than even odds. "
        "Flagged raters are counted unless they were excluded; the sensitivity analysis shows the results without them.",
    ]


def _measure(method: str) -> str:
    return "nominal" if method == "choice" else "on the ordinal scale"


def _preferences(found: Results) -> list[str]:
    sentences = [STRENGTHS[found.method], SPREAD, "Intervals of shares are Wilson's (1927), which take votes as independent."]
    if found.method == "pair":
        sentences.append(
            "The effect of order is the log-odds that the first (left) place adds, in Davidson's model of ties (1970) with an order effect "
            "(Davidson and Beaver 1977); the p column is that of an exact sign test without ties."
        )
    return sentences


def _scores() -> list[str]:
    return [
        "Mean opinion scores are means over all values of a system. " + SPREAD,
        "Recovered scores remove each subject's bias and weigh subjects by their consistency, by alternating projection (Li et al. 2020; "
        "ITU-T P.910, Appendix VI); their intervals speak of these pictures. Correlations are each subject's with the mean of the others "
        "(the screening measure of ITU-T P.913, Annex A, whose usual bound is 0.75).",
    ]


def _detection() -> list[str]:
    return [
        "Detection is d′ of two-alternative forced choice (Macmillan and Creelman 2005) with the log-linear correction (Hautus 1995): 0 "
        "where raters cannot tell a colorization from the original, 1 at 76 % right; a negative criterion is a liking for the left side."
    ]


def _effects() -> list[str]:
    return [
        "Whether preferences depend on the caption's level or the number of instances is tested by dealing the labels anew among images "
        "(within images that were shown in several groups), 999 times."
    ]
