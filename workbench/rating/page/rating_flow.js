// The flow of a session: the server says what comes next, this shows it. An answer that could not be sent is sent again until it is kept.
import { address, button, card, make } from "./dom.js";
import { ended } from "./endings.js";
import { consent, display, vision } from "./screening_steps.js";
import { trial } from "./trial.js";
import { help, listen } from "./keys.js";
import { questionnaire } from "./questionnaire.js";
import { say } from "./words.js";

const page = document.getElementById("page");
const notice = document.getElementById("notice");
const loaded = new Map();
let introduced = false;
let asking = false;

async function tell(path, body) {
  for (let wait = 400; ; wait = Math.min(2 * wait, 8000)) {
    try {
      const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
      const response = await fetch(address(path), { cache: "no-store", ...options });
      if (response.status >= 500) throw new Error(response.statusText);
      notice.textContent = "";
      return await response.json();
    } catch {
      notice.textContent = say(body === undefined ? "cannot_be_reached" : "not_saved_yet");
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

// One thing at a time: what is pressed while an answer is on its way was meant for what is gone.
async function go(path, body) {
  if (asking) return;
  asking = true;
  const told = await tell(path, body);
  asking = false;
  show(told);
}

function preload(addresses) {
  for (const path of addresses) {
    if (loaded.has(path)) continue;
    const picture = new Image();
    picture.src = address(path);
    loaded.set(path, picture);
  }
  for (const path of [...loaded.keys()].slice(0, -24)) loaded.delete(path);
}

function show(told) {
  if (told.step === "moved") return location.replace(`../${told.to}`);
  if (told.step === "retry") return go("next");
  const steps = { consent: () => consent(told, go), display: () => display(told, go), vision: () => vision(told, go), questionnaire: () => questionnaire(told, go), trial: () => before(told), ended: () => ended(told) };
  listen({});
  if (told.refused) put(refused(told.refused));
  else put(steps[told.step]());
}

function put(content) {
  page.replaceChildren(content);
  page.focus({ preventScroll: true });
}

// What stands between two trials: the outcome of practice, a rest, the first explanation.
function before(told) {
  const { feedback, ...rest } = told;
  if (feedback) return pause(say("practice_title"), outcome(feedback), say("go_on"), () => put(before(rest)));
  if (told.rest) return pause(say("time_for_a_rest"), [say("so_many_are_done", told)], say("go_on"), () => put(before({ ...rest, rest: false })));
  if (!introduced && told.done === 0) {
    introduced = true;
    const words = told.instructions ? told.instructions.split(/\n\n+/) : [];
    const practice = told.trial.practice ? [say("first_ones_are_practice")] : [];
    return pause(say("before_you_begin"), [...words, ...practice, say(matchMedia("(pointer: coarse) and (hover: none)").matches ? "how_to_answer_by_touch" : "how_to_answer")], say("begin"), () => put(before(rest)));
  }
  introduced = true;
  return trial(told, { address, preload, answer: (vote) => go("vote", vote), back: () => go("back", {}), broken: (name) => go("broken", { trial: name }), leave: () => put(leaving(told)) });
}

function outcome({ right, places }) {
  if (right) return [say("practice_right")];
  const which = places.map((place) => place + 1).join(", ");
  return [places.length ? say("practice_wrong", { which }) : say("practice_other")];
}

function pause(title, words, label, next) {
  listen({ Enter: { does: say("does_go_on"), run: next }, "?": help });
  return card(title, words, [button(label, next, "button main")]);
}

// Withdrawing cannot be taken back, so it is asked once more, with what becomes of the answers.
function leaving(told) {
  const stay = () => put(before({ ...told, feedback: undefined, rest: false }));
  listen({ Escape: { does: say("does_stay"), run: stay }, "?": help });
  const words = [say("leave_or_rest"), say(told.trial.withdrawal === "delete" ? "leave_deletes" : "leave_keeps")];
  const buttons = [button(say("stay"), stay, "button main"), button(say("withdraw"), () => go("withdraw", { sure: true }))];
  return card(say("leave_title"), words, [make("div", "choices", {}, buttons)]);
}

function refused(says) {
  return card(say("cannot_go_on"), [says], [button(say("try_again"), () => go("next"), "button main")]);
}

go("next");
