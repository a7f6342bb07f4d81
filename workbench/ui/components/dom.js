// Elements in one expression. `act` is a button of a bar: its words, its key or what it does, and whether it is pressed where it can be.
function make(name, kind = "", properties = {}, children = []) {
  const element = Object.assign(document.createElement(name), { className: kind }, properties);
  element.append(...children);
  return element;
}

function act(textContent, title, onclick, pressed) {
  const button = make("button", "", { textContent, title, onclick });
  if (pressed !== undefined) button.setAttribute("aria-pressed", pressed);
  return button;
}

// A small square of a color that a caption names.
function chipNode(color) {
  const chip = make("i", "chip");
  chip.style.background = color;
  return chip;
}
