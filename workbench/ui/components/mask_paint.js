// The regions over the picture: edges in black and white, the lit mask clear and the rest dimmed, overlaps hatched, numbers on them.
function paintRegions(view) {
  const { canvas, pen, scale, regions } = view;
  const image = pen.createImageData(canvas.width, canvas.height);
  const shown = view.solo ? regions.filter((region) => region.lit) : regions;
  const lit = shown.some((region) => region.lit);
  const unit = unitOf(view), wide = Math.max(1, Math.round(unit * 1.3)), period = Math.round(10 * unit);
  for (let y = 0; y < canvas.height; y++)
    for (let x = 0; x < canvas.width; x++) {
      const at = 4 * (y * canvas.width + x);
      let inside = false, edge = 0, layers = 0;
      for (const region of shown) {
        const here = valueAt(region, x / scale, y / scale);
        if (here) layers += 1;
        if (here && region.lit) inside = true;
        const reach = region.lit ? 2 * wide : wide;
        if (here !== valueAt(region, (x + reach) / scale, y / scale) || here !== valueAt(region, x / scale, (y + reach) / scale)) edge = Math.max(edge, region.lit ? 2 : 1);
      }
      // Where the lit mask shares pixels with others it is hatched; where nothing is lit, all that is shared.
      const hatched = layers > 1 && (inside || !lit) && (x + y) % period < wide;
      const dashed = edge === 1 ? Math.floor((x + y) / (4 * wide)) % 2 : edge === 2 ? Math.floor((x + y) / (8 * wide)) % 3 : 0;
      image.data[at] = image.data[at + 1] = image.data[at + 2] = (edge ? dashed : hatched) ? 255 : 0;
      image.data[at + 3] = edge === 2 ? 255 : edge ? (lit ? 150 : 230) : hatched ? 190 : lit && !inside ? 115 : 0;
    }
  return image;
}

// How many pixels of the canvas one on the screen has.
function unitOf({ canvas }) {
  return canvas.clientWidth ? Math.max(1, canvas.width / canvas.clientWidth) : 1;
}

function valueAt(region, x, y) {
  const [px, py] = [Math.min(region.width - 1, Math.floor(x)), Math.min(region.height - 1, Math.floor(y))];
  return region.mask[py * region.width + px];
}

function drawMasks(view) {
  const { pen, scale } = view;
  pen.putImageData(view.base, 0, 0);
  drawSent(view);
  drawTags(view);
  drawWaiting(view);
  const brush = view.tool === "paint" || view.tool === "erase";
  if (brush && view.pointer && view.data.correcting) drawRing(view, view.pointer, view.radius);
  if (!view.points.length) return;
  pen.lineWidth = brush ? 2 * view.radius * scale : 2;
  pen.lineJoin = pen.lineCap = "round";
  pen.strokeStyle = brush ? (view.tool === "paint" ? "rgb(255 255 255 / 0.6)" : "rgb(0 0 0 / 0.6)") : "#fff";
  pen.beginPath();
  tracePath(view, view.points);
  pen.stroke();
  pen.fillStyle = "#fff";
  for (const [x, y] of view.tool === "polygon" ? view.points : []) pen.fillRect(x * scale - 3, y * scale - 3, 6, 6);
}

function tracePath({ pen, scale }, points) {
  for (const [index, [x, y]] of points.entries()) pen[index ? "lineTo" : "moveTo"](x * scale, y * scale);
}

// Strokes that the server has not answered yet.
function drawSent({ pen, scale, outbox, data }) {
  for (const deed of outbox.waiting()) {
    if (deed.image !== data.bound.image || !deed.correction) continue;
    pen.fillStyle = deed.correction.kind === "erase" ? "rgb(0 0 0 / 0.35)" : "rgb(255 255 255 / 0.35)";
    for (const polygon of deed.correction.polygons) {
      pen.beginPath();
      tracePath({ pen, scale }, polygon);
      pen.fill();
    }
  }
}

function drawRing({ pen, scale }, [x, y], radius) {
  for (const [wide, color] of [[3, "#111"], [1.5, "#fff"]]) {
    pen.lineWidth = wide;
    pen.strokeStyle = color;
    pen.beginPath();
    pen.arc(x * scale, y * scale, radius * scale, 0, 2 * Math.PI);
    pen.stroke();
  }
}

function drawTags(view) {
  const { pen, scale, regions, solo } = view, unit = unitOf(view);
  pen.font = `600 ${13 * unit}px sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const taken = [];
  for (const region of [...regions].sort((one, other) => other.lit - one.lit)) {
    if (solo && !region.lit) continue;
    region.place ??= tagPlace(region);
    let [x, y] = region.place.map((at) => at * scale);
    while (taken.some(([left, top]) => Math.hypot(x - left, y - top) < 22 * unit)) x += 24 * unit; // no number lies on another
    taken.push([x, y]);
    const wide = pen.measureText(region.label).width + 10 * unit, high = 20 * unit;
    pen.fillStyle = region.lit ? "#fff" : "#1b1b1b";
    pen.fillRect(x - wide / 2, y - high / 2, wide, high);
    pen.fillStyle = region.lit ? "#1b1b1b" : "#fff";
    pen.fillText(region.label, x, y + unit);
  }
}

function drawWaiting(view) {
  const { pen, scale, data } = view;
  for (const point of data.waiting) drawRing(view, point, 7 / scale);
  const spots = data.waiting.map(([x, y]) => [x * scale, y * scale]);
  if (spots.length === 2) pen.strokeRect(spots[0][0], spots[0][1], spots[1][0] - spots[0][0], spots[1][1] - spots[0][1]);
}
