const REST = 900; // milliseconds without a key before what is written is sent

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".editor");
  const make = (name, kind, properties = {}) => Object.assign(document.createElement(name), { className: kind }, properties);
  if (!root.field) build();
  root.classList.toggle("proposed", data.proposed);
  root.field.dataset.level = data.level;
  root.field.setAttribute("aria-label", `${data.level} caption`);
  const typing = root.field === parentElement.activeElement && root.field.value !== root.sent;
  if (!typing) root.field.value = data.text;
  if (root.sent !== undefined && root.sent.trim() === data.text) root.state.textContent = "saved";
  root.marked.replaceChildren(...pieces(data.text, data.spans));
  root.note.textContent = data.note;
  root.actions.replaceChildren(
    ...data.actions.map(([name, label]) => {
      const title = name.startsWith("level:") ? `make it ${name.slice(6)}` : "";
      return make("button", "", { textContent: label, title, onclick: () => setTriggerValue("action", name) });
    }),
  );
  grow();

  root.field.oninput = () => {
    root.state.textContent = "…";
    grow();
    clearTimeout(root.timer);
    root.timer = setTimeout(send, REST);
  };
  root.field.onfocus = grow;
  root.field.onblur = () => (send(), grow());
  root.field.onkeydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
    else if (event.key === "Escape") root.field.blur();
    else if (event.key === "Tab" && data.proposed && !event.shiftKey) setTriggerValue("action", "accept");
    else return;
    event.preventDefault();
  };
  return () => clearTimeout(root.timer);

  function build() {
    root.marked = make("div", "marked");
    root.field = make("textarea", "", { rows: 1, spellcheck: true });
    root.note = make("span", "note");
    root.actions = make("span", "actions");
    root.actions.style.cssText = "display: inline-flex; gap: 4px";
    root.state = make("span", "state");
    const foot = make("div", "foot");
    foot.append(root.actions, root.note, root.state);
    const body = make("div", "body");
    body.append(root.marked, root.field);
    root.replaceChildren(body, foot);
  }

  function send() {
    clearTimeout(root.timer);
    const text = root.field.value;
    if (text === data.text || text === root.sent || !text.trim()) return;
    root.sent = text;
    root.state.textContent = "saving";
    setTriggerValue("written", { text });
  }

  function grow() {
    const editing = root.field === parentElement.activeElement;
    root.field.style.height = editing ? "auto" : "";
    if (editing) root.field.style.height = `${root.field.scrollHeight + 2}px`;
  }

  function pieces(text, spans) {
    const nodes = [];
    let at = 0;
    for (const span of [...spans].sort((a, b) => a.start - b.start)) {
      if (span.start < at) continue;
      nodes.push(document.createTextNode(text.slice(at, span.start)));
      const mark = make("mark", "", { textContent: text.slice(span.start, span.end) });
      for (const color of span.colors) mark.append(make("i", "chip")), (mark.lastChild.style.background = color);
      nodes.push(mark);
      at = span.end;
    }
    nodes.push(document.createTextNode(text.slice(at)));
    return nodes;
  }
}
