// Completion of queries in every field of the page that takes one: keys, values that the store has, and saved views. Tab takes what is
// marked, arrows mark another, Enter takes what arrows have marked and else asks the query.
const SHOWN = 8;

export default function ({ data, parentElement }) {
  const panel = parentElement.querySelector(".offers");
  panel.state ??= { offers: [], marked: -1 };
  const state = panel.state;
  const isQuery = (target) => target instanceof HTMLInputElement && data.fields.includes(target.getAttribute("aria-label"));

  const close = () => {
    state.offers = [];
    panel.hidden = true;
  };
  const draw = () => {
    panel.hidden = !state.offers.length;
    const options = state.offers.map((offer, place) => {
      const option = make("div", "option", { onpointerdown: (event) => take(event, offer) }, [make("b", "", { textContent: offer.shown }), " ", offer.note]);
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", place === Math.max(0, state.marked));
      return option;
    });
    panel.replaceChildren(...options);
  };
  const look = (field) => {
    state.field = field;
    state.offers = offersFor(data, field.value, field.selectionStart, field.selectionEnd);
    state.marked = -1;
    const box = field.getBoundingClientRect();
    Object.assign(panel.style, { left: `${box.left}px`, top: `${box.bottom + 4}px`, minWidth: `${Math.min(box.width, 420)}px` });
    draw();
  };
  const take = (event, offer) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    fillIn(state.field, offer);
    look(state.field);
  };
  const onKey = (event) => {
    const target = event.composedPath()[0];
    if (!isQuery(target) || !state.offers.length || withModifier(event)) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (steps) {
      state.marked = (state.marked + steps + state.offers.length) % state.offers.length;
      draw();
    } else if (event.key === "Escape") close();
    else if (event.key === "Tab" && !event.shiftKey && (state.marked >= 0 || target.value)) return take(event, state.offers[Math.max(0, state.marked)]);
    else if (event.key === "Enter" && state.marked >= 0) return take(event, state.offers[state.marked]);
    else return event.key === "Enter" && close();
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const ended = new AbortController();
  const listen = (name, does, capture = false) => document.addEventListener(name, does, { capture, signal: ended.signal });
  listen("keydown", onKey, true);
  for (const name of ["input", "focusin", "click"]) listen(name, (event) => isQuery(event.target) && look(event.target));
  listen("focusout", (event) => isQuery(event.target) && close());
  return () => ended.abort();
}

// What may stand at the cursor, from character `from` on: values after a key, else keys, words and views.
function offersFor({ keys, words, values, views }, text, start, end) {
  const before = text.slice(0, start);
  if (start !== end || !/^([\s)]|$)/.test(text.slice(start))) return [];
  const token = /[^\s()]*$/.exec(before)[0], colon = token.indexOf(":");
  if (colon > 0) {
    const begun = token.slice(colon + 1).split(",").at(-1).toLowerCase();
    const fitting = (values[token.slice(0, colon).toLowerCase()] ?? []).filter((value) => value.toLowerCase().startsWith(begun) && value.toLowerCase() !== begun);
    const written = (value) => (/[\s(),"]/.test(value) ? `"${value}"` : value);
    return fitting.slice(0, SHOWN).map((value) => ({ shown: value, note: "", put: `${written(value)} `, from: start - begun.length, to: start }));
  }
  const begins = (word) => word.toLowerCase().startsWith(token.toLowerCase()) && word !== token;
  const place = { from: start - token.length, to: start };
  return [
    ...keys.filter(([key]) => begins(key)).map(([key, note]) => ({ shown: `${key}:`, note, put: `${key}:`, ...place })),
    ...(token ? words.filter(begins).map((word) => ({ shown: word, note: "", put: `${word} `, ...place })) : []),
    ...views.filter(([name]) => begins(name) && text.trim() === token).map(([name, query]) => ({ shown: name, note: `view: ${query}`, put: query, from: 0, to: text.length })),
  ].slice(0, token ? SHOWN : keys.length + SHOWN);
}

// The field is the app's: it hears of a change by the setter of the browser and an event.
function fillIn(field, { put, from, to }) {
  const whole = field.value.slice(0, from) + put + field.value.slice(to).trimStart();
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, whole);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.setSelectionRange(from + put.length, from + put.length);
}
