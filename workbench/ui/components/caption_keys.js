// The keys of the board. While an image is still on its way keys are kept, and played in their order once it is there; should the page be
// loaded anew meanwhile, it goes on to that image with them.
const KEPT_KEYS = "workbench-caption-ahead", KEPT_SECONDS = 60;

function keepAhead(board) {
  if (board.ahead.length) sessionStorage.setItem(KEPT_KEYS, JSON.stringify({ image: board.image, keys: board.ahead, at: Date.now() }));
  else sessionStorage.removeItem(KEPT_KEYS);
}

function takeUpAhead(board) {
  const kept = JSON.parse(sessionStorage.getItem(KEPT_KEYS) ?? "null");
  sessionStorage.removeItem(KEPT_KEYS);
  if (!kept || Date.now() - kept.at > 1000 * KEPT_SECONDS || !board.data.walk.ids.includes(kept.image)) return;
  Object.assign(board, { image: kept.image, step: board.step + 1, ahead: kept.keys });
  keepAhead(board);
}

function keyInField(board, card, event) {
  const completing = event.key === "Tab" && !event.shiftKey && card.words.classList.contains("open");
  if (completing) {
    complete(card.field, card.begun, card.offered[0]);
    typed(board, card);
  } else if (isSpellingKey(event)) openSpelling(board, card);
  else if (event.key === "Escape") {
    board.rolling = false;
    card.field.blur();
    choose(board, card.data ? card.name : order(board)[0].name);
  } else if (event.key === "Enter" && !event.shiftKey) forward(board, card, event.ctrlKey || event.metaKey);
  else if (event.key === "Tab" && event.shiftKey) {
    board.rolling = true;
    move(board, -1, card);
  } else if (event.key === "Tab") forward(board, card, false);
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
  if (next) choose(board, next.name);
  if (next && board.rolling) edit(next);
  else next?.scrollIntoView({ block: "nearest" });
  return Boolean(next);
}

function onKey(board, event) {
  if (event.defaultPrevented || event.altKey) return;
  const target = event.composedPath()[0];
  if (board.waiting && (!isField(target) || board.root.contains(target)) && !/^(Shift|Control|Meta|Alt|F\d+)$/.test(event.key)) {
    board.ahead.push({ key: event.key, ctrlKey: event.ctrlKey || event.metaKey, shiftKey: event.shiftKey });
    keepAhead(board);
    sayWaiting(board);
    event.preventDefault();
    event.stopImmediatePropagation();
  } else if ((!isField(target) || board.root.contains(target)) && spellingKey(board, event)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else if (!event.ctrlKey && !event.metaKey && !isField(target) && pageKey(board, event, target)) event.preventDefault();
}

// What the keys of the page do; those of a caption only where one is chosen. The order of walking from field to field ends with some.
const roll = (does, rolling) => (board, card) => {
  board.rolling = rolling;
  does(board, card);
};
const PAGE_KEYS = {
  ...Object.fromEntries(LEVELS.map(([level], place) => [place + 1, roll((board) => edit(firstOf(board, level)), true)])),
  j: roll((board) => move(board, 1), false),
  ArrowDown: roll((board) => move(board, 1), false),
  k: roll((board) => move(board, -1), false),
  ArrowUp: roll((board) => move(board, -1), false),
  ArrowRight: roll((board) => step(board, 1), false),
  ArrowLeft: roll((board) => step(board, -1), false),
  Enter: roll(acceptAndGoOn, false),
  g: flip,
  "+": (board) => board.zoom.by(1.4),
  "=": (board) => board.zoom.by(1.4),
  "-": (board) => board.zoom.by(1 / 1.4),
  0: (board) => board.zoom.fit(),
  z: (board) => did(board, null, "take_back", {}),
  y: (board) => did(board, null, "do_again", {}),
  p: (board) => did(board, null, "describe", {}),
  d: (board, card) => deriveFrom(board, card?.data),
};
const CAPTION_KEYS = {
  e: roll((_board, card) => edit(card), true),
  a: acceptAndMove,
  x: removeAndMove,
  l: (board, card) => relevel(board, card),
  h: (_board, card) => toggleHistory(card),
  s: openSpelling,
};

function pageKey(board, event, target) {
  const key = keyOf(event), card = board.cards.get(board.chosen);
  const does = key === "a" && event.shiftKey ? acceptAll : (PAGE_KEYS[key] ?? (card?.data && CAPTION_KEYS[key]));
  if (board.waiting || !does || (key === "Enter" && target?.tagName === "BUTTON")) return false;
  does(board, card);
  return true;
}

function acceptAndGoOn(board, card) {
  if (card) accept(board, card);
  if (!move(board, 1)) step(board, 1);
}
function acceptAndMove(board, card) {
  accept(board, card);
  move(board, 1);
}
function removeAndMove(board, card) {
  if (!move(board, 1)) move(board, -1);
  drop(board, card);
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
  keepAhead(board);
}
function insert(board, card, text, from, to = card.field.selectionEnd) {
  card.field.setRangeText(text, from, to, "end");
  typed(board, card);
}
