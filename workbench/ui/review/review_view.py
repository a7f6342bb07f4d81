"""What the Review page shows of a colorization: pictures, rivals, votes, metrics, and what others have said of it."""

import streamlit as st

from db.enums import ReviewKind, Verdict
from db.models import Colorization, Image
from workbench import captions, images, reviews
from workbench.reviews import Queued, curator_agreement, measured, queue
from workbench.ui.app import context
from workbench.ui.app.media_routes import full_url, thumb_url
from workbench.ui.components.color_chips import marked, spans_of
from workbench.ui.components.compare import compare
from workbench.ui.components.gallery import Tile, gallery
from workbench.ui.shared import wording

MOST_RIVALS = 8
METRICS = {
    "psnr": ("PSNR", "{:.1f} dB"),
    "delta_e": ("ΔE00", "{:.1f}"),
    "colorfulness": ("colorfulness", "{:.0f}"),
    "bleeding": ("bleeding", "{:.2f}"),
}

REASONS = {
    "1": "an object has the wrong color",
    "2": "a color bleeds into its surroundings",
    "3": "the colors are dull or missing",
    "4": "the colors are not natural",
    "5": "blotches or other artifacts",
    "6": "the description does not fit the image",
}
"""Why a colorization is refused, by the key that says so."""
OWN = "Another reason"


def progress(counts: dict[str, int], total: int) -> None:
    """How much is reviewed, the verdicts, and how far curators agree where two have judged the same."""
    with context.reading() as session:
        number, alpha = curator_agreement.of_curators(session)
    verdicts = " · ".join(f"{wording.VERDICT_GLYPHS[verdict]} {counts[verdict.value]:,}" for verdict in Verdict)
    parts = [f"{counts['reviewed']:,} of {total:,} reviewed", verdicts]
    parts += [f"{counts['disputed']:,} in dispute"] if counts["disputed"] else []
    parts += [f"{number:,} judged by two or more" + ("" if alpha is None else f", α = {alpha:.2f}")] if number else []
    st.progress(counts["reviewed"] / total, text=" · ".join(parts))


def pictures(row: Colorization) -> None:
    """The colorization beside its reference, or beside the gray source where there is none."""
    with context.reading() as session:
        image = images.get(session, row.image_id)
    address, word = _beside(image)
    compare(
        (full_url(row.media_key), "colorization"),
        (address, word),
        key="review-compare",
        mode="side",
        height="max(360px, calc(100vh - 400px))",
    )


def _beside(image: Image) -> tuple[str, str]:
    if image.has_reference:
        return full_url(image.upright_key), "reference"
    return thumb_url(image.upright_key, "gray", 1024), "source (gray)"


def rivals(row: Colorization) -> None:
    """The other colorizations of the same words: of them and this one a release takes the best that is accepted."""
    with context.reading() as session:
        others = queue.rivals(session, row.id)
    if not others:
        return
    order = ", the best by votes first" if len(others) > 1 else ""
    st.caption(f"{wording.count(len(others), 'other colorization')} for the same caption{order}")
    tiles = [
        Tile(one.colorization.id, thumb_url(one.colorization.media_key, "color", 256), title=_votes(one), note=_short(one))
        for one in others[:MOST_RIVALS]
    ]
    gallery(tiles, key=f"rivals-{row.id}", columns=MOST_RIVALS, selectable=False, strip=True)


def _short(item: Queued) -> str:
    parts = [f"seed {item.colorization.seed}", wording.adherence(measured(item.colorization))]
    return " · ".join([*parts, f"won {wording.share(item.win_rate)}"] if item.votes else parts)


def adherence(row: Colorization) -> str:
    """Adherence with the masks that it was measured in."""
    known = measured(row)
    return "not measured" if known.basis is None else f"**{wording.share(known.value)}** {wording.BASIS_WORDS[known.basis]}"


def _votes(item: Queued) -> str:
    if not item.votes:
        return "no votes yet"
    agreed = "" if item.tally.agreement is None else f", raters agree {wording.share(item.tally.agreement)}"
    return f"won {wording.share(item.win_rate)} of {wording.count(item.votes, 'vote')}{agreed}"


def facts(item: Queued) -> None:
    """The caption, and what is known of the colorization: adherence by phrase, votes, marks and metrics."""
    row = item.colorization
    with context.reading() as session:
        view = captions.views(session, [captions.get(session, row.caption_id)])[0]
    # Chips only where the caption still reads as it did when the colorization was made.
    spans = spans_of(view.mentions) if view.caption.text == row.caption_text else []
    st.html(f'<p class="saying">{wording.LEVEL_GLYPHS[view.caption.level]} {marked(row.caption_text, spans)}</p>')
    scored = "" if item.tally.mean_score is None else f" · mean mark {item.tally.mean_score:.1f}"
    st.caption(f"Adherence {adherence(row)} · {_votes(item)}{scored}")
    for part in row.facts.get("mentions", []):
        st.caption(f"{wording.plain(part['phrase'])} · {'right' if part['right'] else 'not right'}, {wording.share(part['score'])}")
    measured = row.facts.get("metrics", {})
    known = [f"{word} {form.format(measured[name])}" for name, (word, form) in METRICS.items() if measured.get(name) is not None]
    if known:
        st.caption(" · ".join(known))
    lost = row.facts.get("lost_words")
    if lost:
        st.caption(f"Words that the model did not read: {wording.plain(lost if isinstance(lost, str) else ' '.join(lost))}")


def verdicts(row: Colorization, *, hidden: bool) -> None:
    """What has been said of it; `hidden` from one whose opinion is to be their own."""
    with context.reading() as session:
        rows = reviews.of_colorization(session, row.id)
    if rows and hidden:
        st.caption(f"{wording.count(len(rows), 'verdict')} of others, shown once you have given yours.")
        return
    for one in rows:
        reason = f": {wording.plain(one.reason)}" if one.reason else ""
        who = {ReviewKind.FINAL: f"{one.reviewer} settled it", ReviewKind.RULE: f"rules {one.reviewer}"}.get(one.kind, one.reviewer)
        st.caption(f"{wording.verdict(one.verdict)} · {wording.plain(who)}{reason}")


def preload(colorization_id: int) -> None:
    """Let the browser fetch the next pair while this one is looked at."""
    with context.reading() as session:
        row = session.get(Colorization, colorization_id)
        addresses = [] if row is None else [full_url(row.media_key), _beside(images.get(session, row.image_id))[0]]
    st.html("".join(f'<img src="{one}" alt="" style="display:none">' for one in addresses))


def take_back() -> list[int]:
    """Take the visitor's last verdict back, also one from before a reload; returns the colorizations that it was about."""
    judged: list[int] = []
    with context.attempt():
        with context.transaction() as session:
            batch = queue.last_of(session, context.actor())
            if batch is not None:
                judged = queue.judged_in(session, batch)
                queue.undo(session, batch, actor=context.actor())
        context.say("Your last verdict is undone." if batch else "There is no verdict of yours to undo.")
    return judged
