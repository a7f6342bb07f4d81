"""Taking colors out of a sentence so that it stays English: articles, commas, "and", and verbs left without a complement."""

from workbench.levels import lexicon
from workbench.levels.articles import article_for
from workbench.levels.clause_mending import around_removed, fragment_joints, subject_pronoun
from workbench.levels.noun_phrases import ColorGroup, Form, Parse, Phrase
from workbench.levels.tokens import Kind, Word, word_at

__all__ = ["Rewriting"]

_SEPARATORS = (Kind.AND, Kind.COMMA)


class Rewriting:
    """Edits on the words of one caption: words taken out, put in or replaced, then rendered once."""

    def __init__(self, text: str, parse: Parse):
        self._text = text
        self._parse = parse
        self._words = parse.words
        self._out: set[int] = set()
        self._replaced: dict[int, str] = {}
        self._before: dict[int, str] = {}
        self._fragment_ends: set[int] = set()
        self._shared_nouns: set[int] = set()

    def take_out(self, group: ColorGroup) -> None:
        """Take out the colors of a group and what only served them."""
        if group.form is Form.MODIFIER:
            self._take_out_modifiers(group.first, group.last)
        elif group.form is Form.PREDICATE:
            self._take_out_predicate(group)
        elif group.form is Form.ANAPHOR:
            self._take_out_anaphor(group)
        elif group.form is Form.COLOR_NOUN:
            self._out.update(range(group.first, group.last + 2))  # "the blue of"
        elif any(group is unbound for unbound in self._parse.unbound):
            self._take_out_unbound(group)
        else:
            self._take_out_addition(group)

    def take_out_denied(self) -> None:
        """Take out colors that the caption denies, with their verb: "The car is not red, it is blue."."""
        for group in self._parse.denied:
            before = self._at(group.lead - 1)
            if before.kind is Kind.BE:
                group.lead -= 1
                self._take_out_predicate(group)

    def take_out_asides(self) -> None:
        """Take out colors of parts ("blue-eyed", "blue eyed")."""
        for phrase in self._parse.phrases:
            inside = range(phrase.first, phrase.noun)
            asides = [index for index in inside if self._words[index].aside]
            self._out.update(asides)
            if asides:
                self._tidy(phrase.first, phrase.noun)

    def put_in(self, place: int, words: str) -> None:
        """Put words before the word at a place."""
        self._before[place] = words

    def bring_forward(self, phrase: Phrase, except_for: list[ColorGroup]) -> None:
        """Move a predicate's color before its noun: beside a clause that lost its verb, "the house is blue" becomes "the blue house"."""
        for group in phrase.groups:
            if group.form is not Form.PREDICATE or any(group is other for other in except_for):
                continue
            if self._at(group.lead - 1).kind is Kind.RELATIVE or self._at(group.lead + 1).text in lexicon.KEPT_VERBS:
                continue
            place = phrase.first
            while place < phrase.noun and self._words[place].kind in (Kind.DETERMINER, Kind.NUMBER, Kind.POSSESSIVE):
                place += 1
            color = self._text[self._words[group.first].start : self._words[group.last].end]
            self._out.update(range(group.lead, group.last + 1))
            self._before[place] = color
            self._fragment_ends.add(group.last)

    def _at(self, index: int) -> Word:
        return word_at(self._words, index)

    def _is_color(self, index: int) -> bool:
        return self._at(index).kind in (Kind.COLOR, Kind.SHADE)

    def _take_out_modifiers(self, first: int, last: int) -> None:
        for index in range(first, last + 1):
            if not self._is_color(index):
                continue
            self._out.add(index)
            before = self._at(index - 1)
            if index > first and (before.text in lexicon.DEGREES or (before.tag == "RB" and before.text.endswith("ly"))):
                self._out.add(index - 1)
            if self._at(index + 1).text in lexicon.TINTS and index < last:
                self._out.add(index + 1)
        self._tidy(first, last + 1)
        self._name_other(first, last)

    def _name_other(self, first: int, last: int) -> None:
        """Say "another one" or "others" where a color alone told one thing from the other; "a dog" for "a black" of two dogs."""
        left = [index for index in range(first, last + 1) if index not in self._out]
        opener, noun = self._at(first), last + 1
        if any(self._at(index).kind not in (Kind.DETERMINER, Kind.NUMBER) for index in left):
            return
        if self._at(noun).text == "one" and opener.text in ("a", "an"):
            self._out.add(first)
            self._replaced[noun] = "another one"
        elif self._at(noun).text == "ones" and left:
            self._replaced[noun] = "others"
        elif self._at(noun).kind is Kind.AND and left == [first]:  # "a black and a white dog"
            owner = next(phrase for phrase in self._parse.phrases if phrase.first == first)
            self._out.discard(last)
            self._replaced[last] = self._words[owner.noun].text
            self._shared_nouns.add(owner.noun)
        elif noun in self._shared_nouns and left == [first]:
            self._replaced[first] = "another"

    def _tidy(self, first: int, end: int) -> None:
        """Of the commas and "and"s in first..end-1, keep those that still join two modifiers."""
        run: list[int] = []
        left_is_modifier = False
        for index in range(first, end + 1):
            word = self._at(index)
            if index in self._out:
                continue
            if index < end and word.kind in _SEPARATORS:
                run.append(index)
                continue
            is_modifier = index < end and word.kind not in (Kind.DETERMINER, Kind.NUMBER, Kind.POSSESSIVE, Kind.NOUN)
            joins = left_is_modifier and is_modifier
            keep = [i for i in run if not any(j not in run and j in self._out for j in range(i, run[-1]))] if run and joins else []
            self._out.update(i for i in run if i not in keep)
            if run and word.kind is Kind.DETERMINER and index < end:
                self._out.add(index)  # "a red and a green apple": one article is left over
            run, left_is_modifier = [], is_modifier

    def _take_out_predicate(self, group: ColorGroup) -> None:
        between = [i for i in range(group.lead + 1, group.first) if self._words[i].text in lexicon.KEPT_VERBS]
        colors = range(group.first, group.last + 1)
        others = [i for i in colors if self._words[i].kind is Kind.ADJECTIVE and self._words[i].text not in lexicon.TINTS | lexicon.DEGREES]
        last = self._with_in_color(group.last)
        if between:
            self._out.update(range(between[-1] + 1, last + 1))
            return
        if others:
            self._take_out_modifiers(group.first, group.last)
            return
        following, after = self._at(last + 1), self._at(last + 2)
        if following.kind is Kind.AND and after.kind is Kind.VERB and after.tag in ("VBN", "VBG"):
            self._out.update(range(group.lead + 1, last + 2))  # "is red and parked"
            return
        first = group.lead
        while self._at(first - 1).text in lexicon.AUXILIARIES or self._at(first - 1).kind is Kind.BE:
            first -= 1
        if following.kind is Kind.AND and after.kind in (Kind.VERB, Kind.BE):
            self._out.update(range(first, last + 2))  # "is red and has"
            return
        if self._at(first - 1).kind in (Kind.RELATIVE, Kind.AND) and not self._opens_clause(first - 1):
            first -= 1
        if self._at(first - 1).text in ("one", "other", "others"):  # "one is black and the other is white"
            first = self._before_subject(first - 1)
        clause = subject_pronoun(self._words, first, last) if following.kind is not Kind.PREPOSITION else None
        self._out.update(clause or range(first, last + 1))
        self._fragment_ends.add(last)

    def _before_subject(self, index: int) -> int:
        """The first word of a pronoun's clause, with the article and the comma or "and" before it."""
        while self._at(index - 1).kind in (Kind.DETERMINER, *_SEPARATORS):
            index -= 1
        return index

    def _opens_clause(self, index: int) -> bool:
        """Whether "and" here joins a new subject, not a second verb."""
        return self._words[index].kind is Kind.AND and any(phrase.first == index + 1 for phrase in self._parse.phrases)

    def _with_in_color(self, last: int) -> int:
        """The end of the group with an "in color" that follows."""
        in_color = self._at(last + 1).text == "in" and self._at(last + 2).text in ("color", "colour")
        return last + 2 if in_color else last

    def _take_out_addition(self, group: ColorGroup) -> None:
        """Take out "in red", "wearing red", "painted red", ", green and red", "(red, of course)"."""
        first, last = group.lead, self._with_in_color(group.last)
        if self._at(first).text == "(":
            while self._at(last).text not in (")", ""):
                last += 1
        if self._at(first - 1).text in ("one", "other", "another", "others"):  # "one in red, one in green"
            first = self._before_subject(first - 1)
        if group.form is Form.CLOTHING and self._at(first - 1).kind is Kind.BE:
            if self._words[first].text in lexicon.KEPT_VERBS:
                first += 1
            else:
                first -= 1
        if self._at(last + 1).kind is Kind.AND and self._at(last + 2).kind is Kind.VERB:
            last += 1
        self._out.update(range(first, last + 1))
        self._close_comma(first, last)

    def _close_comma(self, first: int, last: int) -> None:
        """Of two commas around what was taken out, take out both: they only set it apart."""
        opened = self._at(first).kind is Kind.COMMA or self._at(first - 1).kind is Kind.COMMA
        if opened and self._at(last + 1).kind is Kind.COMMA:
            self._out.update([first if self._at(first).kind is Kind.COMMA else first - 1, last + 1])

    def _take_out_anaphor(self, group: ColorGroup) -> None:
        """Take out "a red one": wholly after its noun, otherwise "another one"."""
        first = group.first - 1 if self._at(group.first - 1).text == "one" else group.first
        last = group.last + 1 if self._at(group.last + 1).text in ("one", "ones") else group.last
        before = first - 1
        while before >= 0 and (before in self._out or self._at(before).kind in _SEPARATORS):
            before -= 1
        follows_noun = any(phrase.last == before for phrase in self._parse.phrases)
        separated = self._at(first - 1).kind is Kind.AND and first - 1 not in self._out
        if (follows_noun and not separated) or self._at(first).text == "one":
            self._out.update(range(before + 1, last + 1))
            self._close_comma(before + 1, last)
        elif self._words[last].text == "ones":
            self._out.update(i for i in range(first, last) if self._words[i].kind is not Kind.NUMBER)
            self._replaced[last] = "others"
        elif separated and all(i in self._out for i in range(before + 1, first - 1)) and before + 1 < first - 1:
            self._out.update(range(before + 1, last + 1))
            self._close_comma(before + 1, last)
        else:
            self._out.update(range(first, last))
            self._replaced[last] = "another one"

    def _take_out_unbound(self, group: ColorGroup) -> None:
        """Take out colors of no object: after a preposition with it, elsewhere "color" stands for them."""
        inside = range(group.first, group.last + 1)
        before = self._at(group.lead - 1)
        if self._at(group.last + 1).text == "of" and group.lead == 0:
            self._out.update(range(group.lead, group.last + 2))  # "black and white of a person"
        elif self._at(group.lead).kind is Kind.PREPOSITION:
            self._out.update(range(group.lead, group.last + 1))
        elif before.text in ("in", "and", ",") or before.kind is Kind.BE:
            self._out.update([group.lead - 1, *inside])
        else:
            self._out.update(inside)
            self._out.discard(group.last)
            self._replaced[group.last] = "color"

    def render(self) -> str:
        """The text after all edits: spaces as written, articles by sound, a capital where there was one."""
        self._out |= around_removed(self._words, self._out)
        for joint, word in fragment_joints(self._words, self._out, self._fragment_ends).items():
            self._replaced[joint] = f" {word}" if self._words[joint].kind is Kind.COMMA else word
        pieces: list[str] = []
        gap = self._text[: self._words[0].start] if self._words else self._text
        pending = gap
        for index, word in enumerate(self._words):
            following = self._words[index + 1].start if index + 1 < len(self._words) else len(self._text)
            after = self._text[word.end : following]
            if index in self._out:
                pending = pending or after
                if not pieces or not after.strip():
                    continue
            else:
                pieces.append(pending + self._word_text(index))
                pending = after
        rendered = "".join(pieces) + (pending if pending.strip() else "")
        return self._capitalized(_mended(rendered))

    def _word_text(self, index: int) -> str:
        word = self._words[index]
        word_text = self._replaced.get(index) or self._text[word.start : word.end]
        if word.text in ("a", "an") and index not in self._replaced:
            word_text = self._article(index, word_text)
        return f"{self._before[index]} {word_text}" if index in self._before else word_text

    def _article(self, index: int, word_text: str) -> str:
        """The article that fits the next word that stays, when that word is a new one."""
        after = index + 1
        while after in self._out:
            after += 1
        following = self._before.get(after) or self._replaced.get(after) or self._at(after).text
        if (after == index + 1 and after not in self._before) or not following or not following[0].isalpha():
            return word_text
        article = article_for(following)
        return article.upper() if self._text.isupper() else article.capitalize() if word_text[0].isupper() else article

    def _capitalized(self, rendered: str) -> str:
        first = next((c for c in self._text if c.isalpha()), "")
        if not first.isupper():
            return rendered
        place = next((i for i, c in enumerate(rendered) if c.isalpha()), None)
        return rendered if place is None else rendered[:place] + rendered[place].upper() + rendered[place + 1 :]


def _mended(text: str) -> str:
    """Text without the spaces and commas that removals leave: doubled, leading, or before a full stop."""
    for fault, instead in (("  ", " "), (" ,", ","), (",,", ","), (" .", "."), (",.", ".")):
        while fault in text:
            text = text.replace(fault, instead)
    return text.strip().strip(",:;").strip()
