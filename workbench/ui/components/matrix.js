export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".matrix");
  root.picked ??= [];
  const there = new Set(data.rows.flatMap((row) => row.cells.filter(Boolean).map((cell) => cell.id)));
  root.picked = root.picked.filter((id) => there.has(id));
  const make = (name, kind, properties = {}) => Object.assign(document.createElement(name), { className: kind }, properties);

  const table = make("table", "");
  const head = make("tr", "");
  for (const title of ["Caption", "Source", ...data.columns]) head.append(make("th", "", { textContent: title, scope: "col" }));
  table.append(head, ...data.rows.map(line));
  root.replaceChildren(table);
  mark();

  function line(row) {
    const tr = make("tr", row.first_of_image ? "first" : "");
    const words = make("td", "words");
    words.append(make("span", "glyph", { textContent: row.glyph }), ...pieces(row.text, row.spans));
    const source = make("td", "");
    if (row.first_of_image) source.append(box("div", row.source, row.source_title, row.source_title));
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
    button.onclick = () => pick(content.id);
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
      for (const color of span.colors) {
        const chip = make("i", "chip");
        chip.style.background = color;
        nodes.push(chip);
      }
      at = span.end;
    }
    nodes.push(document.createTextNode(text.slice(at)));
    return nodes;
  }
}
