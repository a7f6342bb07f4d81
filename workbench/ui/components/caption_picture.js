// The image with its regions; a region and the words that mean it light each other up.
function drawPicture(board) {
  const { src, gray, width, height, outlines, note } = board.data.picture;
  const stage = make("div", "stage");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  for (const outline of outlines) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", outline.path);
    path.dataset.mentions = outline.mentions.join(" ");
    path.append(Object.assign(document.createElementNS("http://www.w3.org/2000/svg", "title"), { textContent: outline.label }));
    path.onpointerenter = () => light(board, outline.mentions.map(String), path);
    path.onpointerleave = () => light(board, []);
    svg.append(path);
  }
  stage.append(make("img", "", { alt: "the image", draggable: false, src: board.gray ? gray : src }), svg);
  const turn = make("button", "", { textContent: board.gray ? "Lightness" : "Color", title: "the other face (G)", onclick: () => flip(board) });
  const below = make("div", "below");
  below.append(turn, make("span", "", { textContent: note }));
  board.picture.replaceChildren(stage, below);
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
