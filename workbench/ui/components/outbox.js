// What was done in the browser and is not known to be in the store: kept in order, sent as a whole, and again until it is answered.
const FIRST_RETRY = 4000; // milliseconds without an answer; each further try waits twice as long

function outboxOf(storage, name, transmit) {
  const read = () => JSON.parse(storage.getItem(name) ?? "[]");
  const keep = (deeds) => storage.setItem(name, JSON.stringify(deeds));
  const outbox = { transmit, timer: null, wait: FIRST_RETRY };
  outbox.waiting = read;
  outbox.put = (deed) => {
    const whole = { id: `${Date.now()}-${Math.random().toString(36).slice(2)}`, ...deed };
    keep([...read(), whole]);
    outbox.send();
    return whole.id;
  };
  // The deeds of one task go together: many in a moment are one message.
  outbox.send = () => {
    if (outbox.planned) return;
    outbox.planned = true;
    queueMicrotask(() => {
      outbox.planned = false;
      outbox.transmit(read());
      clearTimeout(outbox.timer);
      outbox.timer = setTimeout(outbox.sendAgain, outbox.wait);
    });
  };
  outbox.sendAgain = () => {
    outbox.wait *= 2;
    if (outbox.unanswered()) outbox.send();
  };
  outbox.unanswered = () => read().length > 0;
  // Forget what the store has or refuses; returns the refused ones, each with the sentence that says why.
  outbox.settle = (done, refused) => {
    const ended = new Set([...done, ...Object.keys(refused)]);
    const before = read(), left = before.filter((deed) => !ended.has(deed.id));
    if (left.length < before.length) {
      keep(left);
      outbox.wait = FIRST_RETRY;
    }
    return before.filter((deed) => refused[deed.id] !== undefined).map((deed) => ({ ...deed, why: refused[deed.id] }));
  };
  return outbox;
}
