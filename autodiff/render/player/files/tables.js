// The two tables, and the expression or program: what lights up with each step.

import { make } from "./dom.js";

const TITLES = { primal: "Primal trace", tangent: "Tangent trace", adjoint: "Adjoint trace" };

const LONG = 13; // letters of a name or a value, which is then broken
const HEADINGS = ["", "Row", "Formula and numbers", "Value"];

function tableRow(line, go) {
  const mark = make("td", { class: "mark", "aria-hidden": "true" });
  const cells = make("td", { class: "cells" });
  const value = make("td", { class: "value" });
  const element = make(
    "tr",
    { "data-line": line.id, onclick: () => go(line.id) },
    mark,
    make("th", { scope: "row", class: line.name.length > LONG ? "long" : null }, line.name),
    cells,
    value,
  );
  return { element, mark, cells, value, line, told: null };
}

// Shows a row as it is at a moment, or, before its first moment, its formula alone. Most rows stay as they are.
function tell(row, seen, now) {
  const shown = seen || { ...row.line, numbers: "", shown: null };
  const told = [now, Boolean(seen), shown.complete, shown.rule, shown.formula, shown.numbers, shown.shown].join("\n");
  if (told === row.told) return;
  row.told = told;
  row.element.className = `${seen ? (seen.complete ? "done" : "growing") : "coming"}${now ? " now" : ""}`;
  if (now) row.element.setAttribute("aria-current", "step");
  else row.element.removeAttribute("aria-current");
  row.mark.textContent = now ? "▶" : "";
  const parts = [shown.rule, shown.formula, shown.numbers].filter(Boolean);
  row.cells.replaceChildren(...parts.map((text) => make("span", {}, `= ${text}`)));
  row.value.textContent = shown.shown === null ? "" : `= ${shown.shown}`;
  row.value.classList.toggle("long", row.value.textContent.length > LONG);
}

// Builds the tables of a story; returns what shows each line as far as `seen` says, and lights up the current one.
export function buildTables(place, story, go) {
  const rows = story.lines.map((line) => tableRow(line, go));
  const phases = ["primal", story.phase].filter(
    (phase) => phase === "primal" || story.lines.some((l) => l.phase === phase),
  );
  const head = () => HEADINGS.map((text) => (text ? make("th", { scope: "col" }, text) : make("td", {})));
  place.replaceChildren(
    ...phases.map((phase) =>
      make(
        "table",
        { class: phase },
        make("caption", {}, TITLES[phase]),
        make("thead", { class: "aside" }, make("tr", {}, ...head())),
        make("tbody", {}, ...rows.filter((row) => row.line.phase === phase).map((row) => row.element)),
      ),
    ),
  );
  return (seen, current) => {
    for (const row of rows) tell(row, seen.get(row.line.id), row.line.id === current);
    const now = rows.find((row) => row.line.id === current);
    if (now) scrollWithin(place, now.element);
  };
}

// Scrolls only the place, never the page under the reader's eyes.
function scrollWithin(place, row) {
  const [outer, inner] = [place.getBoundingClientRect(), row.getBoundingClientRect()];
  const room = Math.min(48, outer.height / 6); // what comes next is seen too
  if (inner.top < outer.top + room) place.scrollTop -= outer.top + room - inner.top;
  else if (inner.bottom > outer.bottom - room) place.scrollTop += inner.bottom - outer.bottom + room;
}

// The expression with every place of a row marked, or the lines of the program.
export function drawSource(lines) {
  const piece = (part) =>
    typeof part === "string" ? part : make("span", { "data-row": part[0] }, ...part.slice(1).map(piece));
  return make(
    "ol",
    { class: "lines", tabindex: "0", "aria-label": "Source" },
    ...lines.map((line) =>
      make(
        "li",
        { "data-rows": line.rows.join(" ") },
        line.place ? make("span", { class: "place" }, line.place) : null,
        make("code", {}, ...line.parts.map(piece)),
      ),
    ),
  );
}

export function lightSource(source, row) {
  for (const element of source.querySelectorAll("[data-row], [data-rows]")) {
    const rows = (element.dataset.row ?? element.dataset.rows).split(" ");
    element.classList.toggle("now", row !== null && rows.includes(String(row)));
  }
}
