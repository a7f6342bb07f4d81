// Zoom and pan of frames within their stage, all in step: the wheel zooms at the pointer, dragging moves where `pans` says so, fit shows
// all of it. `view` may be handed in, so that it outlives the elements.
function zoomable(stage, frames, { pans = () => true, most = 16, view = { zoom: 1, x: 0, y: 0 } } = {}) {
  for (const frame of frames) frame.style.transformOrigin = "0 0";
  const place = () => {
    if (view.zoom === 1) view.x = view.y = 0;
    for (const frame of frames) frame.style.transform = view.zoom === 1 ? "" : `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`;
  };
  // `px` and `py`: pixels from the frame's unzoomed corner that stay where they are.
  const zoomTo = (zoom, px, py) => {
    const next = Math.max(1, Math.min(most, zoom));
    view.x = px - ((px - view.x) * next) / view.zoom;
    view.y = py - ((py - view.y) * next) / view.zoom;
    view.zoom = next;
    place();
  };
  const corner = (event) => {
    const box = (frames.find((frame) => frame.parentElement.contains(event.target)) ?? frames[0]).getBoundingClientRect();
    return [box.left - view.x, box.top - view.y];
  };
  const wheel = (event) => {
    event.preventDefault();
    const [left, top] = corner(event);
    zoomTo(view.zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2), event.clientX - left, event.clientY - top);
  };
  const down = (event) => {
    if (view.zoom === 1 || !pans(event)) return;
    event.preventDefault();
    event.stopPropagation();
    const from = [event.clientX - view.x, event.clientY - view.y];
    stage.setPointerCapture(event.pointerId);
    const ended = new AbortController();
    const move = (moved) => {
      [view.x, view.y] = [moved.clientX - from[0], moved.clientY - from[1]];
      place();
    };
    stage.addEventListener("pointermove", move, { signal: ended.signal });
    for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, () => ended.abort(), { signal: ended.signal });
  };
  stage.addEventListener("wheel", wheel, { passive: false });
  stage.addEventListener("pointerdown", down, true);
  place();
  return {
    view,
    by: (factor) => zoomTo(view.zoom * factor, frames[0].offsetWidth / 2, frames[0].offsetHeight / 2),
    fit: () => zoomTo(1, 0, 0),
  };
}
