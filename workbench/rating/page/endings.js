// How a part in the study ends, with the code and the way back that belong to it.
import { card, make, sentence } from "./dom.js";
import { say } from "./words.js";

const SAID = {
  completed: ["completed_title", "completed_says", "completed_code"],
  screened_out: ["screened_out_title", "screened_out_says", "screened_out_code"],
  quota_full: ["quota_full_title", "quota_full_says", "quota_full_code"],
  withdrawn: ["withdrawn_title", "withdrawn_says", "withdrawn_code"],
  declined: ["declined_title", "declined_says"],
};

export function ended(told) {
  const [title, says, code] = SAID[told.outcome];
  const deleted = told.outcome === "withdrawn" && told.deleted;
  const words = [told.closed ? say("takes_no_answers") : deleted ? say("withdrawn_deleted", { count: deleted }) : say(says)];
  const below = [];
  if (told.code) below.push(sentence(say(code)), make("output", "code", { textContent: told.code }));
  if (told.redirect) below.push(make("a", "button main", { href: told.redirect, textContent: say("way_back"), rel: "noreferrer" }));
  below.push(sentence(say("can_close")));
  return card(say(title), words, below);
}
