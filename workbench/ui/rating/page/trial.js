// One trial on neutral gray: its pictures, the ways to look at them, and its answer with how they were looked at.
import { button, make } from "./dom.js";
import { help, listen, overlay } from "./keys.js";
import { answering } from "./answer_controls.js";
import { looking } from "./picture_view.js";
import { loaded_all } from "./picture_loading.js";
import { watching } from "./viewing.js";

export function trial(told, { address, preload, answer, back, broken, leave }) {
  const data = told.trial;
  const board = make("section", "board waiting");
  board.dataset.method = data.method;
  const watch = watching(board);
  let ready = false;
  let sent = false;
  const comment = data.comment ? make("textarea", "comment", { rows: 1, maxLength: 2000, placeholder: "A comment, if you like", ariaLabel: "comment" }) : null;

  const send = (choice) => {
    if (!ready || sent || !look.settled()) return;
    sent = true;
    board.classList.add("sent");
    answer({ trial: data.name, choice, comment: comment?.value, ...watch.facts() });
  };
  const look = looking(board, data, address);
  const given = answering(data, send);

  const head = make("header", "head", {}, [
    make("h1", "question", { textContent: data.question }),
    make("span", "progress", { textContent: data.practice ? "practice" : `${told.done + 1} / ${told.total}` }),
  ]);
  if (data.caption) head.append(make("p", "caption", { textContent: data.caption }));
  const trouble = make("p", "trouble", { role: "alert", hidden: true });
  const tools = make("nav", "tools", { ariaLabel: "Tools" }, [...look.tools, button("? keys", overlay, "quiet for-keys"), button("Leave the study", leave, "quiet leave")]);
  if (told.back) tools.prepend(button("← back", back, "quiet"));
  look.places.forEach((place, index) => place.append(...given.beside(index)));
  board.append(head, look.stage, make("div", "answers", {}, [...(comment ? [comment] : []), ...given.below, trouble]), tools);

  const keys = { ...given.keys, ...look.keys, "?": help };
  const undo = given.keys.Backspace?.run;
  const can_undo = undo ?? (() => false);
  if (undo || told.back) keys.Backspace = { does: told.back ? "back" : "clear", run: () => can_undo() || (told.back && back()) };
  listen(keys);

  loaded_all(board, { trouble, give_up: () => broken(data.name) }).then((whole) => {
    if (!whole) return;
    // In one step: a key that is pressed when the trial looks ready must count.
    requestAnimationFrame(() => {
      board.classList.remove("waiting");
      board.classList.add("early");
      watch.begin();
      setTimeout(() => {
        ready = true;
        board.classList.remove("early");
      }, data.least_ms + 1);
      if (data.most_s) setTimeout(() => watch.hide(), 1000 * data.most_s);
    });
    preload(told.preload);
  });
  return board;
}
