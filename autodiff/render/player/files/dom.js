// Making elements. Text goes in as text: nothing that comes from a trace is ever read as markup.

export function make(name, settings = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(settings)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

let labels = 0;
const own = Math.random().toString(36).slice(2, 8); // of this module: another player on the page has another

// A control with its label in front; the label is tied to it by an id that no other player on the page has.
export function labelled(text, control, className = "field") {
  labels += 1;
  control.id = `adt-${own}-${labels}`;
  return make("span", { class: className }, make("label", { for: control.id }, text), control);
}

// A number as people type it: any of the minus signs, π or 2π, a fraction; NaN for anything else.
export function parseNumber(text) {
  const [top, bottom, ...more] = text.replace(/[−–]/g, "-").split("/").map((part) => part.trim());
  const number = (part) => {
    const [, sign, times] = /^([+-]?)(\d*\.?\d*)\s*(?:π|pi)$/i.exec(part) ?? [];
    if (sign !== undefined) return Number(`${sign}1`) * Number(times || 1) * Math.PI;
    return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(part) ? Number(part) : NaN;
  };
  if (more.length) return NaN;
  return 0 + (bottom === undefined ? number(top) : number(top) / number(bottom)); // −0 is 0, as in Python
}

// What is wrong with a text that is not a number, and what to write.
export function noNumber(text) {
  const said = text.trim() ? `“${text}” is not a number.` : "A number is missing.";
  const comma = /^[+−–-]?\d+,\d+$/.test(text.trim()) ? " Use a point: 1.5." : "";
  return `${said}${comma || " Write 2, −0.5, 1e-3, 1/3 or π/2."}`;
}
