// Keys of a page: what was pressed, whether somebody is typing, and one listener at a time.
const keyOf = (event) => (event.key.length === 1 ? event.key.toLowerCase() : event.key);
const withModifier = (event) => event.ctrlKey || event.metaKey || event.altKey;
const isField = (target) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
const isSwitch = (target) => /^(radio|checkbox)$/.test(target.type);

// A component is called again on every change of its data: its listener takes the place of the one before. Returns what ends it.
function listenForKeys(root, listener, capture = false) {
  if (root.onkey) document.removeEventListener("keydown", root.onkey, capture);
  root.onkey = listener;
  document.addEventListener("keydown", listener, capture);
  return () => document.removeEventListener("keydown", root.onkey, capture);
}
