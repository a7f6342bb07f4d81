// How a part in the study ends, with the code and the way back that belong to it.
import { card, make, sentence } from "./dom.js";

const WORDS = {
  completed: { title: "Thank you", says: ["All your answers are saved."], code: "If you were asked for a completion code, this is it:" },
  screened_out: { title: "Thank you", says: ["For this study certain eyes or screens are needed, so it ends here for you."], code: "If you were asked for a code, this one says that you were screened out:" },
  quota_full: { title: "No place is left", says: ["Enough people take part already, so there is nothing for you to do. Thank you for coming."], code: "If you were asked for a code, this one says that the study was full:" },
  withdrawn: { title: "You have withdrawn", says: [], code: "If you were asked for a code, this one says that you withdrew:" },
  declined: { title: "You did not agree", says: ["Nothing is stored of you. If you came from a platform, return the task there; if you change your mind, open your link again."], code: "" },
};

export function ended(told) {
  const { title, says, code } = WORDS[told.outcome];
  const words = [...says];
  if (told.outcome === "withdrawn" && told.deleted !== undefined) words.push(told.deleted ? `Your ${told.deleted} answers are deleted.` : "Your part has ended. Answers are treated as you were told.");
  if (told.closed) words.splice(0, words.length, "This study takes no answers now. Thank you for coming.");
  const below = [];
  if (told.code) below.push(sentence(code), make("output", "code", { textContent: told.code }));
  if (told.redirect) below.push(make("a", "button main", { href: told.redirect, textContent: "Go back to where you came from", rel: "noreferrer" }));
  below.push(sentence("You can close this page."));
  return card(title, words, below);
}
