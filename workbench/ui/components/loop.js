export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".loop");
  const part = (kind, textContent) => make("span", kind, { textContent });
  const buttons = data.map(({ name, value, note }, index) => {
    const parts = [part("name", name), part("value", value), part("note", note)];
    return make("button", "", { type: "button", title: note, onclick: () => setTriggerValue("opened", index) }, parts);
  });
  root.replaceChildren(...buttons, part("back", ""));
}
