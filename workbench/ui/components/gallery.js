// One function, called again on every change of its data; what must outlive a call lies on the element.
export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".gallery");
  root.memory ??= { chosen: null, current: 0, anchor: 0, mute: false };
  const memory = root.memory;
  const tiles = data.tiles;
  const ids = tiles.map((tile) => tile.id);
  const signature = JSON.stringify([tiles, data.columns, data.strip]);
  memory.chosen ??= new Set();
  memory.chosen = new Set([...memory.chosen].filter((id) => ids.includes(id)));
  memory.current = Math.min(memory.current, Math.max(tiles.length - 1, 0));

  if (memory.signature !== signature) {
    memory.signature = signature;
    root.style.setProperty("--columns", data.columns);
    root.classList.toggle("strip", data.strip);
    root.replaceChildren(...tiles.map(draw));
  }
  mark();

  function draw(tile, index) {
    const faces = [picture(tile.src, "face", tile.title), ...(tile.other ? [picture(tile.other, "other", "")] : [])];
    const box = make("figure", "tile", { role: "option", title: tile.title, ariaLabel: tile.title || `picture ${index + 1}` });
    box.append(make("div", "frame", {}, [...faces, make("span", "marks", { textContent: tile.marks })]));
    if (tile.note) box.append(make("figcaption", "note", { textContent: tile.note }));
    return box;
  }

  function picture(src, kind, alt) {
    return make("img", kind, { src, alt, loading: "lazy", decoding: "async", draggable: false });
  }

  function mark() {
    [...root.children].forEach((box, index) => {
      const on = memory.chosen.has(ids[index]);
      box.classList.toggle("chosen", on);
      box.classList.toggle("current", index === memory.current);
      box.setAttribute("aria-selected", on);
    });
  }

  function chooseAll() {
    memory.chosen = new Set(ids);
    commit();
  }

  function commit() {
    mark();
    setStateValue("chosen", ids.filter((id) => memory.chosen.has(id)));
  }

  function choose(index, event) {
    if (!data.selectable) return setTriggerValue("opened", ids[index]);
    if (event.shiftKey) {
      const [low, high] = [memory.anchor, index].sort((a, b) => a - b);
      for (const id of ids.slice(low, high + 1)) memory.chosen.add(id);
    } else if (event.ctrlKey || event.metaKey || event.key === " ") {
      if (!memory.chosen.delete(ids[index])) memory.chosen.add(ids[index]);
      memory.anchor = index;
    } else {
      memory.chosen = new Set([ids[index]]);
      memory.anchor = index;
    }
    memory.current = index;
    commit();
  }

  const indexOf = (event) => [...root.children].indexOf(event.target.closest(".tile"));
  root.onclick = (event) => {
    const index = indexOf(event);
    if (index >= 0) choose(index, event);
  };
  root.ondblclick = (event) => {
    const index = indexOf(event);
    if (index >= 0) setTriggerValue("opened", ids[index]);
  };
  root.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: data.columns, ArrowUp: -data.columns }[event.key];
    if (step !== undefined) {
      memory.current = Math.max(0, Math.min(tiles.length - 1, memory.current + step));
      root.children[memory.current]?.scrollIntoView({ block: "nearest" });
      if (event.shiftKey) choose(memory.current, event);
      else mark();
    } else if (event.key === " ") choose(memory.current, event);
    else if (event.key === "Enter" && tiles.length) setTriggerValue("opened", ids[memory.current]);
    else if (event.key === "Escape" && data.selectable) memory.chosen.clear() ?? commit();
    else if (event.key.toLowerCase() === "a" && data.selectable && !event.altKey) chooseAll();
    else if (event.key.toLowerCase() === "g") return root.classList.add("flipped");
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  root.onkeyup = (event) => event.key.toLowerCase() === "g" && root.classList.remove("flipped");
  root.onblur = () => root.classList.remove("flipped");
}
