// The pictures of a trial, all of them or none: a trial that shows less than it should takes no answer.
import { say } from "./words.js";

const TRIES = 4;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Whether every picture of a board is there. One that does not come is asked for again; where the page is online and it still does not
// come, `give_up` tells the server, which knows whether its file is damaged.
export async function loaded_all(board, { trouble, give_up }) {
  const pictures = [...board.querySelectorAll("img")];
  const whole = await Promise.all(pictures.map((picture) => loaded(picture, board, trouble)));
  trouble.hidden = true;
  if (!board.isConnected) return false;
  if (whole.every(Boolean)) return true;
  give_up();
  return false;
}

async function loaded(picture, board, trouble) {
  const source = picture.getAttribute("src");
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    try {
      await picture.decode();
      return true;
    } catch {
      trouble.textContent = say("picture_has_not_loaded");
      trouble.hidden = false;
    }
    await pause(400 * attempt);
    while (!navigator.onLine && board.isConnected) await pause(500);
    if (!board.isConnected) return false;
    picture.src = `${source}${source.includes("?") ? "&" : "?"}again=${attempt}`;
  }
  return false;
}
