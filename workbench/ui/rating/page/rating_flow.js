// The flow of a session: the server says what comes next, this shows it. An answer that could not be sent is sent again until it is kept.
import { address, button, card, make } from "./dom.js";
import { ended } from "./endings.js";
import { consent, display, vision } from "./screening_steps.js";
import { trial } from "./trial.js";
import { help, listen } from "./keys.js";

const page = document.getElementById("page");
const notice = document.getElementById("notice");
const loaded = new Map();
let introduced = false;

async function tell(path, given) {
  for (let wait = 400; ; wait = Math.min(2 * wait, 8000)) {
    try {
      const options = given === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(given) };
      const response = await fetch(address(path), { cache: "no-store", ...options });
      if (response.status >= 500) throw new Error(response.statusText);
      notice.textContent = "";
      return await response.json();
    } catch {
      notice.textContent = given === undefined ? "The page cannot be reached; trying again …" : "Not saved yet; trying again …";
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

async function go(path, given) {
  show(await tell(path, given));
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
  const steps = { consent: () => consent(told, go), display: () => display(told, go), vision: () => vision(told, go), trial: () => before(told), ended: () => ended(told) };
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
  if (feedback) return pause("Practice", outcome(feedback), "Go on", () => put(before(rest)));
  if (told.rest) return pause("Time for a rest", [`${told.done} of ${told.total} are done. Look away from the screen for a moment.`], "Go on", () => put(before({ ...rest, rest: false })));
  if (!introduced && told.done === 0) {
    introduced = true;
    const words = told.instructions ? told.instructions.split(/\n\n+/) : [];
    const practice = told.trial.practice ? ["The first ones are practice: you are told what was expected."] : [];
    return pause("Before you begin", [...words, ...practice, "Look at each picture, then answer with the keys or the buttons. Press ? at any time to see all keys."], "Begin", () => put(before(rest)));
  }
  introduced = true;
  return trial(told, { address, preload, answer: (given) => go("vote", given), back: () => go("back", {}), broken: (name) => go("broken", { trial: name }), leave: () => put(leaving(told)) });
}

function outcome({ right, places }) {
  if (right) return ["That is what was expected."];
  const which = places.map((place) => place + 1).join(", ");
  return [places.length ? `Expected was ${which}. Look once more how the pictures differ, and go on.` : "Another answer was expected. Look closely, and go on."];
}

function pause(title, words, label, next) {
  listen({ Enter: { does: "go on", run: next }, "?": help });
  return card(title, words, [button(label, next, "button main")]);
}

// Withdrawing cannot be taken back, so it is asked once more, with what becomes of the answers.
function leaving(told) {
  const stay = () => put(before({ ...told, feedback: undefined, rest: false }));
  listen({ Escape: { does: "go on rating", run: stay }, "?": help });
  const fate = told.trial.withdrawal === "delete" ? "The answers that you have given are deleted, and cannot be brought back." : "The answers that you have given are kept and used, under your random name.";
  const words = ["To rest, just close this page: your link brings you back to this place.", `If you withdraw, your part in this study ends for good. ${fate}`];
  const buttons = [button("Go on rating", stay, "button main"), button("Withdraw from the study", () => go("withdraw", { sure: true }))];
  return card("Leave the study?", words, [make("div", "choices", {}, buttons)]);
}

function refused(says) {
  return card("This cannot go on", [says], [button("Try again", () => go("next"), "button main")]);
}

go("next");
