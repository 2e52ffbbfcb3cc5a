// The player: one state, one run made from it, one story told of the run, and the page drawn from the story.

import { shortest } from "./numbers.js";
import { evaluate, notesOf, nudge, pullAdjoints, pushTangents, remarksOf, slopesAt } from "./engine.js";
import { typesetter } from "./typeset.js";
import { tell } from "./story.js";
import { labelled, make } from "./dom.js";
import { buildTables, drawSource, lightSource } from "./tables.js";
import { drawGraph, readGraph } from "./graph.js";
import { guessForm, nudgePanel, numberFields } from "./panels.js";

const SPEEDS = { slow: 4000, normal: 2000, fast: 700 };
const HELP = [
  ["→", "one step forward"],
  ["←", "one step back"],
  ["Home", "to the first step"],
  ["End", "to the last step"],
  ["Space", "play, or pause"],
];

function runOf(data, state) {
  const given = data.steps.map((step) => Number(step.value));
  const original = state.inputs.every((value, n) => Object.is(value, given[n]));
  const seeds = state.seeds;
  const run = { seeds, original, failed: -1, v: given, outputs: data.outputs.map((o) => Number(o.value)), notes: [] };
  if (!data.scalar) return run;
  if (!original) {
    Object.assign(run, evaluate(data.steps, program, state.inputs));
    run.outputs = data.outputs.map((o) => (o.row === null ? Number(o.value) : run.v[o.row]));
  }
  run.leaf = (code) => {
    const n = Number(code.slice(1));
    if (code[0] === "p") return run.v[n];
    if (code[0] === "t") return run.tangents.values[n];
    if (code[0] === "a") return run.adjoints.rows[n].value;
    return (code[0] === "T" ? seeds.tangent : seeds.adjoint)[n];
  };
  run.remarks = program && remarksOf(data, program, run);
  if (run.failed >= 0 || data.broken) return run;
  run.slopes = original
    ? data.steps.map((step) => (step.pulls || []).map((pull) => pull && Number(pull.slope)))
    : slopesAt(program, run.v);
  run.tangents = pushTangents(data.steps, data.outputs, run.slopes, seeds.tangent);
  run.adjoints = pullAdjoints(data.steps, data.outputs, run.slopes, seeds.adjoint);
  if (!original) run.notes = notesOf(data, run).map(({ row, text }) => `${data.steps[row].name}: ${text}`);
  return run;
}

function render({ model, el }) {
  const data = model.get("data");
  const set = typesetter(data.templates, data.look);
  set.fine = (value) => shortest(Number(value.toPrecision(4)));
  const start = () => data.variables.map((_, n) => Number(data.steps[n].value));
  const state = {
    inputs: start(),
    direction: data.mode,
    seeds: { tangent: data.seeds.tangent.map(Number), adjoint: data.seeds.adjoint.map(Number) },
    position: 0,
    predict: false,
    opened: new Set(),
    verdict: "",
    timer: 0,
    everything: false,
  };
  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)");
  let run;
  let story;
  let show; // draws the tables of the story

  // --- the state changes --------------------------------------------------------------------------------------
  const last = () => story.moments.length - 1;
  const moment = () => story.moments[state.position];
  const hidden = () =>
    state.predict && data.scalar && !state.opened.has(state.position) && Number.isFinite(moment().value);

  function go(position) {
    for (let n = state.position; n < position; n += 1) state.opened.add(n);
    state.position = Math.max(0, Math.min(last(), position));
    state.verdict = "";
    draw();
  }
  function rebuild() {
    run = runOf(data, state);
    story = tell(data, run, set, state.direction);
    show = buildTables(tables, story, (id) => go(story.moments.findLastIndex((each) => each.id === id)));
    state.position = run.failed >= 0 ? last() : Math.min(state.position, last()); // where it stops matters most
    state.opened.clear();
    state.verdict = "";
    drawSeeds();
    draw();
    if (nudges) nudges.draw();
  }
  function play(on) {
    clearInterval(state.timer);
    state.timer = 0;
    if (on && state.position >= last()) go(0);
    if (on && !waits()) {
      state.timer = setInterval(() => {
        go(state.position + 1);
        if (state.position >= last() || waits()) play(false);
      }, SPEEDS[speed.value]);
    }
    playing.textContent = state.timer ? "Pause" : "Play";
    playing.setAttribute("aria-pressed", String(Boolean(state.timer)));
  }

  // A value that is to be predicted stops the play: the field for it gets the cursor.
  function waits() {
    if (!hidden()) return false;
    guessing.querySelector("input").focus();
    return true;
  }

  // --- the parts of the page ----------------------------------------------------------------------------------
  const button = (text, label, action) =>
    make("button", { type: "button", "aria-label": label, title: label, onclick: action }, text);
  const steppers = {
    first: button("|◀", "First step", () => go(0)),
    back: button("◀", "Step back", () => go(state.position - 1)),
    forward: button("▶", "Step forward", () => go(state.position + 1)),
    last: button("▶|", "Last step", () => go(last())),
  };
  const playing = make(
    "button",
    { type: "button", class: "play", "aria-pressed": "false", onclick: () => play(!state.timer) },
    "Play",
  );
  const speed = make(
    "select",
    { onchange: () => state.timer && play(true) },
    ...Object.keys(SPEEDS).map((name) => make("option", { value: name, selected: name === "normal" }, name)),
  );
  const slider = make("input", {
    type: "range",
    min: "0",
    value: "0",
    step: "1",
    oninput: () => go(Number(slider.value)),
  });
  const direction = make(
    "select",
    { onchange: () => turn(direction.value) },
    make("option", { value: "forward" }, "forward"),
    make("option", { value: "reverse" }, "reverse"),
  );
  const predict = make("input", {
    type: "checkbox",
    onchange: () => {
      state.predict = predict.checked;
      state.opened.clear();
      draw();
      if (nudges) nudges.draw();
    },
  });
  const above = make("input", {
    type: "checkbox",
    onchange: () => {
      root.classList.toggle("above", above.checked);
      draw();
    },
  });
  const counter = make("p", { class: "counter" });
  const why = make("p", { class: "why" });
  const guessing = make("div", { class: "guessing" });
  const status = make("div", { role: "status", "aria-live": "polite", "aria-atomic": "true" }, counter, why);
  const tables = make("div", { class: "tables", tabindex: "0", role: "region", "aria-label": "Tables" });
  const graphs = {
    forward: readGraph(data.graphs.forward, data.title),
    reverse: readGraph(data.graphs.reverse, data.title),
  };
  const graphPlace = make("div", { class: "graphs" });
  const source = drawSource(data.source);
  const notes = make("ul", { class: "notes" });
  const seedPlace = make("div", { class: "seeds" });

  function turn(way) {
    const primal = story.moments.findIndex((each) => each.phase !== "primal");
    state.direction = way;
    if (primal >= 0 && state.position >= primal) state.position = primal;
    rebuild();
  }

  // The seed: one variable or output at a time, or a number for each.
  function drawSeeds() {
    const kind = state.direction === "forward" ? "tangent" : "adjoint";
    const names = kind === "tangent" ? data.variables.map((v) => v.tangent) : data.outputs.map((o) => o.seed);
    const whole = kind === "tangent" ? data.variables.map((v) => v.shown) : data.outputs.map((o) => o.name);
    if (seedPlace.dataset.kind === kind || !names.length) {
      if (!names.length) seedPlace.replaceChildren();
      return;
    }
    seedPlace.dataset.kind = kind;
    const change = (list) => {
      state.seeds[kind] = list;
      fields.set(list);
      choice.value = unit(list);
      rebuild();
    };
    const unit = (list) => {
      const ones =
        list.filter((value) => value === 1).length === 1 && list.every((value) => value === 0 || value === 1);
      return ones ? String(list.indexOf(1)) : "own";
    };
    const fields = numberFields(names, state.seeds[kind], (n, value) =>
      change(state.seeds[kind].map((old, k) => (k === n ? value : old))),
    );
    const choice = make(
      "select",
      {
        onchange: () => {
          if (choice.value !== "own") change(names.map((_, n) => Number(n === Number(choice.value))));
          own.open = choice.value === "own";
          if (own.open) own.querySelector("input").focus();
        },
      },
      ...whole.map((name, n) => make("option", { value: n }, name)),
      make("option", { value: "own" }, "own numbers"),
    );
    choice.value = unit(state.seeds[kind]);
    if (!data.scalar) for (const field of [choice, ...fields.element.querySelectorAll("input")]) field.disabled = true;
    const text = kind === "tangent" ? "Derivative by" : "Derivative of";
    const own = make("details", {}, make("summary", {}, "Seed in numbers"), fields.element);
    seedPlace.replaceChildren(labelled(text, choice), own);
  }

  const inputs = numberFields(
    data.variables.map((v) => v.shown),
    state.inputs,
    (n, value) => {
      state.inputs = state.inputs.map((old, k) => (k === n ? value : old));
      rebuild();
    },
  );
  const reset = make(
    "button",
    {
      type: "button",
      onclick: () => {
        state.inputs = start();
        inputs.set(state.inputs);
        rebuild();
      },
    },
    "Back to the given inputs",
  );
  const live = !data.frozen && data.variables.length > 0;
  if (!live) for (const field of inputs.element.querySelectorAll("input")) field.disabled = true;

  const nudges =
    live && data.outputs.length
      ? nudgePanel(data.steps, set, (row, ds) => {
          if (run.failed >= 0 || !run.adjoints) return null;
          if (state.predict) return { lines: [], text: "It is hidden while you predict: it would give the adjoints away." };
          const adjoint = run.adjoints.rows[row].value;
          const by = (size) =>
            nudge(data.steps, program, state.inputs, data.outputs, state.seeds.adjoint, row, adjoint, size);
          const lines = by(ds);
          const wide = by(Math.sign(ds) * Math.max(Math.abs(ds), 0.25 * Math.max(1, Math.abs(run.v[row]))));
          return { lines, ...nudgeText(data, state, row, adjoint, lines, wide, set) };
        })
      : null;

  // --- drawing ------------------------------------------------------------------------------------------------
  function draw() {
    const seen = new Map();
    const to = state.everything ? last() : state.position;
    const blind = !state.everything && hidden();
    for (const [n, each] of story.moments.entries()) {
      if (n > to || (n === to && blind)) break;
      const arrived = new Set(seen.get(each.id)?.arrived).add(each.key);
      seen.set(each.id, { ...each, arrived });
    }
    const now = moment();
    const lit = state.everything ? { ...now, id: null, row: null, edges: [] } : now; // paper has no current step
    show(seen, lit.id);
    lightSource(source, lit.row);
    const graph = graphs[state.direction];
    if (graph && graphPlace.firstChild !== graph) graphPlace.replaceChildren(graph);
    drawGraph(graph, data, run, set, state.direction, lit, seen);
    counter.textContent = `Step ${state.position + 1} of ${last() + 1} · ${now.phase} phase`;
    why.textContent = blind
      ? `Predict ${now.name} before it opens.`
      : [state.verdict, now.why].filter(Boolean).join(" ");
    if (!state.everything) ask(blind ? `${state.direction} ${state.position}` : "");
    slider.max = String(last());
    slider.value = String(state.position);
    slider.setAttribute("aria-valuetext", `step ${state.position + 1} of ${last() + 1}, ${now.name}`);
    for (const [name, off] of Object.entries({ first: 0, back: 0, forward: last(), last: last() })) {
      steppers[name].setAttribute("aria-disabled", String(state.position === off)); // disabled, it would lose the focus
    }
    const shown = run.original ? data.notes : run.notes;
    notes.replaceChildren(...shown.map((text) => make("li", {}, text)));
  }
  // The form for a guess stays as it is until another value is asked for.
  function ask(what) {
    if (guessing.dataset.asks === what) return;
    guessing.dataset.asks = what;
    guessing.replaceChildren(...(what ? [guessForm(moment, set, open)] : []));
    if (what && steppers.forward.matches(":focus")) guessing.querySelector("input").focus();
  }
  function open(text) {
    state.opened.add(state.position);
    state.verdict = text;
    draw();
    steppers.forward.focus();
  }

  // --- keys ---------------------------------------------------------------------------------------------------
  const keys = {
    ArrowRight: () => go(state.position + 1),
    ArrowLeft: () => go(state.position - 1),
    Home: () => go(0),
    End: () => go(last()),
    " ": () => play(!state.timer),
  };
  const page = Boolean(model.get("page"));
  const listens = page ? document : el;
  const onKey = (event) => {
    const inside = event.target.closest?.("input, select, textarea, summary, a, button");
    const busy = inside && (event.key === " " || !inside.matches("button, summary, [type=checkbox]"));
    if (!keys[event.key] || busy || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    keys[event.key]();
  };
  listens.addEventListener("keydown", onKey);
  const everything = (on) => () => {
    state.everything = on;
    draw();
  };
  const [toPaper, toScreen] = [everything(true), everything(false)];
  window.addEventListener("beforeprint", toPaper);
  window.addEventListener("afterprint", toScreen);

  // --- putting it together ------------------------------------------------------------------------------------
  const panel = (title, ...children) =>
    make("section", { class: `panel ${title.toLowerCase()}` }, make("h2", {}, title), ...children);
  const help = make(
    "dl",
    { class: "keylist" },
    ...HELP.flatMap(([key, text]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, text)]),
  );
  const root = make(
    page ? "main" : "div",
    { class: "autodiff-player" },
    make("h1", {}, data.title),
    make(
      "div",
      { class: "toolbar", role: "group", "aria-label": "What is shown" },
      labelled("Mode", direction),
      seedPlace,
      labelled("Speed", speed),
      labelled("Predict before reveal", predict, "field tick"),
      graphs.forward ? labelled("Large graph above", above, "field tick") : null,
    ),
    make(
      "div",
      { class: "at-hand" },
      make(
        "div",
        { class: "toolbar", role: "group", "aria-label": "Steps" },
        make("span", { class: "buttons" }, steppers.first, steppers.back, playing, steppers.forward, steppers.last),
        labelled("Step", slider, "field wide"),
      ),
      status,
      guessing,
    ),
    make(
      "div",
      { class: "panes" },
      make("div", { class: "pictures" }, graphs.forward ? graphPlace : null, panel("Source", source)),
      make("div", { class: "numbers" }, tables, notes),
    ),
    make(
      "div",
      { class: "panels" },
      panel(
        "Inputs",
        live ? null : make("p", { class: "frozen" }, data.frozen || "There are no inputs to change."),
        inputs.element,
        live ? reset : null,
      ),
      panel(
        "Nudge",
        nudges ? nudges.element : make("p", { class: "frozen" }, data.frozen || "There is nothing to nudge."),
      ),
      panel("Keys", help),
    ),
  );
  if (!data.scalar) predict.disabled = true;
  if (reduced.matches) root.classList.add("still");
  direction.value = state.direction;
  el.replaceChildren(root);
  rebuild();
  return () => {
    clearInterval(state.timer);
    listens.removeEventListener("keydown", onKey);
    window.removeEventListener("beforeprint", toPaper);
    window.removeEventListener("afterprint", toScreen);
  };
}

function nudgeText(data, state, row, adjoint, lines, wide, set) {
  const weights = state.seeds.adjoint.map((weight, n) => [weight, data.outputs[n]]).filter(([weight]) => weight);
  const seeds = weights.map(([weight, { seed }]) => `${seed} = ${set.number(weight)}`).join(", ");
  const alone = weights.length === 1 && weights[0][0] === 1;
  const name = alone ? weights[0][1].name : `the sum of the outputs, weighted by ${seeds || "0"},`;
  const { name: moved, adjoint: bar } = data.steps[row];
  const ratios = lines.slice(1).map((line, n) => lines[n].error / line.error);
  const quadratic = ratios.slice(1).every((ratio) => ratio > 3 && ratio < 5.5);
  const finite = lines.every((line) => Number.isFinite(line.change));
  if (!weights.length) return { text: "Every output has the seed 0: there is nothing to predict.", visible: false };
  if (Number.isNaN(adjoint)) return { text: `${bar} is undefined here: it predicts nothing.`, visible: false };
  // An error that rounding could explain proves nothing, unless large moves have none either.
  const hidden = (each) => each.every(({ error, rounding }) => Math.abs(error) <= rounding);
  const exact = hidden(lines) && hidden(wide);
  const rule = !finite
    ? "Some of these moves lead out of the domain, or to a value that is too large."
    : exact
      ? `Here ${alone ? name : "it"} is a straight line in ${moved}, so the prediction is exact.`
      : hidden(lines)
        ? "In moves as small as these no error is to be seen."
        : quadratic
          ? "Each halving of ds divides the error by about 4: it falls as ds²."
          : "Here the error does not fall as ds²: there is a kink, an infinite slope or the edge of a domain nearby, " +
            "the second derivative is 0, or ds is too large or too small.";
  const text = `Move ${moved} by ds and ${name} moves by about ${bar} × ds = ${set.number(adjoint)} × ds. ${rule}`;
  return { text, visible: !hidden(lines) || !finite };
}

const player = { render };
export default player;
