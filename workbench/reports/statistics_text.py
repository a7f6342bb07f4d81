"""How the numbers of a report come about, in sentences with their sources, for the methods section of a paper."""

from workbench.analysis.cluster_spread import FEWEST
from workbench.analysis.results import Results

__all__ = ["methods_of"]

STRENGTHS = {
    "Bradley-Terry": "Strengths are maximum-likelihood estimates of the Bradley-Terry model (1952) in logits with mean zero.",
    "Davidson": "Strengths are maximum-likelihood estimates of Davidson's model of ties (1970) in logits with mean zero: differences are "
    "the log-odds of a win against a loss, ties apart.",
    "Luce": "Strengths are maximum-likelihood estimates of Luce's choice model (1959) in logits with mean zero.",
    "Plackett-Luce": "Strengths are maximum-likelihood estimates of the Plackett-Luce model in logits with mean zero, each ranking being a "
    "chain of choices.",
}
SPREAD = (
    "95 % intervals speak of raters and images like these: whole raters, whole images, and their crossings are left out in turn "
    "(jackknife), and their variances are put together as of two crossed random effects (two-way clustering, Cameron, Gelbach and Miller "
    "2011, weighted to be without bias), never less than that of independent votes, with Student's t of Satterthwaite's degrees of "
    "freedom. "
    f"With fewer than {FEWEST} raters no p-value is given."
)


def methods_of(results: Results) -> list[str]:
    """The sentences that fit a study's results."""
    return [
        *(_scores() if results.method == "category" else _preferences(results)),
        "Differences between systems are tested against the same spread, so that votes of one rater or on one image do not count as "
        "independent; p-values are corrected for all pairs (of all scales together) after Holm (1979).",
        f"Agreement is Krippendorff's alpha (2011), {AGREEMENT[results.method]}. Its interval is over raters and images, too.",
        *(_detection() if results.detection else []),
        *(_effects() if results.effects else []),
        "Raters are flagged for one side in over 70 % of answers (sign test, p < 0.001), a median answer under 0.7 s, more viewing time "
        "than the server saw pass in two answers or more, agreement under 45 % (sign test, p < 0.001), one and the same answer in 95 %, "
        "missed trials with a known answer (p < 0.01 for a rater who gets 95 % right), scores that neither follow the others' nor are as "
        "related to them as usual in this study (p < 0.01 each), and where a mixture model of raters who look and raters who guess gives "
        "guessing more than even odds. "
        "Flagged raters are counted unless they were excluded; the sensitivity analysis shows the results without them.",
    ]


AGREEMENT = {
    "pair": "nominal, of which side of the unordered pair won: every unit is counted with its mirror image, so that chance is a coin "
    "between the two sides, whatever the systems are called",
    "choice": "nominal, of the system chosen",
    "ranking": "on the ordinal scale, of the ranks of each picture",
    "category": "on the ordinal scale, by scale",
}


def _preferences(results: Results) -> list[str]:
    sentences = [STRENGTHS[results.model]] if results.model else []
    sentences += [SPREAD, "Intervals of win rates are Wilson's (1927) of the number of independent votes that would be as uncertain."]
    if results.method == "ranking":
        sentences.append("A ranking is one vote, of however many systems: its win rate is the share of the others ranked behind.")
    if results.method == "choice":
        sentences.append("Among several, what stands for a win rate is the share chosen of the times that a system was shown.")
    if results.fit is not None:
        sentences.append(
            "Whether strengths fit the pairs' win rates, and thus whether preferences are transitive, is tested by the residuals' sum of "
            "squares against their clustered spread (Rao and Scott 1981)."
        )
    if results.method == "pair":
        sentences.append(
            "A tie is half a win in win rates. The p column of win rates tests an even chance against the same clustered spread. The "
            "effect of order is the log-odds that the first (left) place adds, in Davidson's model with an order effect (Davidson and "
            "Beaver 1977)."
        )
    return sentences


def _scores() -> list[str]:
    return [
        "Mean opinion scores are means over all values of a system. " + SPREAD,
        "Recovered scores remove each subject's bias and weigh subjects by their consistency, by alternating projection (Li et al. 2020; "
        "ITU-T P.910, Appendix VI); their intervals, by leaving out whole raters, speak of these pictures. Without four scores a picture "
        "there are none. Correlations are each subject's with the mean of the others (the "
        "screening measure of ITU-T P.913, Annex A, whose usual bound is 0.75).",
    ]


def _detection() -> list[str]:
    return [
        "Detection is d′ of two-alternative forced choice (Macmillan and Creelman 2005) with the log-linear correction (Hautus 1995): 0 "
        "where raters cannot tell a colorization from the original, 1 at 76 % right; a negative criterion is a liking for the left side."
    ]


def _effects() -> list[str]:
    return [
        "Whether preferences depend on the caption's level or the number of instances is tested by dealing the labels anew among images "
        "(within an image where it was shown in several groups), 999 times."
    ]
