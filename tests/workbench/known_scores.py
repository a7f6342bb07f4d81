"""Studies of scores, of effects and of guessing raters whose truth is known."""

import numpy as np

from workbench.analysis import mean_opinion
from workbench.analysis.agreement import agreement
from workbench.analysis.design_matrix import luce_ballots
from workbench.analysis.permutation_tests import grouped, luce_fit, permutation_p
from workbench.analysis.vote_records import CategoryVote, ChoiceVote

IMAGES, SUBJECTS = 24, 24
SYSTEMS = {"a": 0.4, "b": 0.0, "c": -0.4}


def scores(each: int, seed: int) -> tuple[list[CategoryVote], dict[str, float]]:
    """Scores of `each` subjects on every picture, and by system the true mean quality of these very pictures.

    A score is 3 + system + picture + the subject's bias + the subject's noise, rounded to 1 … 5. Its truth is the mean of the rounded
    scores of all the subjects that there might be.
    """
    draw = np.random.default_rng(seed)
    bias, noise = 0.4 * draw.normal(size=SUBJECTS), np.exp(0.3 * draw.normal(size=SUBJECTS)) * 0.7
    everybody = 0.4 * draw.normal(size=4000), 0.7 * np.exp(0.3 * draw.normal(size=4000))
    votes, true = [], {}
    for name, offset in SYSTEMS.items():
        quality = 3 + offset + 0.5 * draw.normal(size=IMAGES)
        heard = quality[:, None] + everybody[0] + everybody[1] * draw.normal(size=(IMAGES, 4000))
        true[name] = float(np.clip(np.round(heard), 1, 5).mean())
        for image in range(IMAGES):
            for subject in draw.permutation(SUBJECTS)[:each]:
                value = int(np.clip(np.round(quality[image] + bias[subject] + noise[subject] * draw.normal()), 1, 5))
                votes.append(CategoryVote(f"s{subject}", (image, name), name, "quality", value, image=image, points=5))
    return votes, true


def recovered_coverage(each: int, studies: int) -> tuple[str, str]:
    """How often the intervals of recovered scores, and of mean scores, hold the truth of these pictures, of so many scores a picture."""
    inside, mean = [], []
    for seed in range(studies):
        votes, true = scores(each, 500_000 + seed)
        for row in mean_opinion.by_scale(votes)[0].rows():
            inside.append(row["recovered_low"] <= true[row["name"]] <= row["recovered_high"])
            mean.append(row["low"] <= true[row["name"]] <= row["high"])
    return f"{np.mean(inside):.3f}", f"{np.mean(mean):.3f}"


def noise_on_two_scales(seed: int) -> list[CategoryVote]:
    """Scores that agree on nothing: six raters, thirty pictures, one scale used high and the other low."""
    draw = np.random.default_rng(seed)
    return [
        CategoryVote(f"r{rater}", picture, "a", scale, int(draw.integers(low, low + 2)), image=picture)
        for scale, low in (("natural", 4), ("bleeding", 1))
        for picture in range(30)
        for rater in range(6)
    ]


def alpha_of_noise(studies: int) -> tuple[float, float]:
    """Mean alpha of pure noise: on each scale by itself, and with the scales pooled."""
    apart, pooled = [], []
    for seed in range(studies):
        values = noise_on_two_scales(seed)
        for scale in ("natural", "bleeding"):
            apart.append(_alpha([value for value in values if value.scale == scale]))
        pooled.append(_alpha(values))
    return float(np.mean(apart)), float(np.mean(pooled))


def _alpha(values: list[CategoryVote]) -> float:
    units = [(value.unit, value.scale) for value in values]
    columns = [value.value for value in values], [value.rater for value in values], [value.image for value in values]
    return agreement(units, *columns, "ordinal")["alpha"]


def effect_p(shared: int, effect: float, seed: int, deals: int = 199) -> float:
    """The p-value of the permutation test: twenty images, so many of them in both groups, eight raters; a beats b more in one group."""
    draw = np.random.default_rng(seed)
    votes, groups = [], []
    content, taste = 0.4 * draw.normal(size=20), 0.4 * draw.normal(size=8)
    for image in range(20):
        for group in (0, 1) if image < shared else (image % 2,):
            for rater in range(8):
                logit = effect * (group - 0.5) + content[image] + taste[rater]
                winner = "a" if draw.random() < 1 / (1 + np.exp(-logit)) else "b"
                votes.append(ChoiceVote(f"r{rater}", (image, group), ("a", "b"), winner, image=image))
                groups.append(group)
    ballots = luce_ballots(votes)
    blocks = grouped(groups, ballots.rater, ballots.image, ballots.cells)
    return permutation_p(blocks, luce_fit(ballots), seed=seed, deals=deals)


def votes_with_guessers(rate: float, seed: int) -> list[ChoiceVote]:
    """Six raters who look and prefer b's pictures on so many of forty images, each right in nine of ten answers; three who guess.

    The names run against the result: b, the later by name, is the better.
    """
    draw = np.random.default_rng(seed)
    better = draw.random(40) < rate
    votes = []
    for image in range(40):
        for rater in range(9):
            sees = draw.random() < 0.9 if rater < 6 else draw.random() < 0.5
            shown = ("b", "a")[:: 1 if rater % 2 else -1]
            votes.append(ChoiceVote(f"r{rater}", image, shown, "b" if better[image] == sees else "a", image=image))
    return votes
