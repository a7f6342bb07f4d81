const listeners = ["keydown", "keyup"];

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".board");
  const make = (name, kind, properties = {}) => Object.assign(document.createElement(name), { className: kind }, properties);
  const leave = () => listeners.forEach((name) => document.removeEventListener(name, root[name]));
  if (root.trial === data.trial) return leave;
  root.trial = data.trial;
  root.className = "board waiting";
  const one = data.method === "pair" || data.method === "choice";
  const two = data.stimuli.length === 2;
  let shown = null;
  let values = {};

  const head = make("div", "head");
  head.append(
    make("span", "question", { textContent: data.question }),
    make("span", "caption", { textContent: data.caption }),
    make("span", "progress", { textContent: `${data.progress[0]} / ${data.progress[1]}` }),
  );
  const row = make("div", two ? "row" : "row wrap");
  const cells = data.stimuli.map(cell);
  if (data.source && two) row.append(cells[0], source(), cells[1]);
  else row.append(...(data.source ? [source()] : []), ...cells);
  const answers = make("div", "answers");
  if (one && data.ties) answers.append(make("button", "tie", { textContent: "0  no difference", onclick: () => answer("tie") }));
  if (!one) answers.append(make("button", "commit", { textContent: "Enter  next", onclick: commit }));
  root.replaceChildren(head, row, answers, make("div", "hint", { textContent: hint() }));
  root.focus();
  Promise.all([...row.querySelectorAll("img")].map((image) => image.decode().catch(() => null))).then(() => {
    root.classList.remove("waiting");
    shown = { at: new Date(), time: performance.now() };
  });

  function hint() {
    const choose = data.stimuli.map((_, index) => index + 1).join(" ");
    const ways = { pair: `${choose} choose`, choice: `${choose} choose`, category: "a number on each scale, 1 is worst, Enter goes on, Backspace clears", ranking: `${choose} from best to worst` };
    return `${ways[data.method]}${one && data.ties ? " · 0 no difference" : ""}${two ? " · hold F to flip in place" : ""} · Z zoom`;
  }

  function source() {
    const box = make("div", "cell source");
    const view = make("div", "view");
    view.append(make("img", "", { src: data.source, alt: "gray source", draggable: false }));
    box.append(view);
    return box;
  }

  function cell({ id, src }, index) {
    const box = make("div", "cell");
    const view = make("div", "view");
    const label = two ? ["left", "right"][index] : `picture ${index + 1}`;
    view.append(make("img", "", { src, alt: label, draggable: false }));
    // A tap looks closer: on a phone a picture is touched in passing, and an answer is final.
    view.onclick = (event) => {
      if (event.pointerType === "touch" || root.classList.contains("zoomed")) root.classList.toggle("zoomed");
      else if (one) answer(id);
    };
    view.onpointermove = (event) => {
      const area = view.getBoundingClientRect();
      root.style.setProperty("--ox", `${(100 * (event.clientX - area.left)) / area.width}%`);
      root.style.setProperty("--oy", `${(100 * (event.clientY - area.top)) / area.height}%`);
    };
    box.append(view, one ? choice(id, index, label) : scale(id, index));
    return box;
  }

  function choice(id, index, label) {
    const button = make("button", "", { textContent: index + 1, onclick: () => answer(id) });
    button.append(make("span", "word", { textContent: ` ${label}` }));
    button.setAttribute("aria-label", label);
    return button;
  }

  function scale(id, index) {
    const box = make("div", "scales");
    if (data.method === "ranking") {
      const button = make("button", "", { textContent: `${index + 1}`, onclick: () => rank(id) });
      button.dataset.id = id;
      box.append(button);
      return box;
    }
    for (const { name, points } of data.scales) {
      const line = make("div", "scale");
      line.append(make("span", "name", { textContent: name }));
      for (let value = 1; value <= points; value++) {
        const button = make("button", "", { textContent: value, onclick: () => grade(id, name, value) });
        Object.assign(button.dataset, { id, name, value });
        line.append(button);
      }
      box.append(line);
    }
    return box;
  }

  function grade(id, name, value) {
    (values[id] ??= {})[name] = value;
    for (const button of row.querySelectorAll("button[data-name]"))
      button.setAttribute("aria-pressed", values[button.dataset.id]?.[button.dataset.name] === Number(button.dataset.value));
  }

  function rank(id) {
    if (values[id]) delete values[id];
    else values[id] = Object.keys(values).length + 1;
    Object.entries(values).sort((a, b) => a[1] - b[1]).forEach(([key], index) => (values[key] = index + 1));
    for (const button of row.querySelectorAll("button[data-id]")) {
      const place = values[button.dataset.id];
      button.setAttribute("aria-pressed", Boolean(place));
      button.textContent = place ? `place ${place}` : "–";
    }
  }

  function open() {
    for (const { id } of data.stimuli) for (const { name, points } of data.scales) if (values[id]?.[name] === undefined) return { id, name, points };
    return null;
  }

  function commit() {
    const whole = data.method === "ranking" ? Object.keys(values).length === data.stimuli.length : open() === null;
    if (whole) answer(values);
  }

  function clear() {
    values = {};
    for (const button of row.querySelectorAll("button")) button.setAttribute("aria-pressed", false);
    if (data.method === "ranking") row.querySelectorAll("button[data-id]").forEach((button, index) => (button.textContent = index + 1));
  }

  function answer(choice) {
    if (!shown || root.answered === data.trial || root.classList.contains("flipped")) return;
    root.answered = data.trial;
    const seconds = (performance.now() - shown.time) / 1000;
    root.classList.remove("zoomed");
    root.classList.add("waiting");
    setTriggerValue("answered", { trial: data.trial, choice, seconds, shown_at: shown.at.toISOString() });
  }

  // Each place shows the other's picture as long as F is held; nothing can be answered meanwhile.
  function flip(on) {
    if (!two || root.classList.contains("flipped") === on) return;
    root.classList.toggle("flipped", on);
    const order = on ? [1, 0] : [0, 1];
    cells.forEach((box, index) => (box.querySelector("img").src = data.stimuli[order[index]].src));
  }

  const keydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    const number = /^[0-9]$/.test(key) ? Number(key) : null;
    const stimulus = number === null ? undefined : data.stimuli[number - 1];
    if (one && number === 0 && data.ties) answer("tie");
    else if (one && stimulus) answer(stimulus.id);
    else if (data.method === "ranking" && stimulus) rank(stimulus.id);
    else if (data.method === "category" && number >= 1 && number <= (open()?.points ?? 0)) grade(open().id, open().name, number);
    else if (key === "enter" && !one) commit();
    else if (key === "backspace" && !one) clear();
    else if (key === "f") flip(true);
    else if (key === "z") root.classList.toggle("zoomed");
    else return;
    event.preventDefault();
  };
  leave();
  root.keydown = keydown;
  root.keyup = (event) => event.key.toLowerCase() === "f" && flip(false);
  listeners.forEach((name) => document.addEventListener(name, root[name]));
  return leave;
}
