export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".matrix");
  root.picked ??= [];
  const shown = new Set(data.rows.flatMap((row) => row.cells.filter(Boolean).map((cell) => cell.id)));
  root.picked = root.picked.filter((id) => shown.has(id));

  const titles = ["Caption", "Source", ...data.columns].map((title) => make("th", "", { textContent: title, scope: "col" }));
  root.style.setProperty("--columns", titles.length - 1);
  const signature = JSON.stringify([data.columns, data.rows]);
  if (root.signature !== signature) {
    root.signature = signature; // what has not changed stays, so that no click falls between two tables
    root.replaceChildren(make("table", "", {}, [make("tr", "", {}, titles), ...data.rows.map(line)]));
  }
  mark();

  root.onclick = (event) => {
    const button = event.target.closest("button.cell");
    if (button) pick(Number(button.dataset.id));
  };

  function line(row) {
    const tr = make("tr", row.first_of_image ? "first" : "");
    const words = make("td", "words");
    words.append(make("span", "glyph", { textContent: row.glyph }), ...pieces(row.text, row.spans));
    const source = make("td", "");
    if (row.first_of_image) source.append(box("div", row.source, row.source_title, `gray picture, ${row.source_title}`));
    tr.append(words, source, ...row.cells.map(cell));
    return tr;
  }

  function cell(content) {
    const td = make("td", "");
    if (!content) {
      const empty = make("div", "cell empty", { title: "not colorized" });
      empty.append(make("span", "frame"), make("span", "note"));
      td.append(empty);
      return td;
    }
    const button = box("button", content.src, content.note, `colorization, ${content.note}`);
    button.dataset.id = content.id;
    td.append(button);
    return td;
  }

  function box(name, src, note, alt) {
    const outer = make(name, "cell");
    const frame = make("span", "frame");
    frame.append(make("img", "", { src, alt, loading: "lazy", decoding: "async" }));
    outer.append(frame, make("span", "note", { textContent: note, title: note }));
    return outer;
  }

  function pick(id) {
    root.picked = root.picked.includes(id) ? root.picked.filter((other) => other !== id) : [...root.picked, id].slice(-2);
    mark();
    setStateValue("picked", root.picked);
  }

  function mark() {
    for (const button of root.querySelectorAll("button.cell")) {
      const order = root.picked.indexOf(Number(button.dataset.id));
      button.setAttribute("aria-pressed", order >= 0);
      button.querySelector(".order")?.remove();
      if (order >= 0) button.append(make("span", "order", { textContent: order + 1 }));
    }
  }

  function pieces(text, spans) {
    const nodes = [];
    let at = 0;
    for (const span of [...spans].sort((a, b) => a.start - b.start)) {
      if (span.start < at) continue;
      nodes.push(document.createTextNode(text.slice(at, span.end)));
      nodes.push(...span.colors.map(chipNode));
      at = span.end;
    }
    nodes.push(document.createTextNode(text.slice(at)));
    return nodes;
  }
}
