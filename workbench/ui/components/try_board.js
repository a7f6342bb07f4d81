// The board. What is on show belongs to `inputs`: results of another caption or other pins are never among them, and a deed says which
// inputs it was begun on.
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tries");
  root.view ??= { root, look: "heat", phrase: null, large: null, drawing: false, stroke: [], kept: new Set(), outbox: outboxOf(sessionStorage, "workbench-try-deeds", () => {}) };
  const view = root.view, before = view.data;
  view.data = data;
  view.outbox.transmit = (deeds) => setTriggerValue("did", { deeds, at: performance.now() });
  const refused = view.outbox.settle(data.done, data.refused);
  if (refused.length) view.said = refused.map((deed) => deed.why).join(" ");
  if (!view.begun && view.outbox.unanswered()) view.outbox.send();
  view.begun = true;
  if (before?.inputs !== data.inputs) {
    Object.assign(view, { large: null, kept: new Set() });
    if (before?.caption !== data.caption) view.phrase = view.target = null;
    if (!refused.length) view.said = "";
  }
  if (!view.frame || before.src !== data.src) build(view);
  if (view.large && !cellsOf(view).some(({ name }) => name === view.large.name)) view.large = null;
  drawPicture(view);
  drawCaption(view);
  drawPins(view);
  drawGrid(view);
  if (view.controlsOf !== data.inputs) drawControls(view);
  return listenForKeys(root, (event) => onKey(view, event));
}

function build(view) {
  view.stroke = [];
  view.radius = Math.max(view.data.width, view.data.height) / 45;
  buildPicture(view);
  for (const [name, kind] of [["words", "p"], ["controls", "div"], ["pins", "ul"], ["grid", "div"], ["state", "p"]]) view[name] = make(kind, name);
  view.state.setAttribute("role", "status");
  const left = make("div", "left", {}, [view.stage, view.words, view.controls, view.pins]);
  view.root.replaceChildren(left, make("div", "right", {}, [view.state, view.grid]));
  view.controlsOf = null;
}

// The caption: each phrase is a button that shows its attention while it is pointed at or has the focus, and that a color can be pinned to.
function drawCaption(view) {
  const { caption, phrases } = view.data, nodes = [];
  if (view.words.dataset.of === JSON.stringify([caption, phrases, view.target])) return;
  view.words.dataset.of = JSON.stringify([caption, phrases, view.target]);
  let at = 0;
  for (const [number, phrase] of phrases.entries()) {
    if (phrase.start < at) continue;
    nodes.push(caption.slice(at, phrase.start));
    const button = make("button", "phrase", { textContent: caption.slice(phrase.start, phrase.end), title: `${phrase.is_found ? "found" : "not found for sure: where the model looks"}${phrase.color ? ` · ${phrase.color}` : ""}` });
    button.setAttribute("aria-pressed", view.target === number);
    const look = (on) => {
      view.phrase = on ? number : null;
      drawPicture(view);
    };
    button.onpointerenter = button.onfocus = () => look(true);
    button.onpointerleave = button.onblur = () => look(false);
    button.onclick = () => {
      view.target = view.target === number ? null : number;
      view.stroke = [];
      drawControls(view);
      drawCaption(view);
      [...view.words.querySelectorAll(".phrase")].find((one) => one.textContent === button.textContent)?.focus();
    };
    nodes.push(button);
    at = phrase.end;
  }
  view.words.replaceChildren(...nodes, caption.slice(at));
}

function drawControls(view) {
  view.controlsOf = view.data.inputs;
  const phrase = view.data.phrases[view.target];
  const look = act(view.look === "heat" ? "Attention" : "Mask", "What pointing at a phrase shows: where the model looks for it, or the mask that steers its color (M)", () => switchLook(view));
  const stroke = act("Stroke", "Draw on the picture what a color is for (S)", () => switchDrawing(view), view.drawing);
  const target = phrase ? `“${view.data.caption.slice(phrase.start, phrase.end)}”` : view.stroke.length ? "the stroke" : "";
  const hint = target ? `Color of ${target}` : view.drawing ? "Draw on the picture, then pin a color" : "Click a phrase or draw a stroke to pin a color";
  const said = make("span", "hint", { textContent: view.said || hint });
  view.controls.replaceChildren(look, stroke, target ? make("span", "pinning", {}, [said, ...pinning(view)]) : said);
}

function pinning(view) {
  const picker = make("input", "", { type: "color", value: view.picked ?? "#808080", title: "Pick a color" });
  picker.setAttribute("aria-label", "Pick a color");
  const field = make("input", "name", { type: "text", placeholder: "burgundy or a hex code", value: view.named ?? "" });
  field.setAttribute("aria-label", "Color by name or code");
  field.setAttribute("list", "try-colors");
  const names = make("datalist", "", { id: "try-colors" }, view.data.colors.map((value) => make("option", "", { value })));
  picker.oninput = () => {
    view.picked = view.named = field.value = picker.value;
  };
  field.oninput = () => {
    view.named = field.value;
  };
  field.onkeydown = (event) => {
    if (event.key === "Enter") pin(view);
  };
  return [picker, field, names, act("Pin", "Pin this color (Enter)", () => pin(view))];
}

function pin(view) {
  const phrase = view.data.phrases[view.target], color = (view.named ?? "").trim();
  if (!color) return say(view, "Name a color first, or pick one.");
  send(view, "pin", phrase ? { color, span: [phrase.start, phrase.end] } : { color, polygons: view.stroke });
  Object.assign(view, { stroke: [], target: null, drawing: false, named: "" });
  drawControls(view);
  drawPicture(view);
}

function send(view, kind, more) {
  view.said = "";
  view.outbox.put({ kind, inputs: view.data.inputs, ...more });
}

function say(view, text) {
  view.said = text;
  drawControls(view);
}

function switchLook(view) {
  view.look = view.look === "heat" ? "mask" : "heat";
  drawControls(view);
  drawPicture(view);
}

function switchDrawing(view) {
  Object.assign(view, { drawing: !view.drawing, target: null, large: view.drawing ? view.large : null });
  view.stage.classList.toggle("drawing", view.drawing);
  if (!view.drawing) view.stroke = [];
  drawControls(view);
  drawPicture(view);
  mark(view);
}

function drawPins(view) {
  const items = view.data.pins.map((one, number) => {
    const item = make("li", "", {}, [`${one.label} = ${one.color}`]);
    if (one.chip) item.append(chipNode(one.chip));
    item.append(act("×", `Take the color of ${one.label} off`, () => send(view, "unpin", { number })));
    return item;
  });
  view.pins.replaceChildren(...items);
}

const cellsOf = (view) => view.data.rows.flatMap((row) => row.cells.map((cell, column) => ({ name: `${row.level}:${view.data.seeds[column]}`, cell })).filter(({ cell }) => cell));

function drawGrid(view) {
  const { rows, seeds, state } = view.data;
  view.state.textContent = state;
  const drawn = JSON.stringify([rows, seeds]);
  if (view.grid.dataset.of === drawn) return mark(view);
  view.grid.dataset.of = drawn;
  view.grid.style.setProperty("--seeds", seeds.length);
  view.grid.replaceChildren(
    ...rows.flatMap((row) => [
      make("p", "level", {}, [make("span", "glyph", { textContent: row.glyph, title: row.level }), row.text]),
      make("div", "row", {}, row.cells.map((cell, column) => cellNode(view, row, cell, seeds[column]))),
    ]),
  );
  mark(view);
}

function cellNode(view, row, cell, seed) {
  const name = `${row.level}:${seed}`, box = make("div", "cell");
  box.style.setProperty("--shape", `${view.data.width} / ${view.data.height}`);
  if (!cell) {
    box.append(make("span", "empty", { textContent: "…" }), make("span", "note", { textContent: `seed ${seed}` }));
    return box;
  }
  const show = make("button", "shown", { title: "Show it large" }, [make("img", "", { src: cell.src, alt: `${row.level}, seed ${seed}`, loading: "lazy" })]);
  show.dataset.cell = name;
  show.onclick = () => enlarge(view, name, cell.src);
  const keep = cell.kept ? make("span", "kept", { textContent: "kept" }) : act("Keep", "Keep this colorization with its caption in the library (K)", () => send(view, "keep", { cells: [name] }));
  box.append(show, make("span", "note", {}, [cell.note, keep]));
  return box;
}

function enlarge(view, name, src) {
  view.large = view.large?.name === name ? null : { name, src };
  drawPicture(view);
  mark(view);
}

function mark(view) {
  for (const button of view.grid.querySelectorAll("button.shown")) button.setAttribute("aria-pressed", button.dataset.cell === view.large?.name);
}

function step(view, by) {
  const cells = cellsOf(view);
  if (!cells.length) return;
  const at = cells.findIndex(({ name }) => name === view.large?.name);
  const next = cells[at < 0 ? (by > 0 ? 0 : cells.length - 1) : (at + by + cells.length) % cells.length];
  view.large = { name: next.name, src: next.cell.src };
  drawPicture(view);
  mark(view);
}

function onKey(view, event) {
  if (event.defaultPrevented || withModifier(event) || isField(event.composedPath()[0])) return;
  const key = keyOf(event), large = cellsOf(view).find(({ name }) => name === view.large?.name);
  if (key === "ArrowRight" || key === "ArrowDown") step(view, 1);
  else if (key === "ArrowLeft" || key === "ArrowUp") step(view, -1);
  else if (key === "m") switchLook(view);
  else if (key === "s") switchDrawing(view);
  else if (key === "g") enlarge(view, view.large?.name, "");
  else if (key === "k" && large && !large.cell.kept) send(view, "keep", { cells: [large.name] });
  else if (key === "0") view.zoom.fit();
  else return;
  event.preventDefault();
}
