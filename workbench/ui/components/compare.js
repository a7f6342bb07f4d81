// Zoom, place, cut and mode live here alone: looking is no reason to run the page again.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".compare");
  root.view ??= { zoom: 1, x: 0, y: 0, cut: 50, mode: data.mode };
  const view = root.view;
  const make = (name, kind, properties = {}) => Object.assign(document.createElement(name), { className: kind }, properties);

  const stage = make("div", "stage");
  stage.style.height = `${data.height}px`;
  const images = ["left", "right"].map((side) => {
    const pane = make("div", `pane ${side}`);
    const image = make("img", "", { src: data[side].src, alt: data[side].label, draggable: false });
    pane.append(image, make("span", "label", { textContent: data[side].label }));
    stage.append(pane);
    return image;
  });
  const cut = make("div", "cut", { title: "Drag to compare" });
  stage.append(cut);

  const bar = make("div", "bar");
  const modes = { slider: ["Slider", "S"], flip: ["Flip", "F"], side: ["Side by side", "B"] };
  const buttons = Object.entries(modes).map(([mode, [label, key]]) => {
    const button = make("button", "", { textContent: label, title: key, onclick: () => turnTo(mode) });
    button.dataset.mode = mode;
    return button;
  });
  const zoom = (text, title, onclick) => make("button", "", { textContent: text, title, onclick });
  const middle = () => [images[0].parentElement.clientWidth / 2, data.height / 2];
  bar.append(
    ...buttons,
    zoom("+", "Zoom in (the wheel too)", () => zoomAt(view.zoom * 1.4, ...middle())),
    zoom("−", "Zoom out", () => zoomAt(view.zoom / 1.4, ...middle())),
    zoom("Fit", "0", () => fit()),
  );
  root.replaceChildren(bar, stage);
  place();

  function place() {
    root.dataset.mode = view.mode;
    stage.style.setProperty("--cut", `${view.cut}%`);
    for (const image of images) image.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`;
    for (const button of buttons) button.setAttribute("aria-pressed", button.dataset.mode === view.mode);
  }

  function turnTo(mode) {
    view.mode = mode;
    place();
  }

  function zoomAt(wanted, px, py) {
    const zoom = Math.max(1, Math.min(12, wanted));
    view.x = zoom === 1 ? 0 : px - ((px - view.x) * zoom) / view.zoom;
    view.y = zoom === 1 ? 0 : py - ((py - view.y) * zoom) / view.zoom;
    view.zoom = zoom;
    place();
  }

  function fit() {
    Object.assign(view, { zoom: 1, x: 0, y: 0, cut: 50 });
    place();
  }

  stage.onwheel = (event) => {
    event.preventDefault();
    const box = images[0].parentElement.getBoundingClientRect();
    const [px, py] = [(event.clientX - box.left) % box.width, event.clientY - box.top];
    zoomAt(view.zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2), px, py);
  };
  stage.onpointerdown = (event) => {
    stage.setPointerCapture(event.pointerId);
    const from = { x: event.clientX - view.x, y: event.clientY - view.y };
    const cutting = view.mode === "slider" && (event.target === cut || view.zoom === 1);
    if (view.mode === "flip" && view.zoom === 1) root.classList.toggle("flipped");
    stage.dataset.dragged = "";
    stage.onpointermove = (move) => {
      if (stage.dataset.dragged === undefined) return;
      const box = stage.getBoundingClientRect();
      if (cutting) view.cut = Math.max(0, Math.min(100, (100 * (move.clientX - box.left)) / box.width));
      else if (view.zoom > 1) Object.assign(view, { x: move.clientX - from.x, y: move.clientY - from.y });
      place();
    };
  };
  stage.onpointerup = stage.onpointercancel = () => stage.removeAttribute("data-dragged");
  root.onkeydown = (event) => {
    const key = event.key.toLowerCase();
    if (key === "f" && view.mode === "flip") root.classList.toggle("flipped");
    else if ({ s: 1, f: 1, b: 1 }[key]) view.mode = { s: "slider", f: "flip", b: "side" }[key];
    else if (key === "0") fit();
    else if (key === "arrowleft" || key === "arrowright") view.cut = Math.max(0, Math.min(100, view.cut + (key === "arrowleft" ? -2 : 2)));
    else return;
    event.preventDefault();
    place();
  };
}
