// The words of a caption as nodes: objects underlined, color words with a chip of the color they name, lost words struck through.
function wordNodes(card) {
  const nodes = [];
  let at = 0;
  const plain = (to) => {
    if (to > at) nodes.push(...struck(card, at, to));
    at = Math.max(at, to);
  };
  for (const mention of card.mentions) {
    if (mention.start < at) continue;
    plain(mention.start);
    const mark = make("mark", mention.colored ? "colored" : "", { title: mention.title });
    mark.dataset.mention = mention.id;
    for (const chip of mention.chips) {
      if (chip.end <= at || chip.end > mention.end) continue;
      mark.append(...withChip(card, at, chip));
      at = chip.end;
    }
    mark.append(...struck(card, at, mention.end));
    at = mention.end;
    nodes.push(mark);
    for (const chip of mention.chips.filter((chip) => chip.end > mention.end && chip.end > at)) {
      nodes.push(...withChip(card, at, chip));
      at = chip.end;
    }
  }
  plain(card.text.length);
  return nodes;
}

// The text up to a chip, and its color word with the chip on one line.
function withChip(card, at, chip) {
  const word = Math.max(at, card.text.lastIndexOf(" ", chip.end - 1) + 1);
  const held = make("span", "held");
  held.append(...struck(card, word, chip.end), chipNode(chip.color));
  return [...struck(card, at, word), held];
}

// Characters [start, end): what the text encoder does not read struck through, misspelled words marked.
function struck(card, start, end) {
  const edges = [start, end, card.lost ?? end, ...card.slips.flatMap((slip) => [slip.start, slip.end])];
  const inside = [...new Set(edges)].filter((edge) => edge >= start && edge <= end).sort((a, b) => a - b);
  return inside.slice(1).map((edge, place) => leaf(card, inside[place], edge));
}

function leaf(card, start, end) {
  const text = card.text.slice(start, end), slip = card.slips.find((slip) => slip.start <= start && end <= slip.end);
  const word = slip ? make("u", "slip", { textContent: text, title: "looks misspelled; S shows what may be meant" }) : document.createTextNode(text);
  if (card.lost === null || start < card.lost) return word;
  return make("s", "lost", { title: "the text encoder does not read this" }, [word]);
}

// The words that may complete what stands before the cursor; none while the cursor is inside of a word or the word is whole.
function completions(field, words) {
  const before = field.value.slice(0, field.selectionStart), after = field.value.slice(field.selectionEnd);
  const begun = /[\p{L}-]{2,}$/u.exec(before)?.[0].toLowerCase();
  if (!begun || /^[\p{L}-]/u.test(after) || field.selectionStart !== field.selectionEnd) return { begun: "", words: [] };
  return { begun, words: words.filter((word) => word.startsWith(begun) && word !== begun).slice(0, 5) };
}

function complete(field, begun, word) {
  const end = field.selectionStart, start = end - begun.length;
  const written = field.value.slice(start, end) + word.slice(begun.length);
  field.setRangeText(written, start, end, "end");
}
