// The ways to look: side by side, flipped in one place, under a slider; gray source and reference beside; zoom in step.
import { keyed, make } from "./dom.js";
import { say } from "./words.js";

const NAMES = [say("left"), say("right")];

export function looking(board, data, address) {
  const two = data.pictures.length === 2;
  const single = data.view !== "side by side" && two;
  const kind = single ? "single" : two ? "two" : data.pictures.length === 1 ? "one" : "many";
  const stage = make("div", `stage ${kind}`);
  const names = data.pictures.map((_, index) => (two && !single ? NAMES[index] : say("picture_number", { number: index + 1 })));
  const places = [];
  const zoom = make_zoom(board, stage);
  const extras = ["source", "reference"].filter((part) => data[part]).map((part) => beside(part, address(data[part])));
  const seen = new Set();
  let flipped = false;
  const tools = [keyed("Z", say("tool_zoom"), zoom.toggle, "quiet")];
  let keys = { z: { does: say("does_zoom"), run: zoom.toggle }, ...zoom.keys };

  if (single) one_place();
  else row();

  function row() {
    const cells = data.pictures.length + extras.length;
    const columns = cells <= 4 ? cells : Math.ceil(cells / 2);
    stage.style.setProperty("--columns", columns);
    stage.style.setProperty("--rows", Math.ceil(cells / columns));
    places.push(...data.pictures.map((path, index) => figure(path, names[index], "place")));
    stage.append(...(two ? [places[0], ...extras, places[1]] : [...extras, ...places]));
    if (data.pictures.length > 2) hint_at_more();
    if (!two) return;
    // Each place shows the other's picture as long as F is held; nothing can be answered meanwhile.
    const set = (on) => {
      if (flipped === on) return;
      flipped = on;
      board.classList.toggle("flipped", on);
      places.forEach((place, index) => (place.querySelector("img").src = address(data.pictures[on ? 1 - index : index])));
    };
    const hold = keyed("F", say("tool_hold_to_flip"), null, "quiet");
    hold.onpointerdown = () => set(true);
    hold.onpointerup = hold.onpointerleave = hold.onpointercancel = () => set(false);
    tools.unshift(hold);
    keys = { f: { does: say("does_hold_to_flip"), run: () => set(true), up: () => set(false) }, ...keys };
  }

  // On a phone the pictures stand one below the other: how many there are is said as long as some are out of sight.
  function hint_at_more() {
    stage.dataset.more = say("scroll_for_more", { count: data.pictures.length });
    const look = () => stage.classList.toggle("at-end", stage.scrollTop + stage.clientHeight > stage.scrollHeight - 24);
    stage.addEventListener("scroll", look, { passive: true });
  }

  function one_place() {
    const place = make("figure", "place both");
    const view = make("div", "view");
    const layers = data.pictures.map((path, index) => make("img", `layer layer-${index}`, { src: address(path), alt: names[index], draggable: false }));
    const label = make("figcaption", "label", { dir: "auto" });
    view.append(...layers);
    zoom.follow(view);
    place.append(view, label);
    places.push(place, place);
    stage.append(...extras.slice(0, 1), place, ...extras.slice(1));
    if (data.view === "flip") flip_in_place(layers, label);
    else slide(view, label);
  }

  function flip_in_place(layers, label) {
    let front = 0;
    const draw = () => {
      seen.add(front);
      layers.forEach((layer, index) => layer.classList.toggle("front", index === front));
      label.textContent = `${front + 1}`;
    };
    const turn = () => {
      front = 1 - front;
      draw();
    };
    draw();
    tools.unshift(keyed("F", say("tool_flip"), turn, "quiet"));
    keys = { f: { does: say("does_flip"), run: turn }, " ": { does: "", run: turn }, ...keys };
  }

  function slide(view, label) {
    const line = make("div", "line");
    view.append(line);
    label.textContent = "1 | 2";
    let share = 0.5;
    const draw = () => {
      if (share < 0.35) seen.add(1);
      if (share > 0.65) seen.add(0);
      view.style.setProperty("--share", `${100 * share}%`);
    };
    const to = (value) => {
      share = Math.min(1, Math.max(0, value));
      draw();
    };
    view.addEventListener("pointerdown", (event) => view.setPointerCapture(event.pointerId));
    view.addEventListener("pointermove", (event) => {
      const area = view.getBoundingClientRect();
      if (event.buttons || event.pointerType === "mouse") to((event.clientX - area.left) / area.width);
    });
    draw();
    seen.add(0).add(1); // both halves are seen from the beginning
    const jump = () => to(share > 0.5 ? 0 : 1);
    const step = (by) => () => (zoom.on() ? null : to(share + by));
    tools.unshift(keyed("F", say("tool_from_end_to_end"), jump, "quiet"));
    keys = {
      f: { does: say("does_jump"), run: jump },
      ...keys,
      ArrowLeft: { does: say("does_slide"), repeats: true, run: (event) => (zoom.on() ? zoom.keys.ArrowLeft.run(event) : step(-0.04)()) },
      ArrowRight: { does: "", repeats: true, run: (event) => (zoom.on() ? zoom.keys.ArrowRight.run(event) : step(0.04)()) },
    };
  }

  function figure(path, name, kind) {
    const view = make("div", "view", {}, [make("img", "", { src: address(path), alt: name, draggable: false })]);
    zoom.follow(view);
    return make("figure", kind, {}, [view]);
  }

  function beside(part, src) {
    const view = make("div", "view", {}, [make("img", "", { src, alt: say(part === "source" ? "the_gray_photo" : "the_original"), draggable: false })]);
    zoom.follow(view);
    return make("figure", `extra ${part}`, {}, [view, make("figcaption", "label", { dir: "auto", textContent: say(part === "source" ? "gray_photo" : "original") })]);
  }

  const settled = () => !flipped && (!single || seen.size === 2);
  return { stage, places: single ? places.slice(0, 1) : places, tools, keys, settled };
}

function make_zoom(board, stage) {
  let x = 50;
  let y = 50;
  const on = () => board.classList.contains("zoomed");
  const place = () => {
    stage.style.setProperty("--x", `${x}%`);
    stage.style.setProperty("--y", `${y}%`);
  };
  const toggle = () => board.classList.toggle("zoomed");
  const move = (dx, dy) => () => {
    if (!on()) return;
    x = Math.min(100, Math.max(0, x + dx));
    y = Math.min(100, Math.max(0, y + dy));
    place();
  };
  const follow = (view) => {
    view.addEventListener("pointermove", (event) => {
      const area = view.getBoundingClientRect();
      x = (100 * (event.clientX - area.left)) / area.width;
      y = (100 * (event.clientY - area.top)) / area.height;
      place();
    });
    // A tap looks closer: on a phone a picture is touched in passing, and an answer is final.
    view.addEventListener("dblclick", toggle);
  };
  const keys = {
    ArrowLeft: { does: say("does_move"), repeats: true, run: move(-5, 0) },
    ArrowRight: { does: "", repeats: true, run: move(5, 0) },
    ArrowUp: { does: "", repeats: true, run: move(0, -5) },
    ArrowDown: { does: "", repeats: true, run: move(0, 5) },
  };
  return { on, toggle, follow, keys };
}
