// How a trial is looked at: from when on, for how long, at which size, and whether the page was in front.
export function watching(board) {
  const made = performance.now();
  let began = null;
  let away = 0;
  let away_seconds = 0;
  let left = null;
  let hidden = false;

  const look_away = () => {
    if (!board.isConnected) return stop();
    if (began === null || left !== null) return;
    left = performance.now();
    away += 1;
  };
  const look_again = () => {
    if (left === null) return;
    away_seconds += (performance.now() - left) / 1000;
    left = null;
  };
  const turned = () => (document.hidden ? look_away() : look_again());
  const stop = () => {
    window.removeEventListener("blur", look_away);
    window.removeEventListener("focus", look_again);
    document.removeEventListener("visibilitychange", turned);
  };
  window.addEventListener("blur", look_away);
  window.addEventListener("focus", look_again);
  document.addEventListener("visibilitychange", turned);

  // The picture as it is shown: letterboxed in its frame, it is smaller than the frame.
  const size = () => {
    const picture = board.querySelector(".place img");
    const { width, height } = picture.getBoundingClientRect();
    const zoom = board.classList.contains("zoomed") ? 3 : 1;
    const scale = Math.min(width / picture.naturalWidth, height / picture.naturalHeight) / zoom;
    return { width: picture.naturalWidth * scale, height: picture.naturalHeight * scale };
  };
  const begin = () => (began = performance.now());
  const hide = () => {
    hidden = true;
    board.classList.add("over");
  };
  const facts = () => {
    look_again();
    stop();
    const viewing = { ...size(), pixel_ratio: devicePixelRatio, window_width: innerWidth, window_height: innerHeight, away, away_seconds, load_seconds: (began - made) / 1000, hidden };
    return { seconds: (performance.now() - began) / 1000, viewing };
  };
  return { begin, hide, facts };
}
