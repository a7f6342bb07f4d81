"""What to do next: chosen by the rule of its kind where the replay of what is done says that this pays, else by chance.

Of what a rule chooses a tenth is drawn at random from the rest: what is chosen by a rule alone leaves its blind spots blind, and a sample
that is known to be random is what the choice can be measured against.
"""

import random
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from workbench.errors import InvalidInputError
from workbench.suggestions.lift_over_chance import Replay, replay
from workbench.suggestions.next_items import KINDS, Suggestion

AT_RANDOM = 0.1


@dataclass(frozen=True)
class Suggested:
    """Items to work on, and what their order brought in the replay; None where too little is done for one."""

    items: list[Suggestion]
    replayed: Replay | None


def suggest(session: Session, kind: str, count: int = 20, seed: int = 0) -> Suggested:
    """The next items of a kind of work, the most instructive first, with a tenth at random at the end; fixed by the seed.

    Where the replay finds the rule's order to be worse than chance, all of them are drawn at random.
    Raises InvalidInputError for an unknown kind, or a count below one.
    """
    if kind not in KINDS:
        raise InvalidInputError(f'There is no kind of work "{kind}"; there are {", ".join(KINDS)}.')
    if count < 1:
        raise InvalidInputError(f"Ask for one item or more; got {count}.")
    chance, replayed = random.Random(seed), replay(session, kind, seed)
    ranked = sorted(KINDS[kind](session, count, chance), key=lambda one: (-one.worth, chance.random()))
    if replayed is not None and not replayed.pays:
        return Suggested(_drawn(ranked, count, chance), replayed)
    drawn = round(AT_RANDOM * count) if len(ranked) > count else 0
    chosen, rest = ranked[: count - drawn], ranked[count - drawn :]
    return Suggested([*chosen, *_drawn(rest, drawn, chance)], replayed)


def _drawn(items: list[Suggestion], count: int, chance: random.Random) -> list[Suggestion]:
    some = chance.sample(items, min(count, len(items)))
    return [replace(one, by_chance=True, reason=f"drawn at random; {one.reason}") for one in some]
