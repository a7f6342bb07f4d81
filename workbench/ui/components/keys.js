const NAMES = { ArrowRight: "→", ArrowLeft: "←", ArrowUp: "↑", ArrowDown: "↓", " ": "Space" };

export default function ({ data, parentElement, setTriggerValue }) {
  const panel = parentElement.querySelector(".keys");
  const rows = [
    ...Object.entries(data.events),
    ...Object.entries(data.focus).map(([key, step]) => [key, step.label]),
    ...Object.entries(data.hints),
    ["?", "show or hide this"],
  ].filter(([, label]) => label);
  const pairs = rows.map(([key, label]) => [make("dt", "", { textContent: NAMES[key] ?? key }), make("dd", "", { textContent: label })]);
  panel.replaceChildren(make("dl", "", {}, pairs.flat()));

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

  // Back and forward in the browser's history are told: to the server the address alone could as well be one from before its last turn.
  if (panel.onpop) removeEventListener("popstate", panel.onpop);
  panel.onpop = () => setTriggerValue("went", performance.now());
  addEventListener("popstate", panel.onpop);

  // A radio button or a switch that was clicked keeps the focus: it takes arrows and the space bar, every other key is the page's.
  const typing = (event) => {
    const target = event.composedPath()[0];
    return isField(target) && (!isSwitch(target) || event.key === " " || event.key.startsWith("Arrow"));
  };
  const everywhere = (selector) => {
    const hosts = [...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')];
    return document.querySelector(selector) ?? hosts.map((host) => host.shadowRoot?.querySelector(selector)).find(Boolean);
  };
  const unlisten = listenForKeys(panel, (event) => {
    if (event.defaultPrevented || withModifier(event) || typing(event)) return;
    const key = keyOf(event);
    if (key === "?") panel.hidden = !panel.hidden;
    else if (key === "Escape" && !panel.hidden) panel.hidden = true;
    else if (data.focus[key]) everywhere(data.focus[key].selector)?.focus();
    else if (data.events[key] !== undefined) press(key);
    else return;
    event.preventDefault();
  });
  return () => {
    unlisten();
    removeEventListener("popstate", panel.onpop);
  };
}
