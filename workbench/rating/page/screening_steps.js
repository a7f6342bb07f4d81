// What is asked before the first trial: consent, the display, color vision.
import { address, button, card, make, sentence } from "./dom.js";
import { help, listen } from "./keys.js";
import { say } from "./words.js";

// However often it is sent, one agreement makes one rater.
const visit = Array.from(crypto.getRandomValues(new Uint8Array(20)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export function consent(told, go) {
  const agree = () => go("consent", { agreed: true, visit });
  listen({ Enter: { does: say("does_agree"), run: agree }, "?": help });
  const words = told.text.split(/\n\n+/);
  const buttons = [button(say("agree"), agree, "button main"), button(say("do_not_agree"), () => go("decline", {}))];
  return card(told.question, words, [make("div", "choices", {}, buttons)]);
}

export function display(told, go) {
  const counted = {};
  const body = make("div");
  const ask = () => {
    const field = told.fields[Object.keys(counted).length];
    if (!field) return go("display", { ...counted, ...screen_facts() });
    const answer = (number) => {
      counted[field] = number;
      ask();
    };
    number_keys(0, 8, answer);
    const picture = make("img", "plate field", { src: address(`field/${field}`), alt: say("picture_of_field") });
    body.replaceChildren(sentence(say(`screen_${field}`)), picture, pad(0, 8, answer));
  };
  ask();
  return card(say("screen_title"), [], [body]);
}

function screen_facts() {
  const gamut = ["rec2020", "p3", "srgb"].find((name) => matchMedia(`(color-gamut: ${name})`).matches) ?? "";
  return { width: window.innerWidth, height: window.innerHeight, pixel_ratio: window.devicePixelRatio, gamut };
}

export function vision(told, go) {
  const answers = [];
  const body = make("div");
  const ask = () => {
    if (answers.length === told.plates) return go("vision", { answers });
    const answer = (digit) => {
      answers.push(String(digit));
      ask();
    };
    number_keys(1, 9, answer, () => answer(""));
    const picture = make("img", "plate", { src: address(`plate/${answers.length}`), alt: say("picture_of_plate") });
    const choices = pad(1, 9, answer);
    choices.append(button(say("no_digit"), () => answer("")));
    body.replaceChildren(sentence(say("vision_question", { number: answers.length + 1, total: told.plates })), picture, choices);
  };
  ask();
  return card(say("vision_title"), [], [body]);
}

function pad(first, last, answer) {
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return make("div", "pad", {}, numbers.map((number) => button(number, () => answer(number))));
}

function number_keys(first, last, answer, none) {
  const keys = {};
  for (let number = first; number <= last; number++) keys[number] = { does: number === first ? say("does_number") : "", name: `${first} – ${last}`, run: () => answer(number) };
  if (none) keys.Enter = { does: say("no_digit"), run: none };
  listen({ ...keys, "?": help });
}
