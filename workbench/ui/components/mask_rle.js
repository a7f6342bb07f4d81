// COCO run lengths: column-major, alternating from background, LEB128-like text with differences from the run before the last.
function decodeMask({ size: [height, width], counts }) {
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
  return [(best[0] + best[1]) / 2, y + 0.5];
}
