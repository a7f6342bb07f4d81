// One caption as a card, or a field for a new one. A card belongs to the image it was drawn for: what it sends names that image, and the
// text that it changes, so that nothing lands on another image or over a text that nobody here has seen.
const REST = 500; // milliseconds without a key before what is written is sent
const LEVELS = [["complete", "●"], ["partial", "◐"], ["scarce", "○"]];

const drafts = {
  all: () => JSON.parse(localStorage.getItem("workbench-caption-drafts") ?? "{}"),
  get: (name) => drafts.all()[name],
  set(name, draft) {
    const all = drafts.all();
    if (draft) all[name] = draft;
    else delete all[name];
    localStorage.setItem("workbench-caption-drafts", JSON.stringify(all));
  },
};

function newCard(board, name, level) {
  const isNew = name[0] === "n";
  const card = make("div", isNew ? "card new" : "card");
  const field = make("textarea", "", { rows: 1, spellcheck: true, lang: "en", placeholder: isNew ? `write a ${level} caption` : "" });
  field.dataset.level = level;
  field.setAttribute("aria-label", `${isNew ? "new " : ""}${level} caption`);
  Object.assign(card, { name, level, field, picture: board.page.picture, text: make("div", "text"), note: make("div", "note"), tools: make("div", "tools") });
  Object.assign(card, { words: make("div", "words"), refusal: make("p", "refusal"), menu: make("div", "menu", { hidden: true }), past: make("ul", "past", { hidden: true }) });
  card.draft = `${card.picture.sha256}/${name}`;
  card.append(card.text, field, card.words, card.menu, card.note, card.refusal, card.tools, card.past);
  card.onclick = (event) => {
    choose(board, name);
    if (event.target.closest(".slip")) openSpelling(board, card);
    else if (event.target.closest(".text")) edit(card);
  };
  field.onfocus = () => {
    choose(board, name);
    card.classList.add("editing");
    grow(card);
  };
  field.onblur = () => leave(board, card);
  field.oninput = () => typed(board, card);
  field.onkeydown = (event) => void keyInField(board, card, event); // a returned false would swallow the key
  board.cards.set(name, card);
  const draft = drafts.get(card.draft);
  if (isNew && draft) {
    field.value = draft.text;
    card.refusal.textContent = draft.why ?? "";
  }
  return card;
}

// A caption as it will be once what is under way has arrived.
function presented(board, told) {
  const own = board.outbox.waiting().filter((deed) => deed.caption === told.id);
  const seen = { ...told, pending: own.length > 0 };
  for (const deed of own) {
    if (deed.kind === "write") seen.text = deed.text;
    else if (deed.kind === "accept") seen.proposed = false;
    else if (deed.kind === "drop") seen.dropped = true;
    else if (deed.kind === "level" && deed.level) seen.level = deed.level;
  }
  return seen;
}

function filled(board, told) {
  const card = board.cards.get(`c${told.id}`) ?? newCard(board, `c${told.id}`, told.level);
  if (card.data && card.data.text !== told.text && card.wrote === told.text) card.saved = told.text;
  card.data = told;
  recall(board, card);
  fill(board, card);
  return card;
}

// What was typed here before a reload: sent where the caption still reads as it did then, else shown with the reason why not.
function recall(board, card) {
  if (card.recalled) return;
  card.recalled = true;
  const draft = drafts.get(card.draft);
  if (!draft) return;
  const seen = presented(board, card.data);
  if (draft.text.trim() === seen.text) drafts.set(card.draft, null);
  else if (draft.why) card.refusal.textContent = draft.why;
  else if (draft.before === seen.text) write(board, card, draft.text);
  else card.refusal.textContent = "This caption was changed elsewhere while you were writing. Your text is in the field; Enter saves it over the new one.";
  if (card.refusal.textContent) card.kept = draft.text;
}

function fill(board, card) {
  const told = card.data, seen = presented(board, told);
  card.hidden = Boolean(seen.dropped);
  card.field.dataset.level = seen.level;
  card.field.setAttribute("aria-label", `${seen.level} caption`);
  card.classList.toggle("proposed", seen.proposed);
  card.text.replaceChildren(...(seen.text === told.text ? wordNodes(told) : [document.createTextNode(seen.text)]));
  for (const mark of card.text.querySelectorAll("mark")) {
    mark.onpointerenter = () => light(board, [mark.dataset.mention]);
    mark.onpointerleave = () => light(board, []);
  }
  const state = seen.pending ? "saving" : card.saved === told.text ? "saved" : "";
  const facts = [[told.covered], [told.tokens, told.over ? "over" : ""], [told.whence], [state, "state"]];
  card.note.replaceChildren(...facts.filter(([text]) => text).map(([text, kind]) => make("span", kind ?? "", { textContent: text })));
  if (!card.classList.contains("editing")) card.field.value = card.kept ?? seen.text;
  card.tools.replaceChildren(...toolButtons(board, card, seen));
  card.past.replaceChildren(...told.past.map((step) => pastLine(board, card, step)));
  grow(card);
}

function toolButtons(board, card, seen) {
  const own = (text, title, does) => act(text, title, (event) => stopping(event, does));
  const others = LEVELS.filter(([level]) => level !== seen.level);
  return [
    ...(seen.proposed ? [own("Accept", "A, or Tab while editing", () => accept(board, card))] : []),
    own("Remove", "X", () => drop(board, card)),
    ...others.map(([level, glyph]) => own(`${glyph} Make ${level}`, "L for the next level", () => relevel(board, card, level))),
    ...(seen.overruled ? [own("Automatic level", "let the program read the level from the words", () => relevel(board, card, null))] : []),
    ...(seen.proposed || seen.level === "scarce" ? [] : [own("Derive", "D: propose partial and scarce captions from this one", () => did(board, card, "derive", {}))]),
    own("History", "H", () => toggleHistory(card)),
  ];
}

function stopping(event, does) {
  event.stopPropagation();
  does();
}

function toggleHistory(card) {
  card.past.hidden = !card.past.hidden;
}

function pastLine(board, card, step) {
  const line = make("li", step.undone ? "undone" : "", { textContent: step.told });
  if (step.stands) line.append(act("Undo", "", () => did(board, card, "undo", { event: step.id })));
  return line;
}

function did(board, card, kind, more) {
  const { id, sha256, name } = card?.picture ?? board.page.picture;
  board.outbox.put({ kind, image: id, picture: sha256, name, ...(card?.data ? { caption: card.data.id } : {}), ...more });
}

function edit(card) {
  if (!card) return;
  card.classList.add("editing");
  card.field.focus();
  card.field.setSelectionRange(card.field.value.length, card.field.value.length);
}
function accept(board, card) {
  if (card.data && presented(board, card.data).proposed) did(board, card, "accept", {});
}
function drop(board, card) {
  did(board, card, "drop", {});
  drawCards(board);
}
function relevel(board, card, level) {
  const names = LEVELS.map(([name]) => name), present = presented(board, card.data).level;
  did(board, card, "level", { level: level === undefined ? names[(names.indexOf(present) + 1) % 3] : level });
}

function typed(board, card) {
  const before = card.data ? presented(board, card.data).text : "";
  card.kept = undefined;
  drafts.set(card.draft, card.field.value.trim() ? { text: card.field.value, before } : null);
  grow(card);
  offer(card, completions(card.field, board.data.words));
  clearTimeout(card.timer);
  if (card.data) card.timer = setTimeout(() => write(board, card, card.field.value), REST);
}

function offer(card, { begun, words }) {
  card.begun = begun;
  card.offered = words;
  card.words.classList.toggle("open", words.length > 0);
  card.words.replaceChildren(...words.map((word, place) => make(place ? "span" : "b", "", { textContent: place ? word : `${word} ⇥` })));
}

// A changed text goes to the store; a new one only when its writer has ended it.
function write(board, card, whole) {
  clearTimeout(card.timer);
  const text = whole.trim(), before = card.data ? presented(board, card.data).text : "";
  if (!text || text === before) return false;
  card.refusal.textContent = "";
  card.kept = undefined;
  card.wrote = text;
  if (card.data) did(board, card, "write", { text, before, draft: card.draft });
  else {
    did(board, card, "add", { level: card.level, text, draft: card.draft });
    card.field.value = "";
    drafts.set(card.draft, null);
  }
  return true;
}

// Whoever turns to another window is still writing; whoever turns to another field here has ended.
function leave(board, card) {
  if (card.gone || !document.hasFocus()) return;
  card.words.classList.remove("open");
  card.classList.remove("editing");
  write(board, card, card.kept === undefined ? card.field.value : "");
  queueMicrotask(() => drawCards(board));
}

// Before the board turns to another image: what is written here goes to the store as this image's.
function flush(board) {
  for (const card of board.cards.values()) {
    if (card.kept === undefined && (card.classList.contains("editing") || !card.data)) write(board, card, card.field.value);
    clearTimeout(card.timer);
  }
}

function grow(card) {
  card.field.style.height = "auto";
  if (card.field.scrollHeight) card.field.style.height = `${card.field.scrollHeight + 2}px`;
}
