// One run in the page: the values by the generated program, then both sweeps over its slopes. They repeat
// tracing/sweeps.py in JavaScript, because the page recomputes without Python.

const sum = (values) => values.reduce((total, value) => total + value, 0);
const isRow = (operand) => typeof operand === "number";
const value = (v, operand) => (isRow(operand) ? v[operand] : Number(operand.value));

// The values of all rows, up to one that has none; `held` keeps one row at a value of its own.
export function evaluate(steps, program, inputs, held = null) {
  const v = [];
  for (const [n, step] of steps.entries()) {
    v[n] = step.operation === null ? inputs[n] : program.values[n](v);
    if (step.operation !== null && program.refusals[n](v)) {
      return { v: v.slice(0, n), failed: n };
    }
    if (held && held.row === n) v[n] = held.value;
  }
  return { v, failed: -1 };
}

// The partials of each row with respect to its operands; null for a constant.
export const slopesAt = (program, v) => program.slopes.map((each) => each.map((slope) => slope && slope(v)));

// What is to be noted about a run, as in tracing/run.py and tracing/sweeps.py: values that are not numbers,
// conventions at kinks, slopes that are infinite or missing, 0 × ∞.
export function remarksOf(data, program, run) {
  const { v } = run;
  const { remarks } = data;
  const operands = (n) => data.steps[n].operands.map((o) => value(v, o));
  const ofValue = (n) => {
    if (Number.isFinite(v[n])) return [];
    if (operands(n).every(Number.isFinite)) return [remarks.large];
    return Number.isNaN(v[n]) && !operands(n).some(Number.isNaN) ? [remarks.noValue] : [];
  };
  const ofSlope = (n, k) => {
    const used = program.conventions[n].findIndex(([applies]) => applies(v));
    if (used >= 0 && program.conventions[n][used][1][k]) return [data.steps[n].conventions[used]];
    const slope = run.slopes[n][k];
    if (Math.abs(slope) === Infinity && [...operands(n), v[n]].every(Number.isFinite)) return [remarks.infinite];
    return Number.isNaN(slope) && !operands(n).some(Number.isNaN) ? [remarks.noSlope] : [];
  };
  const ofProduct = (n, k, factor) => {
    const slope = run.slopes[n][k];
    const known = !Number.isNaN(slope) && !Number.isNaN(factor);
    return known && Number.isNaN(factor * slope) ? [remarks.product] : [];
  };
  return { ofValue, ofSlope, ofProduct };
}

// The notes under the tables: each is a row and a text.
export function notesOf(data, run) {
  const { tangents, adjoints } = run;
  const { ofValue, ofSlope, ofProduct } = run.remarks;
  const products = new Set();
  const product = (n, k, factor) => ofProduct(n, k, factor).length && products.add(n);
  for (const { parts } of adjoints.rows) for (const { step, k } of parts) product(step, k, adjoints.rows[step].value);
  const rows = data.steps.map((step, n) => n).filter((n) => data.steps[n].operation !== null);
  const moving = (n) => data.steps[n].operands.flatMap((o, k) => (isRow(o) ? [k] : []));
  for (const n of rows) for (const k of moving(n)) product(n, k, tangents.values[data.steps[n].operands[k]]);
  const found = rows.flatMap((n) => ofValue(n).map((text) => ({ row: n, text })));
  for (const n of rows) {
    const texts = moving(n).flatMap((k) => ofSlope(n, k));
    if (products.has(n)) texts.push(data.remarks.product);
    found.push(...[...new Set(texts)].map((text) => ({ row: n, text })));
  }
  return found;
}

export function pushTangents(steps, outputs, slopes, seed) {
  const t = [];
  for (const [n, step] of steps.entries()) {
    const terms = step.operands.map((o, k) => (isRow(o) ? t[o] * slopes[n][k] : null));
    t[n] = step.operation === null ? seed[n] : sum(terms.filter((term) => term !== null));
  }
  return { values: t, outputs: outputs.map((output) => (output.row === null ? 0 : t[output.row])) };
}

// The adjoints: for each row its seeds, its contributions in the order of `arrivals` in tracing/rows.py, and its value;
// and the order in which rows are complete.
export function pullAdjoints(steps, outputs, slopes, seed) {
  const rows = steps.map(() => ({ seeds: [], seed: 0, parts: [], value: null }));
  for (const [n, output] of outputs.entries()) {
    if (output.row === null || !seed[n]) continue;
    rows[output.row].seeds.push(n);
    rows[output.row].seed += seed[n];
  }
  const reads = steps.map((step) => [...new Set(step.operands.filter(isRow))]);
  const reaching = new Set(rows.flatMap((row, n) => (row.seeds.length ? [n] : [])));
  const backward = steps.map((_, n) => n).reverse();
  for (const n of backward) if (reaching.has(n)) for (const operand of reads[n]) reaching.add(operand);
  const waiting = steps.map(() => 0);
  for (const n of reaching) for (const operand of reads[n]) waiting[operand] += 1;
  const order = [];
  const complete = (n) => {
    rows[n].value = rows[n].seed + sum(rows[n].parts.map((part) => part.value));
    order.push(n);
  };
  for (const n of backward) if (!reaching.has(n) && steps[n].operation !== null) complete(n);
  for (const n of backward.filter((row) => reaching.has(row))) {
    if (rows[n].value === null) complete(n); // an output that no other row uses
    for (const [k, operand] of steps[n].operands.entries()) {
      if (isRow(operand)) rows[operand].parts.push({ step: n, k, value: rows[n].value * slopes[n][k] });
    }
    for (const operand of reads[n]) {
      waiting[operand] -= 1;
      if (!waiting[operand]) complete(operand);
    }
  }
  for (const n of backward) if (steps[n].operation === null && rows[n].value === null) complete(n);
  return { rows, order };
}

// How far a linear prediction is from the truth when row `row` moves by `ds`, by half of it, a quarter, an eighth.
export function nudge(steps, program, inputs, outputs, seed, row, adjoint, ds) {
  const total = (v) =>
    sum(outputs.map((o, n) => (seed[n] ? seed[n] * (o.row === null ? Number(o.value) : v[o.row]) : 0)));
  const before = evaluate(steps, program, inputs);
  const start = total(before.v);
  return [1, 2, 4, 8].map((part) => {
    const by = ds / part;
    const after = evaluate(steps, program, inputs, { row, value: before.v[row] + by });
    const change = after.failed < 0 ? total(after.v) - start : NaN;
    const predicted = adjoint * by;
    const moved = after.v.filter((value, n) => value !== before.v[n]);
    const largest = Math.max(Math.abs(start), ...moved.map(Math.abs));
    return { by, predicted, change, error: change - predicted, rounding: 32 * Number.EPSILON * largest };
  });
}
