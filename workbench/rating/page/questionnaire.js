// Questions about the rater, before and after the trials; none of them has to be answered.
import { button, card, make, sentence } from "./dom.js";
import { help, listen } from "./keys.js";
import { say } from "./words.js";

export function questionnaire(told, go) {
  const questions = told.questions.map(field);
  const send = () => {
    const answers = Object.fromEntries(questions.map(({ name, value }) => [name, value()]).filter(([, value]) => value !== ""));
    go("questionnaire", { part: told.part, answers });
  };
  listen({ "?": help });
  const title = say(told.part === "before" ? "about_you" : "before_you_go");
  return card(title, [say("may_leave_out")], [...questions.map(({ element }) => element), button(say("go_on"), send, "button main")]);
}

function field(question) {
  if (question.choices.length) return choice(question);
  const kinds = { number: () => make("input", "entry", { type: "number", step: "any" }), text: () => make("input", "entry", { type: "text" }), "long text": () => make("textarea", "entry", { rows: 4 }) };
  const entry = kinds[question.kind]();
  if (question.longest) entry.maxLength = question.longest;
  const element = make("label", "asked-of-you", {}, [sentence(question.question), entry]);
  const value = () => (question.kind === "number" ? (Number.isFinite(entry.valueAsNumber) ? entry.valueAsNumber : "") : entry.value.trim());
  return { name: question.name, element, value };
}

function choice(question) {
  const options = [...question.choices, { value: "", label: say("rather_not_say") }];
  const buttons = options.map(({ value, label }) => {
    const one = make("input", "", { type: "radio", name: `of-you-${question.name}`, value });
    return make("label", "option", {}, [one, make("span", "", { textContent: label, dir: "auto" })]);
  });
  const element = make("fieldset", "asked-of-you", {}, [make("legend", "", { textContent: question.question, dir: "auto" }), ...buttons]);
  return { name: question.name, element, value: () => element.querySelector("input:checked")?.value ?? "" };
}
