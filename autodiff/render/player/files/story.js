// The lines of the tables and the moments of the stepper, from a run: what tracing/why/ and render/tables/styles.py do
// for a Trace. A line is a row of a table in its final state; a moment changes one line, and says why.

import { shortest } from "./numbers.js";

const same = (text, ...others) => (others.includes(text) ? "" : text);
const edge = (from, to, k) => `${from} ${to} ${k}`;
const edgesInto = (step, n) => step.operands.flatMap((o, k) => (typeof o === "number" ? [edge(o, n, k)] : []));

export function tell(data, run, set, direction) {
  const say = speaker(data, run, set);
  const primal = primalLines(data, run, set);
  const rest = run.failed >= 0 || data.broken ? [] : direction === "forward" ? tangents(data, run, set) : null;
  const adjoint = rest === null ? adjoints(data, run, set, say) : { lines: [], moments: [] };
  const phase = direction === "forward" ? "tangent" : "adjoint";
  const lines = [...primal, ...(rest || adjoint.lines)];
  const moments = [...[...primal, ...(rest || [])].map((line) => whole(line, say)), ...adjoint.moments];
  if (run.failed >= 0) moments.push(failure(data, run));
  else if (data.broken) moments.push({ ...stopped(data.steps.length), why: `The run stops here, at ${data.failure}.` });
  return { lines, moments, phase };
}

function whole(line, say) {
  const moment = { ...line, complete: true };
  return { ...moment, why: say(moment) };
}

const stopped = (n) => ({
  phase: "primal",
  id: "failed",
  key: "failed",
  row: null,
  edges: [],
  complete: true,
  name: `row ${n}`,
});

// What the DomainError of operations/rule.py says.
function complaint(data, run, step) {
  const values = step.operands.map((o) => (typeof o === "number" ? run.v[o] : Number(o.value)));
  return values.every(Number.isFinite) ? step.needs : `${step.operation} needs finite numbers`;
}

function failure(data, run) {
  const step = data.steps[run.failed];
  const rows = [...new Set(step.operands.filter((o) => typeof o === "number"))];
  const given = rows.map((row) => `${data.steps[row].name} = ${shortest(run.v[row])}`).join(", ");
  const why = `The run stops here, at ${step.plain} with ${given}: ${complaint(data, run, step)} (row ${step.name}).`;
  return { ...stopped(run.failed), row: run.failed, edges: edgesInto(step, run.failed), why, failed: true };
}

function primalLines(data, run, set) {
  const at = (code) => run.leaf(code);
  const lines = run.v.map((value, n) => {
    const step = data.steps[n];
    const shown = step.shown ?? set.number(value);
    const numbers = step.operation === null ? "" : (step.numbers ?? set.text(step.tree, at));
    const line = {
      phase: "primal",
      id: `p${n}`,
      key: `p${n}`,
      row: n,
      name: step.name,
      rule: "",
      formula: step.formula,
    };
    return { ...line, numbers: same(numbers, shown, step.plain), shown, value, edges: edgesInto(step, n) };
  });
  if (run.failed >= 0 || data.broken) return lines;
  for (const [n, output] of data.outputs.entries()) {
    const value = run.outputs[n];
    const line = { phase: "primal", id: `o${n}`, key: `o${n}`, row: output.row, name: output.name, rule: "" };
    lines.push({ ...line, formula: output.formula, numbers: "", shown: set.number(value), value, edges: [] });
  }
  return lines;
}

function tangents(data, run, set) {
  const at = (code) => run.leaf(code);
  const values = run.tangents ? [...run.tangents.values, ...run.tangents.outputs] : []; // arrays come as text
  return data.tangents.map((line, n) => {
    const inside = n < data.steps.length;
    const row = inside ? n : data.outputs[n - data.steps.length].row;
    const shown = line.shown ?? set.number(values[n]);
    const numbers = line.numbers ?? (line.tree ? set.text(line.tree, at) : "");
    const key = inside ? `t${n}` : `to${n - data.steps.length}`;
    const edges = inside ? edgesInto(data.steps[n], n) : [];
    const texts = {
      name: line.name,
      rule: "",
      formula: line.formula,
      numbers: same(numbers, shown, line.formula),
      shown,
    };
    return { phase: "tangent", id: key, key, row, ...texts, value: values[n], edges };
  });
}

// What has arrived: the seed, and contributions one after the other.
const sumSoFar = (seeds, seed, parts) =>
  [...(seeds.length ? [seed] : []), ...parts.map((part) => part.value)].reduce((total, value) => total + value);

// The line of an adjoint after `count` of its contributions.
function adjointLine(data, run, set, n, count) {
  const { seeds, seed, parts, value } = run.adjoints.rows[n];
  const arrived = parts.slice(0, count);
  const pulls = arrived.map((part) => data.steps[part.step].pulls[part.k]);
  const sources = seeds.map((output) => data.outputs[output].seed);
  const formula = sources.length
    ? sources.join(" + ") + pulls.map((pull) => pull.later).join("")
    : pulls.map((pull, k) => (k ? pull.later : pull.first)).join("");
  const soFar = count === parts.length ? value : sumSoFar(seeds, seed, arrived);
  const shown = set.number(soFar);
  const line = { phase: "adjoint", id: `a${n}`, row: n, name: data.steps[n].adjoint, formula, shown, value: soFar };
  if (!arrived.length) return { ...line, rule: "", numbers: "" };
  const trees = [...seeds.map((output) => `A${output}`), ...pulls.map((pull) => pull.tree)];
  const numbers = same(
    set.sum(trees, (code) => run.leaf(code)),
    shown,
    formula,
  );
  return { ...line, rule: [...new Set([...sources, ...pulls.map((pull) => pull.rule)])].join(" + "), numbers };
}

function adjoints(data, run, set, say) {
  if (!run.adjoints) return data.adjointStory;
  const { rows, order } = run.adjoints;
  const isInput = (n) => data.steps[n].operation === null;
  const inputs = order.filter(isInput);
  const copies = inputs.map((n) => {
    const shown = set.number(rows[n].value);
    const line = { phase: "adjoint", id: `x${n}`, key: `x${n}`, row: n, name: data.variables[n].adjoint, rule: "" };
    return { ...line, formula: data.steps[n].adjoint, numbers: "", shown, value: rows[n].value, edges: [] };
  });
  const lines = [
    ...order.map((n) => ({ ...adjointLine(data, run, set, n, rows[n].parts.length), key: `a${n}` })),
    ...copies,
  ];
  const moments = [];
  const add = (line, more) => {
    const moment = { ...line, edges: [], complete: true, ...more };
    moments.push({ ...moment, why: say(moment) });
  };
  const seeded = new Set(
    data.outputs.flatMap((output, m) => (output.row !== null && run.seeds.adjoint[m] ? [output.row] : [])),
  );
  for (const n of seeded) {
    add(adjointLine(data, run, set, n, 0), { key: `s${n}`, complete: !rows[n].parts.length });
  }
  const untouched = order.filter((n) => !rows[n].parts.length && !rows[n].seeds.length);
  for (const n of [...untouched.filter((row) => !isInput(row)), ...untouched.filter(isInput)]) {
    add(adjointLine(data, run, set, n, 0), { key: `n${n}` });
  }
  const arrivals = rows.flatMap((row, n) => row.parts.map((part, k) => ({ n, k, part, count: row.parts.length })));
  arrivals.sort((one, other) => other.part.step - one.part.step || one.part.k - other.part.k);
  for (const { n, k, part, count } of arrivals) {
    const { seeds, seed, parts } = rows[n];
    const before = k || seeds.length ? sumSoFar(seeds, seed, parts.slice(0, k)) : null;
    const more = { key: `c${part.step}.${part.k}`, complete: k === count - 1, edges: [edge(n, part.step, part.k)] };
    add(adjointLine(data, run, set, n, k + 1), { ...more, part, before });
  }
  for (const line of copies) add(line, {});
  return { lines, moments };
}

// The notes in the sentence of a moment, in parentheses.
function remarks(data, run, { phase, key, row, part }) {
  if (!run.remarks || !/^[ptc]\d/.test(key)) return "";
  const { ofValue, ofSlope, ofProduct } = run.remarks;
  const about = (n, k, factor) => [...ofSlope(n, k), ...ofProduct(n, k, factor)];
  const operands = data.steps[row].operands.flatMap((operand, k) => (typeof operand === "number" ? [k] : []));
  const texts = {
    primal: () => ofValue(row),
    tangent: () => operands.flatMap((k) => about(row, k, run.tangents.values[data.steps[row].operands[k]])),
    adjoint: () => about(part.step, part.k, run.adjoints.rows[part.step].value),
  }[phase]();
  return texts.length ? ` (${[...new Set(texts)].join("; ")})` : "";
}

// The sentence of a moment: as tracing/why/ worded it, for these inputs or for any, with the values of this run; or the
// equation of the row where there is no such sentence for this seed.
function speaker(data, run, set) {
  const write = (part, moment) => {
    if (typeof part === "string") return part;
    if (part.equation) {
      const sides = part.equation.map((side) => write(side, moment));
      return sides.filter((side, n) => n === 0 || side !== sides[n - 1]).join(" = ");
    }
    if (part.tree) return set.text(part.tree, (code) => (code === "B" ? moment.before : run.leaf(code)));
    return set.number(part.number === "slope" ? run.slopes[part.row][part.operand] : moment.value);
  };
  const said = (parts, moment) => parts.map((part) => write(part, moment)).join("");
  return (moment) => {
    const { phase, key } = moment;
    const exact = run.original && data.exact[phase][(run.seeds[phase] ?? []).join()]?.[key];
    if (exact) return said(exact, moment);
    const told = alike(data, run, moment).map((seed) => data.why[phase][seed]?.[key]);
    const found = told.find((parts) => parts);
    if (found) return said(found, moment).replace(/\.$/, `${remarks(data, run, moment)}.`);
    const sides = [moment.name, moment.rule, moment.formula, moment.numbers, moment.shown].filter(Boolean);
    return `${sides.join(" = ")}${moment.complete ? "" : ", and more will arrive"}.`;
  };
}

// The seeds for which the sentence of a moment is the same, the best first.
function alike(data, run, { phase, key, row, value }) {
  if (phase === "primal") return [""];
  const seed = run.seeds[phase];
  const all = (size) => seed.map(() => size).join();
  const unit = (k, size = 1) => seed.map((_, n) => (n === k ? size : 0)).join();
  const moving = seed.flatMap((size, n) => (size ? [n] : []));
  const only = moving.length === 1 ? moving[0] : null;
  const asked = only !== null && seed[only] === 1;
  const whole = seed.join();
  const zeros = seed.map((size) => (size ? 1 : 0)).join();
  if (key[0] === "x" || key.startsWith("to")) return [whole, asked ? unit(only) : all(2), all(2)];
  if (phase === "tangent" && data.steps[row].operation === null) {
    if (!seed[row]) return [whole, only === null ? all(0) : unit(only), all(0)];
    return [whole, asked ? unit(only) : all(2), all(2)];
  }
  if (key[0] === "s") return [whole, only !== null ? unit(only, asked ? 1 : 2) : moving.length === seed.length && all(2)];
  // Inside the graph. What does not move is 0, unless it meets ∞: then the product must be shown.
  if (phase === "tangent") return value === 0 ? [whole, zeros, all(1)] : [all(1)];
  return [whole, zeros];
}
