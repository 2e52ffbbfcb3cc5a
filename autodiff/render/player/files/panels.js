// The panels under the tables: the inputs and seeds, the guess before a value opens, and the nudge.

import { labelled, make, noNumber, parseNumber } from "./dom.js";

// One field for each number; a wrong one is marked and explained, and changes nothing.
export function numberFields(names, values, changed) {
  const complaint = make("p", { class: "complaint", role: "alert" });
  const wrong = names.map(() => "");
  const fields = names.map((name, n) => {
    const field = make("input", {
      type: "text",
      inputmode: "text",
      autocomplete: "off",
      spellcheck: "false",
      value: String(values[n]),
    });
    field.addEventListener("change", () => {
      const value = parseNumber(field.value);
      const fine = Number.isFinite(value);
      field.setAttribute("aria-invalid", String(!fine));
      wrong[n] = fine ? "" : `${name}: ${noNumber(field.value)}`;
      complaint.textContent = wrong.filter(Boolean).join(" ");
      if (fine) changed(n, value);
    });
    return field;
  });
  return {
    element: make(
      "div",
      {},
      make("div", { class: "fields" }, ...fields.map((field, n) => labelled(`${names[n]} =`, field))),
      complaint,
    ),
    set: (list) => {
      wrong.fill("");
      complaint.textContent = "";
      for (const [n, field] of fields.entries()) {
        field.value = String(list[n]);
        field.removeAttribute("aria-invalid");
      }
    },
  };
}

// A guess for the value of the moment; `open` shows it. What is typed stays while the values change.
export function guessForm(current, set, open) {
  const moment = current();
  const field = make("input", {
    type: "text",
    inputmode: "text",
    autocomplete: "off",
    spellcheck: "false",
    size: "10",
  });
  const answer = make("output", { class: "answer" });
  const check = (event) => {
    event.preventDefault();
    const guess = parseNumber(field.value);
    if (!Number.isFinite(guess)) {
      answer.textContent = noNumber(field.value);
      return;
    }
    open(verdict(guess, current(), set));
  };
  const formula = moment.formula ? ` = ${moment.formula}` : "";
  const said = moment.complete ? "" : " so far";
  return make(
    "form",
    { class: "guess", onsubmit: check },
    labelled(`What is ${moment.name}${formula}${said}?`, field),
    make("button", { type: "submit" }, "Check"),
    make("button", { type: "button", onclick: () => open("Shown without a guess.") }, "Show"),
    answer,
  );
}

// A guess is right when it prints like the value, or agrees with it to four digits.
export function verdict(guess, moment, set) {
  const { name, value } = moment;
  const off = Math.abs(guess - value);
  if (set.number(guess) === set.number(value) || off <= 5e-4 * Math.abs(value)) {
    return `Right: ${name} is ${set.number(value)}.`;
  }
  const percent = (off / Math.abs(value)) * 100;
  const relative = Number.isFinite(percent) ? ` (${set.fine(percent)} % of it)` : "";
  const sign = set.number(guess) === set.number(-value) ? " The size is right, the sign is not." : "";
  const way = guess > value ? "high" : "low";
  return `Not quite: ${set.fine(guess)} is ${set.fine(off)} too ${way}${relative}; ${name} is ${set.number(value)}.${sign}`;
}

// The table of a nudge: what the adjoint predicts, what really happens, and how the error falls.
export function nudgePanel(steps, set, measure) {
  const row = make(
    "select",
    {},
    ...steps.map((step, n) => make("option", { value: n }, `${step.name} = ${step.plain}`)),
  );
  const size = make("input", { type: "text", inputmode: "text", autocomplete: "off", value: "0.1", size: "6" });
  const body = make("tbody");
  const said = make("p", { class: "said", role: "status" });
  const draw = () => {
    const ds = parseNumber(size.value);
    const fine = Number.isFinite(ds) && ds !== 0;
    size.setAttribute("aria-invalid", String(!fine));
    const found = fine ? measure(Number(row.value), ds) : null;
    if (!found) {
      const wrong = ds === 0 ? "ds must not be 0." : noNumber(size.value);
      said.textContent = fine ? "There is no value to nudge." : wrong;
      body.replaceChildren();
      return;
    }
    body.replaceChildren(
      ...found.lines.map((line, n) => {
        const before = n && found.lines[n - 1].error;
        const ratio = n && line.error && found.visible ? set.number(before / line.error) : "–";
        return make(
          "tr",
          {},
          ...[line.by, line.predicted, line.change, line.error].map((value) => make("td", {}, set.fine(value))),
          make("td", {}, ratio),
        );
      }),
    );
    said.textContent = found.text;
  };
  row.addEventListener("change", draw);
  size.addEventListener("change", draw);
  const head = ["ds", "adjoint × ds", "true", "error", "falls by"].map((text) => make("th", { scope: "col" }, text));
  const table = make(
    "table",
    { class: "nudges", "aria-label": "The prediction of the adjoint against the true change" },
    make("thead", {}, make("tr", {}, ...head)),
    body,
  );
  const fields = make("div", { class: "fields" }, labelled("Row", row), labelled("ds =", size));
  return {
    element: make(
      "div",
      {},
      fields,
      make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Table of the nudge" }, table),
      said,
    ),
    draw,
  };
}
