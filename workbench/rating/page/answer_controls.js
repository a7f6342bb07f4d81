// The ways to answer: one of two or of several, marks on scales, a ranking.
import { button, keyed, make } from "./dom.js";
import { say } from "./words.js";

export function answering(data, send) {
  const ways = { pair: choose, choice: choose, category: mark, ranking: rank };
  return ways[data.method](data, send);
}

function choose(data, send) {
  const single = data.view !== "side by side" && data.pictures.length === 2;
  const words = data.pictures.length === 2 && !single ? [say("left"), say("right")] : data.pictures.map(() => "");
  const choice = (index) => {
    const one = button(index + 1, () => send(index), "button choice", { ariaLabel: words[index] || say("picture_number", { number: index + 1 }) });
    // On a phone the two stand one above the other: there the word would be wrong.
    if (words[index]) one.append(make("span", "word", { textContent: ` ${words[index]}` }));
    return one;
  };
  const keys = {};
  data.pictures.forEach((_, index) => (keys[index + 1] = { does: words[index] || (index === 0 ? say("does_choose") : ""), name: words[index] ? `${index + 1}` : `1 – ${data.pictures.length}`, run: () => send(index) }));
  const below = [];
  if (single) below.push(choice(0));
  if (data.ties) {
    keys[0] = { does: say("no_difference"), run: () => send("tie") };
    below.push(keyed(0, say("no_difference"), () => send("tie"), "button tie", { ariaLabel: say("no_difference") }));
  }
  if (single) below.push(choice(1));
  return { keys, below, beside: (index) => (single ? [] : [choice(index)]) };
}

function mark(data, send) {
  const values = data.pictures.map(() => ({}));
  const buttons = [];
  const steps = data.pictures.flatMap((_, picture) => data.scales.map((scale) => ({ picture, scale })));
  const open = () => steps.find(({ picture, scale }) => values[picture][scale.name] === undefined);
  const whole = keyed("Enter", say("next"), commit, "button main", { disabled: true });

  function draw() {
    const now = open();
    for (const { element, picture, scale, value } of buttons) element.setAttribute("aria-pressed", values[picture][scale.name] === value);
    for (const line of lines) line.element.classList.toggle("now", Boolean(now) && now.picture === line.picture && now.scale === line.scale);
    whole.disabled = Boolean(now);
  }
  function give(picture, scale, value) {
    values[picture][scale.name] = value;
    draw();
  }
  function commit() {
    if (!open()) send(values);
  }
  function clear() {
    if (values.every((value) => Object.keys(value).length === 0)) return false;
    values.forEach((value) => Object.keys(value).forEach((name) => delete value[name]));
    draw();
    return true;
  }
  const lines = steps.map(({ picture, scale }) => {
    const element = make("div", scale.question ? "scale asked" : "scale", {}, [make("span", "name", { textContent: scale.question || scale.name, dir: "auto" })]);
    const ends = [scale.low, scale.high].map((word) => make("span", "end", { textContent: word ?? "", dir: "auto" }));
    element.append(ends[0]);
    for (let value = 1; value <= scale.points; value++) {
      const word = scale.words[value - 1];
      const label = word ? `${value} ${word}` : `${value}`;
      const one = button(label, () => give(picture, scale, value), "button mark", { dir: "auto", ariaLabel: `${scale.name} ${label}` });
      buttons.push({ element: one, picture, scale, value });
      element.append(one);
    }
    element.append(ends[1]);
    return { element, picture, scale };
  });
  const most = Math.max(...data.scales.map(({ points }) => points));
  const keys = { Enter: { does: say("does_next_marked"), run: commit }, Backspace: { does: say("does_clear"), run: clear } };
  for (let value = 1; value <= Math.min(9, most); value++)
    keys[value] = { does: value === 1 ? say("does_mark") : "", name: `1 – ${Math.min(9, most)}`, run: () => open() && value <= open().scale.points && give(open().picture, open().scale, value) };
  draw();
  return { keys, below: [whole], beside: (index) => lines.filter(({ picture }) => picture === index).map(({ element }) => element) };
}

function rank(data, send) {
  const order = [];
  const whole = keyed("Enter", say("next"), commit, "button main", { disabled: true });
  const buttons = data.pictures.map((_, index) => button("", () => toggle(index), "button choice", { ariaLabel: say("picture_number", { number: index + 1 }) }));

  function draw() {
    buttons.forEach((one, index) => {
      const place = order.indexOf(index);
      one.textContent = place < 0 ? `${index + 1}` : say("best_place", { number: index + 1, place: place + 1 });
      one.setAttribute("aria-pressed", place >= 0);
    });
    whole.disabled = order.length < buttons.length;
  }
  function toggle(index) {
    const place = order.indexOf(index);
    if (place >= 0) order.splice(place, 1);
    else order.push(index);
    draw();
  }
  function commit() {
    if (order.length === buttons.length) send(data.pictures.map((_, index) => order.indexOf(index) + 1));
  }
  function clear() {
    if (!order.length) return false;
    order.pop();
    draw();
    return true;
  }
  const keys = { Enter: { does: say("does_next_ranked"), run: commit }, Backspace: { does: say("does_take_back"), run: clear } };
  data.pictures.forEach((_, index) => (keys[index + 1] = { does: index === 0 ? say("does_rank") : "", name: `1 – ${data.pictures.length}`, run: () => toggle(index) }));
  draw();
  return { keys, below: [whole], beside: (index) => [buttons[index]] };
}
