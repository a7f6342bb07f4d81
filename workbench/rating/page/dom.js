// Small parts that all steps are made of, and the address of what belongs to this rater.
const own = location.pathname.replace(/\/+$/, "");

// A recruitment link carries the platform's parameters in its query; they belong to every request of its page.
export const address = (path) => `${own}/${path}${location.search}`;

export function make(name, kind = "", properties = {}, children = []) {
  const element = Object.assign(document.createElement(name), { className: kind }, properties);
  element.append(...children);
  return element;
}

// A study may be written in another script than the page: each text runs as its own letters do.
export const sentence = (text) => make("p", "", { textContent: text, dir: "auto" });

export function card(title, words, below) {
  return make("section", "card", {}, [make("h1", "", { textContent: title, dir: "auto" }), ...words.map(sentence), ...below]);
}

export function button(label, run, kind = "button", properties = {}) {
  return make("button", kind, { type: "button", textContent: label, onclick: run, ...properties });
}

// A button that names its key; where there are no keys, only what it does.
export function keyed(key, label, run, kind = "button", properties = {}) {
  const one = button("", run, kind, properties);
  one.append(make("span", "key", { textContent: `${key} ` }), label);
  return one;
}
