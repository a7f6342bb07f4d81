// Words of a caption that look misspelled: a menu under the caption, one word at a time, of what may be meant, worked by keys.
function slipsOf(board, card) {
  const text = textInHand(board, card);
  return (card.data?.slips ?? []).flatMap((slip) => {
    const at = new RegExp(`(?<![\\p{L}'])${slip.word}(?![\\p{L}])`, "u").exec(text)?.index;
    return at === undefined ? [] : [{ ...slip, start: at, end: at + slip.word.length }];
  });
}

function textInHand(board, card) {
  return card.classList.contains("editing") ? card.field.value : presented(board, card.data).text;
}

// Opened again it goes on to the next word, after the last one it closes.
function openSpelling(board, card) {
  const slips = slipsOf(board, card), next = board.spelling?.card === card ? board.spelling.place + 1 : 0;
  closeSpelling(board);
  if (!slips.length) tell(board, "No word of this caption looks misspelled.");
  else if (slips[next]) showSpelling(board, card, slips[next], next);
}

function showSpelling(board, card, slip, place) {
  board.spelling = { card, slip, place };
  const choices = slip.suggestions.map((word, index) => act(`${index + 1} ${word}`, "", (event) => stopping(event, () => correct(board, word))));
  const line = choices.length ? choices : ["no suggestion; E edits the caption "];
  card.menu.replaceChildren(make("b", "", { textContent: slip.word }), " may be meant as ", ...line, act("Esc", "leave it as it is", (event) => stopping(event, () => closeSpelling(board))));
  card.menu.hidden = false;
}

function closeSpelling(board) {
  if (!board.spelling) return;
  board.spelling.card.menu.hidden = true;
  board.spelling = null;
}

function correct(board, word) {
  const { card, slip } = board.spelling, text = textInHand(board, card);
  const written = /^\p{Lu}/u.test(slip.word) ? word[0].toUpperCase() + word.slice(1) : word;
  closeSpelling(board);
  if (card.classList.contains("editing")) insert(board, card, written, slip.start, slip.end);
  else {
    write(board, card, text.slice(0, slip.start) + written + text.slice(slip.end));
    drawCards(board);
  }
}

// Whether a key was the menu's: a digit chooses, Enter takes the first, Escape leaves the word; any other key closes the menu.
function spellingKey(board, event) {
  if (!board.spelling || /^(Shift|Control|Meta|Alt)$/.test(event.key)) return false;
  const { card, slip } = board.spelling, chosen = event.key === "Enter" ? slip.suggestions[0] : slip.suggestions[event.key - 1];
  if (chosen) correct(board, chosen);
  else if (isSpellingKey(event) || (keyOf(event) === "s" && !card.classList.contains("editing"))) openSpelling(board, card);
  else {
    closeSpelling(board);
    return event.key === "Escape";
  }
  return true;
}

function isSpellingKey(event) {
  return event.key === "." && (event.ctrlKey || event.metaKey);
}
