// The board: the image on show and its captions. It turns to the next image by itself, for the next few come along with each answer of the
// server; where it stands and what was done there is told to the server and told again until it is answered.
const TOLD_SECONDS = 8;

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".board");
  root.board ??= begin(root, parentElement, data);
  const board = root.board;
  board.data = data;
  board.outbox.transmit = (deeds) => setTriggerValue("did", { deeds, image: board.image, step: board.step, at: performance.now() });
  hear(board);
  show(board);
  if (!board.begun && board.outbox.unanswered()) board.outbox.send();
  board.begun = true;
  return listenForKeys(root, (event) => onKey(board, event), true);
}

function begin(root, parent, data) {
  const board = { root, parent, data, cards: new Map(), gray: false, ahead: [], image: data.walk.image, step: data.walk.step };
  board.outbox = outboxOf(localStorage, "workbench-caption-deeds", () => {});
  board.outbox.unanswered = () => board.outbox.waiting().length > 0 || board.step > board.data.walk.step;
  for (const part of ["head", "notices", "picture", "columns", "loading"]) board[part] = root.appendChild(make("div", part));
  board.told = make("span", "told", { role: "status" });
  for (const [place, [level, glyph]] of LEVELS.entries()) {
    const column = make("div", "column");
    const name = `${glyph} ${level[0].toUpperCase()}${level.slice(1)}`;
    column.append(make("h2", "", { innerHTML: `${name} <kbd title="press ${place + 1} to edit">key ${place + 1}</kbd>` }));
    board.columns.append(column);
  }
  takeUpAhead(board);
  return board;
}

// What the server has answered: what is stored is forgotten here, what is refused is said, and kept where it was written.
function hear(board) {
  const { done, refused, told, walk } = board.data;
  const written = board.outbox.waiting().filter((deed) => deed.kind === "write" && done.includes(deed.id));
  for (const deed of written) if (drafts.get(deed.draft)?.text.trim() === deed.text) drafts.set(deed.draft, null);
  for (const deed of board.outbox.settle(done, refused)) refuse(board, deed);
  if (walk.step >= board.step) {
    board.step = walk.step;
    if (walk.image !== board.image) flush(board);
    board.image = walk.image;
  }
  const newest = told.at(-1);
  if (newest && newest.id !== board.heard) tell(board, newest.text);
  board.heard = newest?.id;
}

function refuse(board, deed) {
  if (deed.draft) {
    drafts.set(deed.draft, { text: deed.text, before: deed.before ?? "", why: deed.why });
    const card = [...board.cards.values()].find((card) => card.draft === deed.draft);
    if (card) {
      card.refusal.textContent = deed.why;
      card.kept = deed.text;
      if (!card.data) card.field.value = deed.text;
      return;
    }
  }
  const line = make("p", "", { role: "alert", textContent: `${deed.name}: ${deed.why}${deed.text ? ` Your text is kept there: “${deed.text}”` : ""} ` });
  line.append(act("Dismiss", "", () => line.remove()));
  board.notices.append(line);
}

function tell(board, text) {
  board.told.textContent = text;
  clearTimeout(board.hush);
  board.hush = setTimeout(() => board.told.replaceChildren(), TOLD_SECONDS * 1000);
}

function step(board, by) {
  const { ids } = board.data.walk, target = ids[ids.indexOf(board.image) + by];
  flush(board);
  if (target === undefined) {
    board.parent.activeElement?.blur();
    tell(board, by > 0 ? "This is the last image of the list." : "This is the first image of the list.");
    return;
  }
  board.image = target;
  board.step += 1;
  board.outbox.send();
  show(board);
}

function show(board) {
  const page = board.data.pages.find((page) => page.picture.id === board.image);
  const turned = board.page?.picture.id !== board.image || board.waiting;
  if (turned) clear(board);
  board.waiting = !page;
  board.root.classList.toggle("waiting", board.waiting);
  drawHead(board);
  if (!page) return sayWaiting(board);
  board.page = page;
  drawPicture(board);
  drawCards(board);
  if (turned && board.rolling) edit(order(board)[0]);
  if (!turned) return;
  preload(board);
  playAhead(board);
}

function clear(board) {
  closeSpelling(board);
  for (const card of board.cards.values()) discard(board, card);
  board.chosen = null;
}

function discard(board, card) {
  if (board.spelling?.card === card) closeSpelling(board);
  card.gone = true;
  clearTimeout(card.timer);
  card.remove();
  board.cards.delete(card.name);
}

function sayWaiting(board) {
  const keys = board.ahead.length;
  board.loading.textContent = `Loading the image${keys ? ` · ${keys} ${keys === 1 ? "key is" : "keys are"} kept for it` : "…"}`;
}

function preload(board) {
  for (const page of board.data.pages) Object.assign(new Image(), { src: board.gray ? page.picture.gray : page.picture.src });
}

function drawHead(board) {
  const { ids, offset, number } = board.data.walk, place = ids.indexOf(board.image);
  const turn = (text, by, title) => Object.assign(act(text, title, () => step(board, by)), { disabled: ids[place + by] === undefined });
  const position = make("span", "position", { textContent: `${(offset + place + 1).toLocaleString("en")} of ${number.toLocaleString("en")} ${number === 1 ? "image" : "images"}` });
  const undo = act("Undo", "Z; Y does it again", () => did(board, null, "take_back", {}));
  const propose = act("Propose a caption from the colors", "P", () => did(board, null, "describe", {}));
  board.head.replaceChildren(turn("← Previous", -1, "←"), turn("Next →", 1, "→"), position, undo, propose, board.told);
}

function drawCards(board) {
  if (board.waiting) return;
  const present = new Set(board.page.cards.map((card) => `c${card.id}`));
  for (const [name, card] of board.cards) if (card.data && !present.has(name)) discard(board, card);
  for (const ghost of board.columns.querySelectorAll(".coming")) ghost.remove();
  const cards = board.page.cards.map((told) => filled(board, told));
  for (const [place, [level]] of LEVELS.entries()) {
    const column = board.columns.children[place];
    const fresh = board.cards.get(`n${level}`) ?? newCard(board, `n${level}`, level);
    let here = column.querySelector(".card");
    for (const card of [...cards.filter((card) => presented(board, card.data).level === level), fresh]) {
      if (card === here) here = here.nextElementSibling;
      else if (!card.isConnected || card.field !== board.parent.activeElement) column.insertBefore(card, here); // the one in hand stays
    }
    drawComing(board, column, level, fresh);
    grow(fresh);
  }
  const names = order(board).map((card) => card.name);
  if (!names.includes(board.chosen)) choose(board, names[0]);
}

// New captions that are on their way to the store.
function drawComing(board, column, level, fresh) {
  for (const deed of board.outbox.waiting()) {
    if (deed.kind !== "add" || deed.image !== board.image || deed.level !== level) continue;
    const coming = make("div", "coming");
    coming.append(make("div", "text", { textContent: deed.text }), make("div", "note", { textContent: "saving" }));
    column.insertBefore(coming, fresh);
  }
}
