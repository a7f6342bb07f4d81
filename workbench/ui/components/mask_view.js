// The picture with its masks. The canvas stays where it is from draw to draw; each correction names the image, the mention and the mask
// that were on show when it was begun, and is kept until the server has answered it.
const TOOLS = { v: ["click", "Click"], b: ["box", "Box"], g: ["polygon", "Polygon"], p: ["paint", "Paint"], e: ["erase", "Erase"] };
const HINTS = {
  click: "click adds what it hits, with Alt or Shift takes it away",
  box: "drag a box: what stands out in it becomes the mask, with Shift it is added",
  polygon: "corners by click, Enter closes, Backspace removes the last",
  paint: "paint over what belongs to it",
  erase: "paint over what does not",
};
const LONG_SIDE = 1400; // pixels of the canvas

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".masks");
  root.view ??= { root, tool: "click", points: [], solo: false, outbox: outboxOf(sessionStorage, "workbench-mask-deeds", () => {}) };
  const view = root.view;
  view.outbox.transmit = (deeds) => setTriggerValue("did", { deeds, at: performance.now() });
  view.next = data;
  const refused = view.outbox.settle(data.done, data.refused);
  if (refused.length) view.said = refused.map((deed) => deed.why).join(" ");
  if (!view.drawing) take(view); // a stroke is ended on what it was begun on
  if (!view.begun && view.outbox.unanswered()) view.outbox.send();
  view.begun = true;
  root.onup ??= (event) => {
    if (event.key === " ") view.space = false;
  };
  document.addEventListener("keyup", root.onup);
  return listenForKeys(root, (event) => onMaskKey(view, event));
}

// Take up what the server has sent last.
function take(view) {
  const before = view.data, data = view.next;
  view.data = data;
  if (before?.bound.image !== data.bound.image) build(view);
  if (!data.correcting || before?.bound.image !== data.bound.image || before?.bound.region !== data.bound.region) view.points = [];
  if (before?.bound.region !== data.bound.region || before?.bound.mention !== data.bound.mention) view.fresh = `${Date.now()}-${Math.random()}`;
  view.regions = data.outlines.map((outline) => ({ ...outline, ...decodeMask(outline.mask) }));
  view.stage.className = `stage ${data.correcting ? "correcting" : ""} ${data.waiting.length ? "busy" : ""}`;
  drawBar(view);
  view.base = paintRegions(view);
  drawMasks(view);
}

function build(view) {
  const { width, height, src } = view.data;
  const fit = Math.min(1, LONG_SIDE / Math.max(width, height)), shown = Math.max(fit, 900 / Math.max(width, height));
  view.stage = make("div", "stage");
  view.frame = make("div", "frame");
  view.frame.style.cssText = `aspect-ratio: ${width} / ${height}; max-width: calc(max(320px, 100vh - 300px) * ${width / height})`;
  view.canvas = make("canvas", "", { width: Math.max(1, Math.round(width * shown)), height: Math.max(1, Math.round(height * shown)) });
  view.scale = view.canvas.width / width;
  view.pen = view.canvas.getContext("2d");
  view.radius ??= Math.max(width, height) / 50;
  view.bar = make("div", "bar");
  view.frame.append(make("img", "", { src, alt: "the image", draggable: false }), view.canvas);
  view.stage.append(view.frame);
  view.zoom = zoomable(view.stage, [view.frame], { pans: (event) => view.space || event.button === 1 });
  view.root.replaceChildren(view.bar, view.stage);
  view.stage.onpointerdown = (event) => pointerDown(view, event);
  const hover = (pointer) => {
    view.pointer = pointer;
    drawMasks(view);
  };
  view.stage.addEventListener("pointermove", (event) => view.drawing || hover(place(view, event)));
  view.stage.onpointerleave = () => hover(null);
  view.stage.ondblclick = () => closePolygon(view);
}

function drawBar(view) {
  const { data } = view;
  const parts = [];
  if (data.correcting) {
    for (const [key, [tool, label]] of Object.entries(TOOLS)) parts.push(act(label, `${label} (${key.toUpperCase()})`, () => chooseTool(view, tool), view.tool === tool));
    const size = make("input", "size", { type: "range", min: 1, max: Math.round(Math.max(data.width, data.height) / 6), value: view.radius, title: "Brush size ([ smaller, ] larger)" });
    size.setAttribute("aria-label", "Brush size");
    size.oninput = () => resizeBrush(view, Number(size.value));
    parts.push(size);
  }
  parts.push(act("Only this mask", "S", () => toggleSolo(view), view.solo));
  parts.push(act("+", "Zoom in (+ or the wheel)", () => view.zoom.by(1.4)), act("−", "Zoom out (−)", () => view.zoom.by(1 / 1.4)), act("Fit", "Show all of it (0)", () => view.zoom.fit()));
  view.bar.replaceChildren(...parts, make("span", "hint", { textContent: hintOf(view), role: "status" }));
}

function hintOf(view) {
  if (view.said) return view.said;
  if (view.data.waiting.length) return "one moment: working on this click";
  return view.data.correcting ? HINTS[view.tool] : "click a mask to link the phrase to it, or to unlink it; hold Space and drag to move";
}

function chooseTool(view, tool) {
  Object.assign(view, { tool, points: [], said: "" });
  drawBar(view);
  drawMasks(view);
}

function resizeBrush(view, radius) {
  view.radius = Math.max(1, radius);
  drawMasks(view);
}

function say(view, text) {
  view.said = text;
  drawBar(view);
}

function toggleSolo(view) {
  view.solo = !view.solo;
  drawBar(view);
  view.base = paintRegions(view);
  drawMasks(view);
}

// Where a pointer is in the picture's pixels; during a stroke by the place that the canvas had when it was begun.
function place(view, event) {
  const box = view.drawing ?? view.canvas.getBoundingClientRect();
  const clamp = (number, high) => Math.max(0, Math.min(high, number));
  return [clamp(((event.clientX - box.left) / box.width) * view.data.width, view.data.width), clamp(((event.clientY - box.top) / box.height) * view.data.height, view.data.height)];
}

function send(view, kind, more) {
  const { image, picture, mention, region } = view.data.bound;
  view.said = "";
  view.outbox.put({ kind, image, picture, mention, region, fresh: view.fresh, ...more });
}

function correct(view, kind, points, polygons, replaces = false) {
  view.points = [];
  send(view, "correct", { correction: { kind, points, polygons }, replaces });
  drawMasks(view);
}

function closePolygon(view) {
  if (view.tool === "polygon" && view.points.length > 2) correct(view, "paint", [], [view.points]);
}

function pointerDown(view, event) {
  const { data } = view, [x, y] = place(view, event);
  if (event.button !== 0) return;
  if (!data.correcting) {
    const hit = [...view.regions].reverse().find((region) => valueAt(region, x, y));
    if (hit && !data.bound.mention) say(view, "choose a caption with a phrase first");
    else if (hit) send(view, "link", { region: hit.id, linked: hit.lit });
    return;
  }
  view.root.focus({ preventScroll: true });
  if (data.waiting.length) return;
  if (view.tool === "click") correct(view, event.altKey || event.shiftKey ? "remove" : "add", [[x, y]], []);
  else if (view.tool === "polygon") view.points.push([x, y]);
  else drag(view, event, [x, y]);
  drawMasks(view);
}

function drag(view, event, [x, y]) {
  const { stage } = view;
  view.drawing = view.canvas.getBoundingClientRect();
  stage.setPointerCapture(event.pointerId);
  view.points = [[x, y]];
  stage.onpointermove = (move) => {
    const [mx, my] = place(view, move);
    view.pointer = [mx, my];
    if (view.tool === "box") view.points = [[x, y], [mx, y], [mx, my], [x, my], [x, y]];
    else view.points.push([mx, my]);
    drawMasks(view);
  };
  stage.onpointerup = stage.onpointercancel = (up) => {
    stage.onpointermove = stage.onpointerup = stage.onpointercancel = null;
    view.drawing = null;
    const points = view.points;
    if (up.type === "pointercancel") view.points = [];
    else if (view.tool !== "box") correct(view, view.tool, [], strokeOf(points, view.radius));
    else if (points.length > 1) correct(view, "box", [points[0], points[2]], [], !up.shiftKey);
    if (view.next !== view.data) take(view);
  };
}

// A stroke as overlapping polygons along its way: the server fills polygons only.
function strokeOf(points, radius) {
  const disc = ([x, y]) => Array.from({ length: 12 }, (_, k) => [x + radius * Math.cos((k * Math.PI) / 6), y + radius * Math.sin((k * Math.PI) / 6)]);
  return points.flatMap((point, index) => {
    const before = points[Math.max(0, index - 1)];
    const steps = Math.max(1, Math.ceil(Math.hypot(point[0] - before[0], point[1] - before[1]) / (radius / 2)));
    return Array.from({ length: steps }, (_, k) => disc(point.map((to, axis) => before[axis] + ((to - before[axis]) * (k + 1)) / steps)));
  });
}

function onMaskKey(view, event) {
  const target = event.composedPath()[0];
  const typing = isField(target) && !isSwitch(target) && target.type !== "range";
  if (withModifier(event) || typing) return;
  if (maskKey(view, keyOf(event), target)) event.preventDefault();
}

function maskKey(view, key, target) {
  const { data } = view;
  if (key === "s") toggleSolo(view);
  else if (key === "+" || key === "=") view.zoom.by(1.4);
  else if (key === "-") view.zoom.by(1 / 1.4);
  else if (key === "0") view.zoom.fit();
  else if (key === " " && !/^(BUTTON|INPUT)$/.test(target?.tagName ?? "")) view.space = true;
  else if (!data.correcting) return false;
  else if (TOOLS[key]) chooseTool(view, TOOLS[key][0]);
  else if (key === "[" || key === "]") {
    resizeBrush(view, view.radius * (key === "]" ? 1.25 : 0.8));
    drawBar(view);
  } else if (!view.points.length) return false;
  else if (key === "Enter") closePolygon(view);
  else if (key === "Backspace") view.points.pop();
  else if (key === "Escape") view.points = [];
  else return false;
  drawMasks(view);
  return true;
}
