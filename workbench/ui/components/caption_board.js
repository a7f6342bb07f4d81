const REST = 500; // milliseconds without a key before what is written is sent
const LEVELS = [["complete", "●"], ["partial", "◐"], ["scarce", "○"]];

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".board");
  const board = (root.board ??= { cards: new Map(), gray: false });
  board.data = data;
  board.tell = setTriggerValue;
  if (!board.columns) build();
  settle();
  drawPicture(board);
  drawCards();
  resend();
  listen();
  return () => document.removeEventListener("keydown", root.onkey);

  function build() {
    board.picture = make("div", "picture");
    board.columns = make("div", "columns");
    for (const [place, [level, glyph]] of LEVELS.entries()) {
      const column = make("div", "column");
      column.append(make("h3", "", { innerHTML: `${glyph} ${level} <span class="keys">${place + 1}</span>` }));
      board.columns.append(column);
    }
    root.replaceChildren(board.picture, board.columns);
  }

  // What the store has, or refuses, is no longer kept here.
  function settle() {
    const ended = new Set([...data.done, ...Object.keys(board.data.refused)]);
    const outbox = kept.read("outbox", []);
    const drafts = kept.read("drafts", {});
    for (const deed of outbox) if (board.data.done.includes(deed.id) && drafts[deed.draft] === deed.text) delete drafts[deed.draft];
    kept.write("drafts", drafts);
    kept.write("outbox", outbox.filter((deed) => !ended.has(deed.id)));
    if (board.image !== board.data.picture.id) {
      board.image = board.data.picture.id;
      board.cards.forEach((card) => card.remove());
      board.cards.clear();
      board.chosen = null;
      board.fresh = true;
    }
  }

  // After a reload: what was done but not known to be stored, and what was typed but not yet sent.
  function resend() {
    if (root.resent) return;
    root.resent = true;
    const drafts = kept.read("drafts", {});
    for (const card of board.cards.values()) {
      const text = drafts[card.draft];
      if (text !== undefined && card.data && text !== card.data.text) write(card, text);
    }
    if (kept.read("outbox", []).length) send("");
  }

  function did(kind, more, go = "") {
    const deed = { id: `${Date.now()}-${Math.random().toString(36).slice(2)}`, kind, image: board.data.picture.id, picture: board.data.picture.sha256, ...more };
    kept.write("outbox", [...kept.read("outbox", []), deed]);
    send(go);
  }

  function send(go) {
    board.tell("did", { deeds: kept.read("outbox", []), go, at: performance.now() });
  }

  function drawCards() {
    const present = new Set(board.data.cards.map((card) => `c${card.id}`));
    for (const [name, card] of board.cards) if (card.data && !present.has(name)) card.remove(), board.cards.delete(name);
    const drafts = kept.read("drafts", {});
    for (const [place, [level]] of LEVELS.entries()) {
      const column = board.columns.children[place];
      let here = column.querySelector(".card");
      const own = board.data.cards.filter((card) => card.level === level).map((told) => filled(told));
      const fresh = board.cards.get(`n${level}`) ?? newCard(`n${level}`, level);
      if (fresh.field !== parentElement.activeElement) fresh.field.value = drafts[fresh.draft] ?? "";
      for (const card of [...own, fresh]) {
        if (card === here) here = here.nextElementSibling;
        else if (!card.isConnected || card.field !== parentElement.activeElement) column.insertBefore(card, here); // the one in hand stays
      }
      grow(fresh);
    }
    const names = order().map((card) => card.name);
    if (!names.includes(board.chosen)) choose(names[0]);
    if (board.fresh && board.rolling) edit(order()[0]);
    board.fresh = false;
  }

  function newCard(name, level) {
    const card = make("div", name[0] === "n" ? "card new" : "card");
    const field = make("textarea", "", { rows: 1, spellcheck: true, placeholder: name[0] === "n" ? `write a ${level} caption` : "" });
    field.dataset.level = level;
    Object.assign(card, { name, level, field, text: make("div", "text"), note: make("div", "note"), tools: make("div", "tools") });
    Object.assign(card, { words: make("div", "words"), refusal: make("p", "refusal"), past: make("ul", "past", { hidden: true }) });
    card.draft = `${board.data.picture.sha256}/${name}`;
    card.append(card.text, field, card.words, card.note, card.refusal, card.tools, card.past);
    card.onclick = (event) => (choose(name), event.target.closest(".text") && edit(card));
    field.onfocus = () => (choose(name), card.classList.add("editing"), grow(card));
    field.onblur = () => leave(card);
    field.oninput = () => typed(card);
    field.onkeydown = (event) => keyInField(card, event);
    board.cards.set(name, card);
    return card;
  }

  function filled(told) {
    const card = board.cards.get(`c${told.id}`) ?? newCard(`c${told.id}`, told.level);
    card.data = told;
    if (board.data.done.includes(card.asked)) (card.saved = card.sent), (card.sent = card.asked = undefined);
    fill(card);
    return card;
  }

  function fill(card) {
    const told = card.data, editing = card.classList.contains("editing");
    const label = LEVELS.find(([level]) => level === told.level);
    card.field.dataset.level = told.level;
    card.field.setAttribute("aria-label", `${told.level} caption`);
    card.classList.toggle("proposed", told.proposed);
    card.text.replaceChildren(...wordNodes(told));
    for (const mark of card.text.querySelectorAll("mark")) {
      mark.onpointerenter = () => light(board, [mark.dataset.mention]);
      mark.onpointerleave = () => light(board, []);
    }
    const state = kept.read("outbox", []).some((deed) => deed.caption === told.id) ? "saving" : card.saved === told.text ? "saved" : "";
    const facts = [[`${label[1]} ${told.covered}`], [`${told.tokens} tokens`, told.over ? "over" : ""], [told.whence], [state, "state"]];
    card.note.replaceChildren(...facts.filter(([text]) => text).map(([text, kind]) => make("span", kind ?? "", { textContent: text })));
    const refusal = Object.entries(board.data.refused).find(([id]) => id === card.asked);
    card.refusal.textContent = refusal ? refusal[1] : "";
    if (!editing && !refusal) card.field.value = told.text;
    const act = (text, title, onclick) => make("button", "", { textContent: text, title, onclick: (event) => (event.stopPropagation(), onclick()) });
    card.tools.replaceChildren(
      ...(told.proposed ? [act("Accept", "A, or Tab while editing", () => accept(card))] : []),
      act("Drop", "X", () => drop(card)),
      ...LEVELS.filter(([level]) => level !== told.level).map(([level, glyph]) => act(glyph, `make it ${level} (L)`, () => relevel(card, level))),
      ...(told.overruled ? [act("rules", "give the level back to the rules", () => relevel(card, null))] : []),
      ...(told.proposed || told.level === "scarce" ? [] : [act("Derive", "D", () => did("derive", { caption: told.id }))]),
      act("History", "H", () => (card.past.hidden = !card.past.hidden)),
    );
    card.past.replaceChildren(...told.past.map((step) => pastLine(step)));
    grow(card);
  }

  function pastLine(step) {
    const line = make("li", step.undone ? "undone" : "", { textContent: step.told });
    if (step.stands) line.append(make("button", "", { textContent: "Take back", onclick: () => did("undo", { event: step.id }) }));
    return line;
  }

  function order() {
    return [...board.columns.querySelectorAll(".card")].sort((a, b) => (a.name[0] === "n") - (b.name[0] === "n"));
  }
  function choose(name) {
    board.chosen = name;
    for (const card of board.cards.values()) card.classList.toggle("chosen", card.name === name && name[0] === "c");
  }
  function move(by, from = board.cards.get(board.chosen)) {
    const all = order().filter((card) => Boolean(card.data) === Boolean(from?.data)); // the captions, or the fields for new ones
    const next = all[all.indexOf(from) + by];
    if (next) choose(next.name), board.rolling ? edit(next) : next.scrollIntoView({ block: "nearest" });
    return Boolean(next);
  }
  function edit(card) {
    if (!card) return;
    card.classList.add("editing");
    card.field.focus();
    card.field.setSelectionRange(card.field.value.length, card.field.value.length);
  }
  function accept(card) {
    if (card.data?.proposed) did("accept", { caption: card.data.id });
  }
  function drop(card) {
    did("drop", { caption: card.data.id });
  }
  function relevel(card, level) {
    const names = LEVELS.map(([name]) => name);
    did("level", { caption: card.data.id, level: level === undefined ? names[(names.indexOf(card.data.level) + 1) % 3] : level });
  }

  function typed(card) {
    kept.write("drafts", { ...kept.read("drafts", {}), [card.draft]: card.field.value });
    grow(card);
    const { begun, found } = completions(card.field, board.data.words);
    card.begun = begun;
    card.offered = found;
    card.words.classList.toggle("open", found.length > 0);
    card.words.replaceChildren(...found.map((word, place) => make(place ? "span" : "b", "", { textContent: place ? word : `${word} ⇥` })));
    clearTimeout(card.timer);
    if (card.data) card.timer = setTimeout(() => write(card, card.field.value), REST);
  }

  // A changed text goes to the store; a new one only when its writer has ended it.
  function write(card, text, go = "") {
    clearTimeout(card.timer);
    if (!text.trim()) return false;
    const known = card.data ? (card.sent ?? card.data.text) : null;
    if (text === known || text === card.data?.text) return false;
    card.sent = text;
    did(card.data ? "write" : "add", { caption: card.data?.id, level: card.level, text, draft: card.draft }, go);
    card.asked = kept.read("outbox", []).at(-1)?.id;
    return true;
  }

  function leave(card) {
    card.words.classList.remove("open");
    card.classList.remove("editing");
    if (write(card, card.field.value) && !card.data) card.field.value = "";
    queueMicrotask(drawCards);
  }

  function keyInField(card, event) {
    const completing = event.key === "Tab" && !event.shiftKey && card.words.classList.contains("open");
    if (completing) complete(card.field, card.begun, card.offered[0]), typed(card);
    else if (event.key === "Escape") (board.rolling = false), card.field.blur(), choose(card.data ? card.name : order()[0].name);
    else if (event.key === "Enter" && !event.shiftKey) forward(card, event.ctrlKey || event.metaKey);
    else if (event.key === "Tab") event.shiftKey ? ((board.rolling = true), move(-1, card)) : forward(card, false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Save (a proposal is accepted by it), and on to the next card, after the last one to the next image.
  function forward(card, leaving) {
    board.rolling = true;
    const written = write(card, card.field.value);
    if (written && !card.data) card.field.value = "";
    accept(card);
    if (leaving || !move(1, card)) card.field.blur(), send("next");
  }

  function grow(card) {
    card.field.style.height = "auto";
    if (card.field.scrollHeight) card.field.style.height = `${card.field.scrollHeight + 2}px`;
  }

  function listen() {
    const typing = (target) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
    const onkey = (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.composedPath()[0])) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, card = board.cards.get(board.chosen);
      const told = card?.data;
      if ("123".includes(key)) (board.rolling = true), edit(firstOf(LEVELS[key - 1][0]));
      else if (key === "j" || key === "ArrowDown") (board.rolling = false), move(1);
      else if (key === "k" || key === "ArrowUp") (board.rolling = false), move(-1);
      else if (key === "g") flip(board);
      else if (key === "Enter" && event.composedPath()[0].tagName !== "BUTTON") (board.rolling = false), card && accept(card), move(1) || send("next");
      else if (key === "d") deriveFrom(told && told.level !== "scarce" && !told.proposed ? told : null);
      else if (key === "a" && event.shiftKey) acceptAll();
      else if (!told) return;
      else if (key === "e") (board.rolling = true), edit(card);
      else if (key === "a") accept(card), move(1);
      else if (key === "x") move(1) || move(-1), drop(card);
      else if (key === "l") relevel(card);
      else if (key === "h") card.past.hidden = !card.past.hidden;
      else return;
      event.preventDefault();
    };
    if (root.onkey) document.removeEventListener("keydown", root.onkey);
    root.onkey = onkey;
    document.addEventListener("keydown", onkey);
  }

  // The level's first caption, pressed again its next one; where there is none, the field for a new one.
  function firstOf(level) {
    const own = order().filter((card) => card.data?.level === level);
    return own[(own.findIndex((card) => card.name === board.chosen) + 1) % (own.length || 1)] ?? board.cards.get(`n${level}`);
  }
  function deriveFrom(told) {
    const source = told ?? board.data.cards.find((card) => !card.proposed && card.level !== "scarce");
    if (source) did("derive", { caption: source.id });
  }
  function acceptAll() {
    for (const card of board.data.cards.filter((card) => card.proposed)) did("accept", { caption: card.id });
  }
}
