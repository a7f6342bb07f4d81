// The keys of what is shown now: {key: {does, run, up}}; `?` shows them all.
import { make } from "./dom.js";
import { say } from "./words.js";

let bound = {};
const dialog = document.getElementById("keys");

export function listen(keys) {
  bound = keys;
  if (dialog.open) dialog.close();
}

// `?` in the keys of every step.
export const help = { does: say("all_keys"), run: overlay };

export function overlay() {
  if (dialog.open) return dialog.close();
  const names = { " ": say("key_space"), ArrowLeft: "← →", Backspace: "Backspace" };
  const lines = Object.entries(bound).filter(([, { does }]) => does).map(([key, { does, name }]) => [name ?? names[key] ?? (key.length === 1 ? key.toUpperCase() : key), does]);
  dialog.querySelector("dl").replaceChildren(...lines.flatMap(([key, does]) => [make("dt", "", { textContent: key }), make("dd", "", { textContent: does })]));
  dialog.showModal();
}

dialog.querySelector("button").onclick = () => dialog.close();

const meant = (event) => bound[event.key] ?? bound[event.key.toLowerCase()];

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (dialog.open) {
    if (event.key === "?") dialog.close();
    return;
  }
  // What is typed into a comment is text and no answer.
  if (event.target.closest("textarea, input, select")) return;
  // Enter and Space on a focused button press that button.
  if ((event.key === "Enter" || event.key === " ") && event.target.closest("button, a")) return;
  const key = meant(event);
  if (!key || (event.repeat && !key.repeats)) return;
  event.preventDefault();
  key.run(event);
});

document.addEventListener("keyup", (event) => meant(event)?.up?.());
window.addEventListener("blur", () => Object.values(bound).forEach((key) => key.up?.()));
