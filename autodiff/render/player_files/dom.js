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

// A control with its label in front; the label is tied to it by an id that no other player on the page has.
export function labelled(text, control, className = "field") {
  labels += 1;
  control.id = `adt-${labels}`;
  return make("span", { class: className }, make("label", { for: control.id }, text), control);
}

// A number as people type it: a minus sign or a hyphen, π, a fraction; NaN for anything else.
export function parseNumber(text) {
  const plain = text
    .trim()
    .replaceAll("−", "-")
    .replace(/^(-?)π/, (_, sign) => `${sign}${Math.PI}`);
  const [top, bottom, ...more] = plain.split("/").map((part) => part.trim());
  const number = (part) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(part) ? Number(part) : NaN);
  if (more.length) return NaN;
  return bottom === undefined ? number(top) : number(top) / number(bottom);
}
