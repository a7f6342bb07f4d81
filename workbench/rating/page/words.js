// The words of the page, in the language of the study: they come with the page itself.
const words = JSON.parse(document.getElementById("words").textContent);

export const say = (key, facts = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => facts[name]);
