// One trial on neutral gray: its pictures, the ways to look at them, and its answers with how they were looked at.
import { button, make } from "./dom.js";
import { help, listen, overlay } from "./keys.js";
import { answering } from "./answer_controls.js";
import { looking } from "./picture_view.js";
import { loaded_all } from "./picture_loading.js";
import { watching } from "./viewing.js";
import { say } from "./words.js";

// The second half of a double click answers nothing, whatever the design's least viewing time is.
const DOUBLE_CLICK_MS = 300;

export function trial(told, { address, preload, answer, back, broken, leave }) {
  const data = told.trial;
  const questions = [{ question: data.question }, ...data.further];
  const choices = [];
  const board = make("section", "board waiting");
  board.dataset.method = data.method;
  const watch = watching(board);
  let ready = false;
  let sent = false;
  let controls = [];
  const comment = data.comment ? make("textarea", "comment", { rows: 1, maxLength: 2000, placeholder: say("comment_if_you_like"), ariaLabel: say("comment") }) : null;

  const take = (choice) => {
    if (!ready || sent || !look.settled()) return;
    choices.push(choice);
    if (choices.length < questions.length) return ask();
    sent = true;
    board.classList.add("sent");
    const further = Object.fromEntries(data.further.map(({ name }, place) => [name, choices[place + 1]]));
    answer({ trial: data.name, choice: choices[0], further, comment: comment?.value, ...watch.facts() });
  };
  const look = looking(board, data, address);
  const question = make("h1", "question", { ariaLive: "polite", dir: "auto" });
  const part = make("span", "part", { hidden: questions.length < 2 });
  const below = make("div", "answers");

  const head = make("header", "head", {}, [question, make("span", "progress", { dir: "auto", textContent: data.practice ? say("practice") : `${told.done + 1} / ${told.total}` }), part]);
  if (data.caption) head.append(make("p", "caption", { textContent: data.caption, dir: "auto" }));
  const trouble = make("p", "trouble", { role: "alert", hidden: true });
  const tools = make("nav", "tools", { ariaLabel: say("tools") }, [...look.tools, button(`? ${say("tool_keys")}`, overlay, "quiet for-keys"), button(say("tool_leave"), leave, "quiet leave")]);
  const to_last = button(`← ${say("tool_back")}`, step_back, "quiet");
  tools.prepend(to_last);
  below.append(...(comment ? [comment] : []), trouble);
  board.append(head, look.stage, below, tools);
  draw();

  // The same pictures, the next question about them.
  function ask() {
    draw();
    wait(DOUBLE_CLICK_MS);
  }

  function draw() {
    const now = choices.length;
    question.textContent = questions[now].question;
    part.textContent = say("question_of", { number: now + 1, total: questions.length });
    for (const control of controls) control.remove();
    const answer_controls = answering(data, take);
    const beside = look.places.map((_, index) => answer_controls.beside(index));
    look.places.forEach((place, index) => place.append(...beside[index]));
    trouble.before(...answer_controls.below);
    controls = [...beside.flat(), ...answer_controls.below];
    to_last.hidden = !may_step_back();
    bind(answer_controls);
  }

  function bind(answer_controls) {
    const keys = { ...answer_controls.keys, ...look.keys, "?": help };
    const undo = answer_controls.keys.Backspace?.run;
    const can_undo = undo ?? (() => false);
    if (undo || may_step_back()) keys.Backspace = { does: say(may_step_back() ? "does_back" : "does_clear"), run: () => can_undo() || (may_step_back() && step_back()) };
    listen(keys);
  }

  function may_step_back() {
    return choices.length > 0 || told.back;
  }

  function step_back() {
    if (!choices.length) return back();
    choices.pop();
    draw();
  }

  function wait(milliseconds) {
    ready = false;
    board.classList.add("early");
    setTimeout(() => {
      ready = true;
      board.classList.remove("early");
    }, milliseconds);
  }

  loaded_all(board, { trouble, give_up: () => broken(data.name) }).then((whole) => {
    if (!whole) return;
    // In one step: a key that is pressed when the trial looks ready must count.
    requestAnimationFrame(() => {
      board.classList.remove("waiting");
      watch.begin();
      wait(Math.max(DOUBLE_CLICK_MS, data.least_ms + 1));
      if (data.most_s) setTimeout(() => watch.hide(), 1000 * data.most_s);
    });
    preload(told.preload);
  });
  return board;
}
