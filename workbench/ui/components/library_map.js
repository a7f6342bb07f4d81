// A dot for each picture, like beside like. Dragging draws a box, which becomes a query; the wheel zooms, and in the mode "Move" (or with
// the right button) dragging moves. Where the pointer is, the nearest picture is shown; a click chooses it.
const RADIUS = 2.6;
const REACH = 14;
const GRAYS = { other: "--faint", match: "--ink", ring: "--paper" };

// What is drawn stays from call to call, so that a page that is drawn again takes no drag out of the hand.
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".map");
  root.map ??= mapOn(root);
  return root.map.take(data, setTriggerValue);
}

function mapOn(root) {
  const view = { zoom: 1, x: 0, y: 0, moves: false };
  let data = { points: [], side: 1 };
  let tell = null;
  let box = null;
  const canvas = make("canvas", "", { tabIndex: 0 });
  canvas.setAttribute("role", "img");
  const picture = make("img", "", { alt: "" });
  const words = make("figcaption");
  const shown = make("figure", "", { hidden: true }, [picture, words]);
  const said = make("span", "said");
  const select = act("Select", "Drag a box around pictures", () => turn(false), true);
  const move = act("Move", "Drag the map; the right mouse button does it too", () => turn(true), false);
  const bar = make("div", "bar", {}, [
    select,
    move,
    act("+", "Zoom in (the wheel too)", () => zoomAt(view.zoom * 1.5, canvas.clientWidth / 2, canvas.clientHeight / 2)),
    act("−", "Zoom out", () => zoomAt(view.zoom / 1.5, canvas.clientWidth / 2, canvas.clientHeight / 2)),
    act("Fit", "0", fit),
    said,
  ]);
  root.replaceChildren(bar, canvas, shown);
  const gray = (kind) => getComputedStyle(root).getPropertyValue(GRAYS[kind]);
  const sized = new ResizeObserver(draw);

  function take(next, setTriggerValue) {
    [data, tell] = [next, setTriggerValue];
    said.textContent = data.said;
    canvas.setAttribute("aria-label", `Map of ${data.points.length} pictures; drag a box to ask for those in it`);
    sized.observe(canvas);
    draw();
    return () => sized.disconnect();
  }

  function turn(moves) {
    view.moves = moves;
    select.setAttribute("aria-pressed", !moves);
    move.setAttribute("aria-pressed", moves);
  }

  function fit() {
    Object.assign(view, { zoom: 1, x: 0, y: 0 });
    draw();
  }

  function zoomAt(zoom, px, py) {
    const next = Math.max(1, Math.min(40, zoom));
    view.x = px - ((px - view.x) * next) / view.zoom;
    view.y = py - ((py - view.y) * next) / view.zoom;
    view.zoom = next;
    if (next === 1) view.x = view.y = 0;
    draw();
  }

  const across = (x) => (x / data.side) * canvas.clientWidth * view.zoom + view.x;
  const down = (y) => (y / data.side) * canvas.clientHeight * view.zoom + view.y;
  const back = (px, py) => [
    ((px - view.x) / view.zoom / canvas.clientWidth) * data.side,
    ((py - view.y) / view.zoom / canvas.clientHeight) * data.side,
  ];

  function draw() {
    const sharp = window.devicePixelRatio || 1;
    canvas.width = canvas.clientWidth * sharp;
    canvas.height = canvas.clientHeight * sharp;
    const pen = canvas.getContext("2d");
    pen.scale(sharp, sharp);
    for (const kind of ["other", "match"]) {
      pen.fillStyle = gray(kind);
      for (const point of data.points) {
        if ((point.match ? "match" : "other") !== kind || point.id === data.chosen) continue;
        dot(pen, point, RADIUS);
      }
    }
    const chosen = data.points.find((point) => point.id === data.chosen);
    if (chosen) {
      for (const [color, size] of [["match", 3.4], ["ring", 2.5], ["match", 1.6]]) {
        pen.fillStyle = gray(color);
        dot(pen, chosen, RADIUS * size);
      }
    }
    if (box) {
      pen.strokeStyle = gray("match");
      pen.setLineDash([5, 4]);
      pen.strokeRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
    }
  }

  function dot(pen, point, radius) {
    pen.beginPath();
    pen.arc(across(point.x), down(point.y), radius * Math.min(2.2, Math.sqrt(view.zoom)), 0, 2 * Math.PI);
    pen.fill();
  }

  function nearest(px, py) {
    let best = null;
    let least = REACH * REACH;
    for (const point of data.points) {
      const away = (across(point.x) - px) ** 2 + (down(point.y) - py) ** 2;
      if (away < least) [best, least] = [point, away];
    }
    return best;
  }

  function show(px, py) {
    const point = nearest(px, py);
    shown.hidden = !point;
    if (!point) return;
    if (picture.dataset.id !== String(point.id)) {
      picture.dataset.id = point.id;
      picture.src = `/pictures/color/256/${point.key}`;
      words.textContent = point.name;
    }
    shown.style.left = `${px > canvas.clientWidth - 220 ? px - 214 : px + 14}px`;
    shown.style.top = `${Math.max(0, Math.min(py + 30, canvas.clientHeight - 200))}px`;
  }

  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomAt(view.zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2), event.offsetX, event.offsetY);
  }, { passive: false });
  canvas.oncontextmenu = (event) => event.preventDefault();
  canvas.onpointerleave = () => { shown.hidden = true; };
  canvas.onkeydown = (event) => event.key === "0" && fit();
  canvas.onpointermove = (event) => !box && show(event.offsetX, event.offsetY);
  canvas.onpointerdown = (event) => {
    const from = [event.offsetX, event.offsetY];
    const pans = view.moves || event.button === 2;
    const origin = [view.x, view.y];
    let far = false;
    canvas.setPointerCapture(event.pointerId);
    const ended = new AbortController();
    canvas.addEventListener("pointermove", (moved) => {
      far ||= Math.hypot(moved.offsetX - from[0], moved.offsetY - from[1]) > 4;
      if (!far) return;
      shown.hidden = true;
      if (pans) [view.x, view.y] = [origin[0] + moved.offsetX - from[0], origin[1] + moved.offsetY - from[1]];
      else box = [...from, moved.offsetX, moved.offsetY];
      draw();
    }, { signal: ended.signal });
    const end = (last) => {
      ended.abort();
      if (!far) return choose(last.offsetX, last.offsetY);
      if (box) ask(box);
      box = null;
      draw();
    };
    canvas.addEventListener("pointerup", end, { signal: ended.signal });
    canvas.addEventListener("pointercancel", () => { ended.abort(); box = null; draw(); }, { signal: ended.signal });
  };

  function choose(px, py) {
    const point = nearest(px, py);
    if (point) tell("picked", point.id);
  }

  function ask([x0, y0, x1, y1]) {
    const limit = (value) => Math.max(0, Math.min(data.side, Math.round(value)));
    const [left, top] = back(Math.min(x0, x1), Math.min(y0, y1));
    const [right, bottom] = back(Math.max(x0, x1), Math.max(y0, y1));
    tell("area", [limit(left), limit(top), limit(right), limit(bottom)]);
  }

  return { take };
}
