// Zoom, place, cut and mode live here alone: looking is no reason to run the page again.
const MODES = { slider: ["Slider", "S"], flip: ["Flip", "F"], side: ["Side by side", "B"] };
const share = (percent) => Math.max(0, Math.min(100, percent));

// The elements stay from call to call, so that a page that is drawn again takes no drag out of the hand.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".compare");
  root.comparison ??= comparisonOn(root, data.mode);
  root.comparison.take(data);
}

function comparisonOn(root, mode) {
  const view = { zoom: 1, x: 0, y: 0, cut: 50, mode };
  const stage = make("div", "stage");
  const sides = ["left", "right"].map((side) => {
    const image = make("img", "", { draggable: false });
    const label = make("span", "label");
    stage.append(make("div", `pane ${side}`, {}, [image, label]));
    return { side, image, label };
  });
  const cut = make("div", "cut", { title: "Drag to compare" });
  stage.append(cut);
  const cuts = (event) => view.mode === "slider" && (event.target === cut || view.zoom === 1);
  const zoom = zoomable(stage, sides.map(({ image }) => image), { view, most: 12, pans: (event) => !cuts(event) });

  const buttons = Object.entries(MODES).map(([mode, [label, key]]) => {
    const button = act(label, key, () => turnTo(mode));
    button.dataset.mode = mode;
    return button;
  });
  const bar = make("div", "bar", {}, [
    ...buttons,
    act("+", "Zoom in (the wheel too)", () => zoom.by(1.4)),
    act("−", "Zoom out", () => zoom.by(1 / 1.4)),
    act("Fit", "0", fit),
  ]);
  root.replaceChildren(bar, stage);

  function take(data) {
    stage.style.height = data.height;
    for (const { side, image, label } of sides) {
      if (image.getAttribute("src") !== data[side].src) image.src = data[side].src;
      image.alt = label.textContent = data[side].label;
    }
    draw();
  }

  function draw() {
    root.dataset.mode = view.mode;
    stage.style.setProperty("--cut", `${view.cut}%`);
    for (const button of buttons) button.setAttribute("aria-pressed", button.dataset.mode === view.mode);
  }

  function turnTo(mode) {
    view.mode = mode;
    draw();
  }

  function fit() {
    view.cut = 50;
    zoom.fit();
    draw();
  }

  // Where the picture is zoomed a drag moves it, which `zoomable` sees to; else it moves the cut.
  stage.onpointerdown = (event) => {
    stage.setPointerCapture(event.pointerId);
    if (view.mode === "flip") root.classList.toggle("flipped");
    if (!cuts(event)) return;
    stage.onpointermove = (move) => {
      const box = stage.getBoundingClientRect();
      view.cut = share((100 * (move.clientX - box.left)) / box.width);
      draw();
    };
  };
  stage.onpointerup = stage.onpointercancel = () => (stage.onpointermove = null);
  root.onkeydown = (event) => {
    const key = event.key.toLowerCase();
    if (key === "f" && view.mode === "flip") root.classList.toggle("flipped");
    else if ({ s: 1, f: 1, b: 1 }[key]) view.mode = { s: "slider", f: "flip", b: "side" }[key];
    else if (key === "0") fit();
    else if (key === "arrowleft" || key === "arrowright") view.cut = share(view.cut + (key === "arrowleft" ? -2 : 2));
    else return;
    event.preventDefault();
    draw();
  };
  return { take };
}
