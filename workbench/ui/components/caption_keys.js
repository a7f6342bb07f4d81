// The keys of the board. While an image is still on its way keys are kept, and played in their order once it is there.
function keyInField(board, card, event) {
  const completing = event.key === "Tab" && !event.shiftKey && card.words.classList.contains("open");
  if (completing) complete(card.field, card.begun, card.offered[0]), typed(board, card);
  else if (event.key === "Escape") (board.rolling = false), card.field.blur(), choose(board, card.data ? card.name : order(board)[0].name);
  else if (event.key === "Enter" && !event.shiftKey) forward(board, card, event.ctrlKey || event.metaKey);
  else if (event.key === "Tab") event.shiftKey ? ((board.rolling = true), move(board, -1, card)) : forward(board, card, false);
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}

// Save (a proposal is accepted by it), and on to the next card, after the last one to the next image.
function forward(board, card, leaving) {
  board.rolling = true;
  write(board, card, card.field.value);
  accept(board, card);
  if (leaving || !move(board, 1, card)) step(board, 1);
}

function order(board) {
  return [...board.columns.querySelectorAll(".card:not([hidden])")].sort((a, b) => (a.name[0] === "n") - (b.name[0] === "n"));
}
function choose(board, name) {
  board.chosen = name;
  for (const card of board.cards.values()) card.classList.toggle("chosen", card.name === name && name[0] === "c");
}
function move(board, by, from = board.cards.get(board.chosen)) {
  const all = order(board).filter((card) => Boolean(card.data) === Boolean(from?.data)); // the captions, or the fields for new ones
  const next = all[all.indexOf(from) + by];
  if (next) choose(board, next.name), board.rolling ? edit(next) : next.scrollIntoView({ block: "nearest" });
  return Boolean(next);
}

const isField = (target) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

function onKey(board, event) {
  if (event.defaultPrevented || event.altKey) return;
  const target = event.composedPath()[0];
  if (board.waiting && (!isField(target) || board.root.contains(target)) && !/^(Shift|Control|Meta|Alt|F\d+)$/.test(event.key)) {
    board.ahead.push({ key: event.key, ctrlKey: event.ctrlKey || event.metaKey, shiftKey: event.shiftKey });
    sayWaiting(board);
    event.preventDefault();
    event.stopImmediatePropagation();
  } else if (!event.ctrlKey && !event.metaKey && !isField(target) && pageKey(board, event, target)) event.preventDefault();
}

function pageKey(board, event, target) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, card = board.cards.get(board.chosen);
  if (board.waiting) return false;
  if ("123".includes(key)) (board.rolling = true), edit(firstOf(board, LEVELS[key - 1][0]));
  else if (key === "j" || key === "ArrowDown") (board.rolling = false), move(board, 1);
  else if (key === "k" || key === "ArrowUp") (board.rolling = false), move(board, -1);
  else if (key === "ArrowRight") (board.rolling = false), step(board, 1);
  else if (key === "ArrowLeft") (board.rolling = false), step(board, -1);
  else if (key === "g") flip(board);
  else if (key === "+" || key === "=") board.zoom.by(1.4);
  else if (key === "-") board.zoom.by(1 / 1.4);
  else if (key === "0") board.zoom.fit();
  else if (key === "z" || key === "y") did(board, null, key === "z" ? "take_back" : "do_again", {});
  else if (key === "p") did(board, null, "describe", {});
  else if (key === "Enter" && target?.tagName !== "BUTTON") (board.rolling = false), card && accept(board, card), move(board, 1) || step(board, 1);
  else if (key === "d") deriveFrom(board, card?.data);
  else if (key === "a" && event.shiftKey) acceptAll(board);
  else if (!card?.data) return false;
  else if (key === "e") (board.rolling = true), edit(card);
  else if (key === "a") accept(board, card), move(board, 1);
  else if (key === "x") move(board, 1) || move(board, -1), drop(board, card);
  else if (key === "l") relevel(board, card);
  else if (key === "h") card.past.hidden = !card.past.hidden;
  else return false;
  return true;
}

// The level's first caption, pressed again its next one; where there is none, the field for a new one.
function firstOf(board, level) {
  const own = order(board).filter((card) => card.data?.level === level);
  return own[(own.findIndex((card) => card.name === board.chosen) + 1) % (own.length || 1)] ?? board.cards.get(`n${level}`);
}
function deriveFrom(board, told) {
  const usable = told && told.level !== "scarce" && !told.proposed ? told : null;
  const source = usable ?? board.page.cards.find((card) => !card.proposed && card.level !== "scarce");
  if (source) did(board, board.cards.get(`c${source.id}`), "derive", {});
}
function acceptAll(board) {
  for (const card of board.cards.values()) accept(board, card);
}

// Play the keys that were typed ahead; where they lead to an image that is not there yet, the rest waits for that one.
function playAhead(board) {
  while (board.ahead.length && !board.waiting) {
    const pressed = board.ahead.shift(), field = board.parent.activeElement;
    const card = [...board.cards.values()].find((card) => card.field === field);
    const event = { ...pressed, metaKey: false, preventDefault() {}, stopPropagation() {} };
    if (!card) pageKey(board, event, null);
    else if (keyInField(board, card, event) || pressed.ctrlKey) continue;
    else if (pressed.key.length === 1) insert(board, card, pressed.key, field.selectionStart);
    else if (pressed.key === "Backspace") insert(board, card, "", Math.max(0, field.selectionStart - (field.selectionStart === field.selectionEnd)));
  }
}
function insert(board, card, text, from) {
  card.field.setRangeText(text, from, card.field.selectionEnd, "end");
  typed(board, card);
}
