// COCO run lengths: column-major, alternating from background, LEB128-like text with differences from the run before the last.
function decode({ size: [height, width], counts }) {
  const runs = [];
  for (let at = 0; at < counts.length; ) {
    let value = 0, shift = 0, more = true;
    while (more) {
      const code = counts.charCodeAt(at++) - 48;
      value |= (code & 0x1f) << shift;
      more = (code & 0x20) !== 0;
      shift += 5;
      if (!more && code & 0x10) value |= -1 << shift;
    }
    runs.push(runs.length > 2 ? value + runs[runs.length - 2] : value);
  }
  const mask = new Uint8Array(width * height);
  let index = 0, on = 0;
  for (const run of runs) {
    for (let end = index + run; index < end; index++) if (on) mask[(index % height) * width + Math.floor(index / height)] = 1;
    on ^= 1;
  }
  return { mask, width, height };
}

const TOOLS = { v: ["click", "Click"], b: ["box", "Box"], g: ["polygon", "Polygon"], p: ["paint", "Paint"], e: ["erase", "Erase"] };
const HINTS = {
  click: "click adds what it hits, with Alt or Shift takes it away",
  box: "drag a box: what stands out in it is added",
  polygon: "corners by click, Enter closes, Backspace takes back",
  paint: "paint over what belongs to it",
  erase: "paint over what does not",
};

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".masks");
  const make = (name, kind, properties = {}) => Object.assign(document.createElement(name), { className: kind }, properties);
  const memory = (root.memory ??= { tool: "click", points: [] });
  if (!data.correcting) memory.points = [];
  const busy = data.waiting.length > 0;
  const stage = make("div", `stage${data.correcting ? " correcting" : ""}${busy ? " busy" : ""}`);
  const shown = data.view / data.height;
  stage.style.cssText = `aspect-ratio: ${data.width} / ${data.height}; width: ${Math.round(data.view * data.width / data.height)}px`;
  const canvas = make("canvas", "", { width: Math.max(1, Math.round(data.width * shown)), height: Math.max(1, Math.round(data.height * shown)) });
  const scale = canvas.width / data.width;
  const pen = canvas.getContext("2d");
  const regions = data.outlines.map((outline) => ({ ...outline, ...decode(outline.mask) }));
  stage.append(make("img", "", { src: data.src, alt: "the image", draggable: false }), canvas);
  root.replaceChildren(bar(), stage);
  const base = paintRegions();
  draw();

  function choose(tool) {
    memory.tool = tool;
    memory.points = [];
    root.replaceChild(bar(), root.firstElementChild);
    draw();
  }

  function bar() {
    const row = make("div", "bar");
    if (data.correcting)
      for (const [key, [tool, label]] of Object.entries(TOOLS)) {
        const button = make("button", "", { textContent: label, title: `${label} (${key.toUpperCase()})`, onclick: () => choose(tool) });
        button.setAttribute("aria-pressed", memory.tool === tool);
        row.append(button);
      }
    row.append(make("span", "hint", { textContent: hint() }));
    return row;
  }

  function hint() {
    if (busy) return "one moment: this click is being cut out";
    return data.correcting ? HINTS[memory.tool] : "click a region to tie the mention to it, or take it off";
  }

  function paintRegions() {
    const image = pen.createImageData(canvas.width, canvas.height);
    const lit = regions.some((region) => region.lit);
    for (let y = 0; y < canvas.height; y++)
      for (let x = 0; x < canvas.width; x++) {
        const at = 4 * (y * canvas.width + x);
        let inside = false, edge = false, layers = 0;
        for (const region of regions) {
          const here = value(region, x, y);
          if (here) layers += 1;
          if (here && region.lit) inside = true;
          if (here !== value(region, x + 1, y) || here !== value(region, x, y + 1)) edge ||= region.lit ? 2 : 1;
        }
        const hatched = layers > 1 && (x + y) % 12 < 2;
        const light = edge ? ((x + y) >> 2) % 2 : hatched ? (x + y) % 12 : 0;
        image.data[at] = image.data[at + 1] = image.data[at + 2] = light ? 255 : 0;
        image.data[at + 3] = edge ? 255 : hatched ? 170 : lit && !inside ? 150 : 0;
      }
    return image;
  }

  function value(region, x, y) {
    const [px, py] = [Math.min(region.width - 1, Math.floor(x / scale)), Math.min(region.height - 1, Math.floor(y / scale))];
    return region.mask[py * region.width + px];
  }

  function draw() {
    pen.putImageData(base, 0, 0);
    drawTags();
    drawWaiting();
    if (!memory.points.length) return;
    const brush = memory.tool === "paint" || memory.tool === "erase";
    pen.lineWidth = brush ? 2 * radius() * scale : 2;
    pen.lineJoin = pen.lineCap = "round";
    pen.strokeStyle = brush ? (memory.tool === "paint" ? "rgb(255 255 255 / 0.6)" : "rgb(0 0 0 / 0.6)") : "#fff";
    pen.beginPath();
    memory.points.forEach(([x, y], index) => pen[index ? "lineTo" : "moveTo"](x * scale, y * scale));
    pen.stroke();
    for (const [x, y] of memory.tool === "polygon" ? memory.points : []) pen.fillRect(x * scale - 3, y * scale - 3, 6, 6);
  }

  // A region's number stands in the middle of its widest part at its middle row, so inside of it whatever its shape.
  function tagPlace(region) {
    const counts = new Uint32Array(region.height);
    for (let at = 0; at < region.mask.length; at++) counts[Math.floor(at / region.width)] += region.mask[at];
    const half = counts.reduce((sum, count) => sum + count, 0) / 2;
    let y = 0;
    for (let sum = counts[0]; sum < half; ) sum += counts[++y];
    let best = [0, -1], start = -1;
    for (let x = 0; x <= region.width; x++) {
      const here = x < region.width && region.mask[y * region.width + x];
      if (here && start < 0) start = x;
      if (!here && start >= 0) {
        if (x - start > best[1] - best[0]) best = [start, x];
        start = -1;
      }
    }
    return [((best[0] + best[1]) / 2) * scale, (y + 0.5) * scale];
  }

  function drawTags() {
    pen.font = "600 13px sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (const region of regions) {
      const [x, y] = (region.place ??= tagPlace(region));
      const wide = pen.measureText(region.label).width + 10;
      pen.fillStyle = region.lit ? "#fff" : "#1b1b1b";
      pen.fillRect(x - wide / 2, y - 10, wide, 20);
      pen.fillStyle = region.lit ? "#1b1b1b" : "#fff";
      pen.fillText(region.label, x, y + 1);
    }
  }

  function drawWaiting() {
    const spots = data.waiting.map(([x, y]) => [x * scale, y * scale]);
    pen.lineWidth = 2;
    for (const [x, y] of spots)
      for (const [size, color] of [[8, "#111"], [6, "#fff"]]) {
        pen.strokeStyle = color;
        pen.beginPath();
        pen.arc(x, y, size, 0, 2 * Math.PI);
        pen.stroke();
      }
    if (spots.length === 2) pen.strokeRect(spots[0][0], spots[0][1], spots[1][0] - spots[0][0], spots[1][1] - spots[0][1]);
  }

  function radius() {
    return Math.max(data.width, data.height) / 50;
  }

  function at(event) {
    const box = canvas.getBoundingClientRect();
    const clamp = (number, high) => Math.max(0, Math.min(high, number));
    return [clamp(((event.clientX - box.left) / box.width) * data.width, data.width), clamp(((event.clientY - box.top) / box.height) * data.height, data.height)];
  }

  function finish(kind, points, polygons) {
    memory.points = [];
    draw();
    setTriggerValue("corrected", { kind, points, polygons });
  }

  // A stroke as overlapping octagons along its way: the server fills polygons only.
  function stroke(points) {
    const disc = ([x, y]) => Array.from({ length: 12 }, (_, k) => [x + radius() * Math.cos((k * Math.PI) / 6), y + radius() * Math.sin((k * Math.PI) / 6)]);
    return points.flatMap((point, index) => {
      const before = points[Math.max(0, index - 1)];
      const steps = Math.max(1, Math.ceil(Math.hypot(point[0] - before[0], point[1] - before[1]) / (radius() / 2)));
      return Array.from({ length: steps }, (_, k) => disc(point.map((to, axis) => before[axis] + ((to - before[axis]) * (k + 1)) / steps)));
    });
  }

  const close = () => memory.tool === "polygon" && memory.points.length > 2 && finish("paint", [], [memory.points]);
  stage.onpointerdown = (event) => {
    const [x, y] = at(event);
    if (!data.correcting) {
      const hit = [...regions].reverse().find((region) => value(region, Math.floor(x * scale), Math.floor(y * scale)));
      if (hit) setTriggerValue("clicked", hit.id);
      return;
    }
    root.focus();
    if (busy) return;
    if (memory.tool === "click") return finish(event.altKey || event.shiftKey ? "remove" : "add", [[x, y]], []);
    if (memory.tool === "polygon") memory.points.push([x, y]);
    else {
      stage.setPointerCapture(event.pointerId);
      memory.points = [[x, y]];
      stage.onpointermove = (move) => {
        const [mx, my] = at(move);
        if (memory.tool === "box") memory.points = [[x, y], [mx, y], [mx, my], [x, my], [x, y]];
        else memory.points.push([mx, my]);
        draw();
      };
      stage.onpointerup = () => {
        stage.onpointermove = stage.onpointerup = null;
        if (memory.tool !== "box") finish(memory.tool, [], stroke(memory.points));
        else if (memory.points.length > 1) finish("box", [memory.points[0], memory.points[2]], []);
      };
    }
    draw();
  };
  stage.ondblclick = close;
  const typing = (target) => target instanceof HTMLElement && (target.isContentEditable || (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/^(radio|checkbox)$/.test(target.type)));
  const onkey = (event) => {
    if (!data.correcting || event.ctrlKey || event.metaKey || event.altKey || typing(event.composedPath()[0])) return;
    const tool = TOOLS[event.key.toLowerCase()];
    if (tool) choose(tool[0]);
    else if (!memory.points.length) return;
    else if (event.key === "Enter") close();
    else if (event.key === "Backspace") memory.points.pop(), draw();
    else if (event.key === "Escape") (memory.points = []), draw();
    else return;
    event.preventDefault();
  };
  if (root.onkey) document.removeEventListener("keydown", root.onkey);
  root.onkey = onkey;
  document.addEventListener("keydown", onkey);
  return () => document.removeEventListener("keydown", root.onkey);
}
