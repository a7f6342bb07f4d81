export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".loop");
  const part = (kind, text) => Object.assign(document.createElement("span"), { className: kind, textContent: text });
  const buttons = data.map((station, index) => {
    const button = Object.assign(document.createElement("button"), { type: "button", title: station.note });
    button.append(part("name", station.name), part("value", station.value), part("note", station.note));
    button.onclick = () => setTriggerValue("opened", index);
    return button;
  });
  root.replaceChildren(...buttons, part("back", ""));
}
