"""A study's facts as the paragraphs of a methods section, to be quoted or shortened."""

from datetime import datetime
from statistics import median

from db.enums import CaptionLevel, RatingMethod, TrialKind
from db.models import Study
from workbench.reports.standards import standard_sentence
from workbench.reports.study_facts import Facts
from workbench.studies import Rules, Scale, rules_of

__all__ = ["paragraphs"]

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
SHOWN = {
    RatingMethod.PAIR: "two renditions of the same photo",
    RatingMethod.CHOICE: "several renditions of the same photo, of which the best was chosen",
    RatingMethod.RANKING: "several renditions of the same photo, which were ranked from best to worst",
    RatingMethod.CATEGORY: "one picture, which was rated on a scale",
}
VIEWS = {"side by side": "side by side", "flip": "in one place, flipped by a key", "slider": "in one place under a slider"}
WATCHING = {
    TrialKind.TRAINING: "for training",
    TrialKind.GOLD: "with an answer that is plain to see (gold)",
    TrialKind.TRAP: "that asked for a certain answer (trap)",
}


def paragraphs(facts: Facts) -> dict[str, str]:
    """By heading the paragraph: participants, material, procedure, screening and exclusions."""
    told = {
        "Participants": _participants(facts),
        "Material": _material(facts),
        "Procedure": _procedure(facts),
        "Screening and exclusions": [*_screening(facts), *_exclusions(facts)],
    }
    return {heading: " ".join(sentences) for heading, sentences in told.items()}


def _participants(facts: Facts) -> list[str]:
    if not facts.voted:
        return [f"Nobody has voted yet; {_count(facts.invited, 'rater')} {_were(facts.invited)} invited."]
    sentences = [f"{_start(_count(facts.voted, 'rater'))} took part, of {facts.invited} invited."]
    if facts.simulated:
        sentences.append(f"{_start(_number(facts.simulated))} of them {_were(facts.simulated)} simulated by a program.")
    named = {name: count for name, count in facts.cohorts.items() if name}
    if named:
        rest = facts.voted - sum(named.values())
        groups = [f"{name} ({count})" for name, count in named.items()] + ([f"none named ({rest})"] if rest else [])
        sentences.append(f"Cohorts: {', '.join(groups)}.")
    sentences.append(f"Consent is on record for {_of(facts.consented)} of them; {_of(facts.finished)} answered all that they were given.")
    low, high = facts.votes_a_rater[0], facts.votes_a_rater[-1]
    span = f"{low}" if low == high else f"{low} to {high} (median {median(facts.votes_a_rater):g})"
    return [*sentences, f"Each gave {span} votes, those on trials with a known answer included."]


def _material(facts: Facts) -> list[str]:
    systems = f"{_start(_count(len(facts.systems), 'system'))} {_were(len(facts.systems))} compared: {_and(facts.systems)}."
    sentences = [systems, f"They were shown on {_count(facts.images, 'image')} in {_count(facts.trials, 'trial')}."]
    if facts.described and rules_of(facts.study).caption:
        levels = [f"{facts.levels[level]} {level.value}" for level in CaptionLevel if level in facts.levels]
        which = "Every trial" if facts.described == facts.trials else _start(_count(facts.described, "trial"))
        by_level = f", by level {_and(levels)}" if levels else ""
        sentences.append(f"{which} showed the description beside the pictures{by_level}.")
    if facts.watching:
        kinds = [f"{_number(count)} {WATCHING[kind]}" for kind, count in facts.watching.items()]
        sentences.append(f"Further trials, never counted: {_and(kinds)}.")
    return sentences


def _procedure(facts: Facts) -> list[str]:
    study, rules = facts.study, rules_of(facts.study)
    surround = " on a neutral mid-gray page (#777777)" if facts.dealt else ""
    sentences = [f"Each trial showed {_shown(study, rules)}{surround} and asked: “{study.question}”"]
    sentences += [f"Before the first trial raters read: “{rules.instructions.strip()}”"] if rules.instructions.strip() else []
    sentences.append(_answer(study, rules))
    sentences.append(
        f"{_start(_count(study.votes_per_trial, 'vote'))} by different raters {_were(study.votes_per_trial)} asked for each trial."
    )
    if facts.dealt:
        sentences += _dealing(facts, rules)
    elif facts.voted:
        sentences.append("The votes were given elsewhere and imported; how they were taken is not known here.")
    sentences += [sentence] if (sentence := standard_sentence(facts)) else []
    if facts.seconds is not None:
        sentences.append(f"An answer took {facts.seconds:.1f} s at the median.")
    if study.opened_at:
        ended = f"closed on {_day(study.closed_at)}" if study.closed_at else "is still open"
        sentences.append(f"The study was opened on {_day(study.opened_at)} and {ended}.")
    return sentences


def _dealing(facts: Facts, rules: Rules) -> list[str]:
    first = "those with the fewest votes came first"
    if rules.selection == "informative":
        first = "those came first that promised to tell most about the strengths (expected information of the Bradley-Terry posterior)"
    sentences = [
        f"Trials came in an order of each rater's own, drawn from the seed {facts.study.seed}, images that the rater had seen least first, "
        f"and among these {first}. {_balance(facts.study.method)} No rater answered a trial "
        "twice, and no page, file name or order named a system."
    ]
    if rules.trials_per_rater is not None:
        sentences.append(f"A rater got at most {_count(rules.trials_per_rater, 'trial')} that count.")
    if rules.break_every:
        sentences.append(f"A rest was offered after every {_count(rules.break_every, 'trial')}.")
    return [*sentences, "The last answer could be taken back." if rules.back else "Answers were final."]


def _balance(method: RatingMethod) -> str:
    if method is RatingMethod.CATEGORY:
        return "Within each rater's part every system followed every other about equally often (after Williams 1949)."
    return "The pictures of a trial stood in each place equally often over its raters."


def _shown(study: Study, rules: Rules) -> str:
    shown = SHOWN[study.method] + (f" {VIEWS[rules.view]}" if study.method is RatingMethod.PAIR else "")
    parts = {"the gray photo": rules.source, "the original in color": rules.reference}
    beside = [name for name, is_there in parts.items() if is_there]
    return shown + (f", beside {_and(beside)}," if beside else "")


def _answer(study: Study, rules: Rules) -> str:
    if study.method is RatingMethod.CATEGORY:
        return f"The answer was a whole number on {_and(map(_scale, rules.scales))} (absolute category rating)."
    if study.method is not RatingMethod.PAIR:
        return "Ties were not offered."
    ties = "a tie was allowed" if rules.ties else "a choice was forced, no tie was allowed"
    return f"The answer was one of the two (pair comparison); {ties}."


def _scale(scale: Scale) -> str:
    if scale.words:
        return f"{scale.name} ({', '.join(f'{value} {word}' for value, word in enumerate(scale.words, 1))})"
    ends = f", {scale.low} to {scale.high}" if scale.low and scale.high else ""
    return f"{scale.name} (1 to {scale.points}{ends})"


def _screening(facts: Facts) -> list[str]:
    rules = rules_of(facts.study)
    if not facts.screening:
        return ["No screening of color vision or displays is on record."]
    tests = [f"{test.replace('_', ' ')}, passed by {right} of {taken}" for test, (right, taken) in facts.screening.items()]
    needed = [name for name, rule in (("color vision", rules.color_vision), ("the display", rules.display)) if rule == "require"]
    sentences = [f"Raters were tested for {_and(tests)}."]
    return [*sentences, f"Who failed the test of {_and(needed)} was not let in." if needed else "Nobody was kept out by these tests."]


def _exclusions(facts: Facts) -> list[str]:
    if not facts.excluded:
        return ["No rater was excluded."]
    votes = sum(each.votes for each in facts.excluded)
    reasons = [f"{each.rater} ({each.reason})" for each in facts.excluded]
    return [
        f"{_start(_count(len(facts.excluded), 'rater'))} {_were(len(facts.excluded))} excluded, and {_count(votes, 'vote')} with them: "
        f"{'; '.join(reasons)}. These votes are in the file of votes, marked, and in none of the results."
    ]


def _count(number: int, noun: str) -> str:
    return f"{_number(number)} {noun}{'' if number == 1 else 's'}"


def _number(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else f"{number:,}"


def _of(number: int) -> str:
    return _number(number) if number else "none"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]


def _and(parts) -> str:
    parts = list(parts)
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
