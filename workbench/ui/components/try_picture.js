// The large picture of the board: the result in hand or the gray source, and over it what a phrase looks at, or its mask, and strokes.
const LONG_SIDE = 1100; // pixels of the canvas over the picture

function buildPicture(view) {
  const { width, height } = view.data, scale = LONG_SIDE / Math.max(width, height);
  view.scale = scale;
  view.stage = make("div", "stage");
  view.frame = make("div", "frame");
  view.frame.style.cssText = `aspect-ratio: ${width} / ${height}; max-width: calc(max(260px, 100vh - 430px) * ${width / height})`;
  view.image = make("img", "", { alt: "the picture", draggable: false });
  view.canvas = make("canvas", "", { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) });
  view.pen = view.canvas.getContext("2d");
  view.frame.append(view.image, view.canvas);
  view.stage.append(view.frame);
  view.zoom = zoomable(view.stage, [view.frame], { pans: () => !view.drawing });
  view.stage.onpointerdown = (event) => beginStroke(view, event);
}

function drawPicture(view) {
  const shown = view.large?.src ?? view.data.src;
  if (view.image.getAttribute("src") !== shown) view.image.src = shown;
  view.pen.clearRect(0, 0, view.canvas.width, view.canvas.height);
  const phrase = view.data.phrases[view.phrase];
  if (phrase) spotlight(view, phrase[view.look]);
  else drawStrokes(view);
}

// What is not looked at is dimmed: light of the map is let through. Maps are gray pictures, fetched once.
function spotlight(view, src) {
  view.maps ??= new Map();
  if (!view.maps.has(src)) {
    const image = new Image();
    view.maps.set(src, image);
    image.onload = () => drawPicture(view);
    image.src = src;
  }
  const map = view.maps.get(src), { canvas, pen } = view;
  if (!map.complete || !map.naturalWidth) return;
  const small = make("canvas", "", { width: map.naturalWidth, height: map.naturalHeight }), light = small.getContext("2d");
  light.drawImage(map, 0, 0);
  const pixels = light.getImageData(0, 0, small.width, small.height);
  for (let at = 0; at < pixels.data.length; at += 4) {
    pixels.data[at + 3] = Math.round(205 * (1 - pixels.data[at] / 255));
    pixels.data[at] = pixels.data[at + 1] = pixels.data[at + 2] = 0;
  }
  light.putImageData(pixels, 0, 0);
  pen.imageSmoothingEnabled = true;
  pen.drawImage(small, 0, 0, canvas.width, canvas.height);
}

function drawStrokes(view) {
  const { pen, scale } = view, outlined = (polygons, fill) => {
    pen.fillStyle = fill;
    for (const polygon of polygons) {
      pen.beginPath();
      for (const [index, [x, y]] of polygon.entries()) pen[index ? "lineTo" : "moveTo"](x * scale, y * scale);
      pen.fill();
    }
  };
  if (!view.large) for (const pin of view.data.pins) outlined(pin.polygons, pin.chip || "#fff");
  outlined(view.stroke, "rgb(255 255 255 / 0.6)");
}

function place(view, event) {
  const box = view.canvas.getBoundingClientRect(), clamp = (number, high) => Math.max(0, Math.min(high, number));
  return [clamp(((event.clientX - box.left) / box.width) * view.data.width, view.data.width), clamp(((event.clientY - box.top) / box.height) * view.data.height, view.data.height)];
}

function beginStroke(view, event) {
  if (!view.drawing || event.button !== 0) return;
  event.preventDefault();
  view.stage.setPointerCapture(event.pointerId);
  let last = place(view, event);
  const add = (to) => {
    const far = Math.hypot(to[0] - last[0], to[1] - last[1]), steps = Math.max(1, Math.ceil(far / (view.radius / 2)));
    for (let k = 1; k <= steps; k++) view.stroke.push(disc([last[0] + ((to[0] - last[0]) * k) / steps, last[1] + ((to[1] - last[1]) * k) / steps], view.radius));
    last = to;
    drawPicture(view);
  };
  add(last);
  view.stage.onpointermove = (moved) => add(place(view, moved));
  view.stage.onpointerup = view.stage.onpointercancel = () => {
    view.stage.onpointermove = view.stage.onpointerup = view.stage.onpointercancel = null;
    drawControls(view);
  };
}

const disc = ([x, y], radius) => Array.from({ length: 12 }, (_, k) => [x + radius * Math.cos((k * Math.PI) / 6), y + radius * Math.sin((k * Math.PI) / 6)]);
