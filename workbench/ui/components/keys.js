const NAMES = { ArrowRight: "→", ArrowLeft: "←", ArrowUp: "↑", ArrowDown: "↓", " ": "Space" };

export default function ({ data, parentElement, setTriggerValue }) {
  const panel = parentElement.querySelector(".keys");
  const rows = [
    ...Object.entries(data.events),
    ...Object.entries(data.focus).map(([key, step]) => [key, step.label]),
    ...Object.entries(data.hints),
    ["?", "show or hide this"],
  ].filter(([, label]) => label);
  const list = document.createElement("dl");
  for (const [key, label] of rows) {
    list.append(Object.assign(document.createElement("dt"), { textContent: NAMES[key] ?? key }));
    list.append(Object.assign(document.createElement("dd"), { textContent: label }));
  }
  panel.replaceChildren(list);

  // Each key is told with all before it that the page has not heard of yet, so that none is lost while the page is busy.
  panel.presses = (panel.presses ?? []).filter((pressed) => pressed.number > data.heard);
  panel.last = Math.max(panel.last ?? 0, data.heard);
  panel.bound = data.bound;
  const tell = () => {
    clearTimeout(panel.again);
    if (!panel.presses.length) return;
    setTriggerValue("pressed", { presses: panel.presses, at: performance.now() });
    panel.again = setTimeout(tell, 4000);
  };
  const press = (key) => {
    panel.last += 1;
    panel.presses.push({ number: panel.last, key, bound: panel.bound });
    tell();
  };

  // A radio button or a switch that was clicked keeps the focus: it takes arrows and the space bar, every other key is the page's.
  const typing = (event) => {
    const target = event.composedPath()[0];
    if (!(target instanceof HTMLElement)) return false;
    if (/^(radio|checkbox)$/.test(target.type)) return event.key === " " || event.key.startsWith("Arrow");
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  };
  const everywhere = (selector) => {
    const hosts = [...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')];
    return document.querySelector(selector) ?? hosts.map((host) => host.shadowRoot?.querySelector(selector)).find(Boolean);
  };
  const handler = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "?") panel.hidden = !panel.hidden;
    else if (key === "Escape" && !panel.hidden) panel.hidden = true;
    else if (data.focus[key]) everywhere(data.focus[key].selector)?.focus();
    else if (data.events[key] !== undefined) press(key);
    else return;
    event.preventDefault();
  };
  if (panel.handler) document.removeEventListener("keydown", panel.handler);
  panel.handler = handler;
  document.addEventListener("keydown", handler);
  return () => document.removeEventListener("keydown", panel.handler);
}
