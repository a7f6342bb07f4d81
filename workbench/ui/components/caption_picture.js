// The image with its regions, as large as the screen allows; a region and the words that mean it light each other up.
function drawPicture(board) {
  const { id, src, gray, width, height, outlines, note } = board.page.picture;
  const state = `${id}/${board.gray}/${outlines.map((outline) => outline.id).join()}`;
  if (board.drawn === state) return;
  board.drawn = state;
  const stage = make("div", "stage"), frame = make("div", "frame");
  frame.style.aspectRatio = `${width} / ${height}`;
  frame.style.maxWidth = `calc(max(320px, 100vh - 230px) * ${width / height})`;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  for (const outline of outlines) svg.append(outlineNode(board, outline));
  frame.append(make("img", "", { alt: "the image", draggable: false, src: board.gray ? gray : src }), svg);
  stage.append(frame);
  board.zoom = zoomable(stage, [frame]);
  const below = make("div", "below");
  below.append(
    act(board.gray ? "Show color" : "Show gray", "G", () => flip(board)),
    act("Zoom in", "+ or the wheel", () => board.zoom.by(1.4)),
    act("Zoom out", "−", () => board.zoom.by(1 / 1.4)),
    act("Fit", "0", () => board.zoom.fit()),
    make("span", "", { textContent: note }),
  );
  board.picture.replaceChildren(stage, below);
}

function outlineNode(board, outline) {
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", outline.path);
  path.dataset.mentions = outline.mentions.join(" ");
  path.append(Object.assign(document.createElementNS("http://www.w3.org/2000/svg", "title"), { textContent: outline.label }));
  path.onpointerenter = () => light(board, outline.mentions.map(String), path);
  path.onpointerleave = () => light(board, []);
  return path;
}

function flip(board) {
  board.gray = !board.gray;
  drawPicture(board);
}

function light(board, mentions, own) {
  for (const mark of board.columns.querySelectorAll("mark")) mark.classList.toggle("lit", mentions.includes(mark.dataset.mention));
  for (const path of board.picture.querySelectorAll("path"))
    path.classList.toggle("lit", path === own || path.dataset.mentions.split(" ").some((id) => id && mentions.includes(id)));
}
