// One trial on neutral gray: its pictures, the ways to look at them, and its answer with the time that it took.
import { button, make } from "./dom.js";
import { listen, overlay } from "./keys.js";
import { answering } from "./answer_controls.js";
import { looking } from "./picture_view.js";

export function trial(told, { address, preload, answer, back }) {
  const data = told.trial;
  const board = make("section", "board waiting");
  board.dataset.method = data.method;
  let shown = null;
  let sent = false;

  const send = (choice) => {
    if (shown === null || sent || !look.settled()) return;
    sent = true;
    board.classList.add("sent");
    answer({ trial: data.name, choice, seconds: (performance.now() - shown) / 1000 });
  };
  const look = looking(board, data, address);
  const given = answering(data, send);

  const head = make("header", "head", {}, [
    make("h1", "question", { textContent: data.question }),
    make("span", "progress", { textContent: data.practice ? "practice" : `${told.done + 1} / ${told.total}` }),
  ]);
  if (data.caption) head.append(make("p", "caption", { textContent: data.caption }));
  const tools = make("nav", "tools", {}, [...look.tools, button("? keys", overlay, "quiet")]);
  if (told.back) tools.prepend(button("← back", back, "quiet"));
  look.places.forEach((place, index) => place.append(...given.beside(index)));
  board.append(head, look.stage, make("div", "answers", {}, given.below), tools);

  const keys = { ...given.keys, ...look.keys, "?": { does: "all keys", run: overlay } };
  const undo = given.keys.Backspace?.run;
  const can_undo = undo ?? (() => false);
  if (undo || told.back) keys.Backspace = { does: told.back ? "back" : "clear", run: () => can_undo() || (told.back && back()) };
  listen(keys);

  Promise.all([...board.querySelectorAll("img")].map((picture) => picture.decode().catch(() => null))).then(() => {
    // In one step: a key that is pressed when the trial looks ready must count.
    requestAnimationFrame(() => {
      board.classList.remove("waiting");
      shown = performance.now();
    });
    preload(told.preload);
  });
  return board;
}
