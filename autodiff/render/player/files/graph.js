// The graph beside the tables: its drawing comes from render/graph/svg.py, its numbers from the run, as far as the
// steps have come.

import { make } from "./dom.js";

const LONGEST = 44; // letters beside an edge
const short = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
const chain = (parts) => parts.filter((part, n) => n === 0 || part !== parts[n - 1]).join(" = ");

// The drawing is read as SVG, so nothing in it runs. Titles and descriptions hold the values of the first run: they go.
export function readGraph(text, title) {
  if (!text) return null;
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (parsed.nodeName !== "svg") return null;
  const graph = document.importNode(parsed, true);
  for (const told of graph.querySelectorAll("title, desc")) told.remove();
  graph.removeAttribute("aria-labelledby");
  graph.setAttribute("aria-label", `Graph of ${title}: the rows and their operands. The tables say the same in words.`);
  const [width, height] = ["width", "height"].map((side) => Number(graph.getAttribute(side)));
  for (const side of ["width", "height"]) graph.removeAttribute(side);
  const sized = {
    width: "100%",
    minWidth: `${Math.round(width * 0.66)}px`,
    maxWidth: `${width * 1.4}px`,
    aspectRatio: `${width} / ${height}`,
  };
  Object.assign(graph.style, sized);
  for (const line of graph.querySelectorAll("text")) line.dataset.room = String(line.textContent.length);
  const frame = make("figure", { class: "graph", tabindex: "0", role: "group", "aria-label": "Graph" }, graph);
  return frame;
}

// A text that is longer than the one it was drawn for gets smaller letters, so that it stays in its place.
function write(line, text) {
  if (!line || line.textContent === text) return;
  line.textContent = text;
  const room = Number(line.dataset.room);
  line.style.fontSize =
    text.length > room ? `${(((line.matches(".label") ? 11 : 12) * room) / text.length).toFixed(1)}px` : "";
}

// `seen` holds the latest moment of each line of the tables.
export function drawGraph(frame, data, run, set, direction, now, seen) {
  if (!frame) return;
  const edges = new Set(now.edges);
  for (const node of frame.querySelectorAll(".node")) {
    const { row, output } = node.dataset;
    const own =
      row === undefined
        ? drawOutput(node, data, run, set, direction, Number(output), seen)
        : drawRow(node, data, direction, Number(row), seen);
    node.classList.toggle("now", own.includes(now.id) || (Boolean(now.failed) && Number(row) === now.row));
    node.classList.toggle("coming", !seen.has(own[0]));
  }
  for (const edge of frame.querySelectorAll(".edge")) {
    const [from, to, k] = edge.dataset.edge.split(" ").map(Number);
    edge.classList.toggle("now", edges.has(edge.dataset.edge));
    const arrived = direction === "forward" ? seen.has(`t${to}`) : seen.get(`a${from}`)?.arrived?.has(`c${to}.${k}`);
    edge.classList.toggle("coming", !arrived);
    if (!data.scalar || to >= data.steps.length || !arrived) continue;
    const { partial, push, first } = data.steps[to].pulls[k];
    const slope = run.slopes[to][k];
    const factor = direction === "forward" ? run.tangents.values[from] : run.adjoints.rows[to].value;
    const [above, below] = edge.querySelectorAll("text");
    write(above, short(chain([...partial, set.number(slope)])));
    write(below, short(chain([direction === "forward" ? push : first, set.number(factor * slope)])));
    edge.classList.toggle("empty", factor * slope === 0);
  }
  for (const edge of frame.querySelectorAll(".edge.now")) {
    edge.classList.remove("tight");
    edge.classList.toggle("tight", meets(frame, edge));
  }
  const lit = [...frame.querySelectorAll(".node.now, .edge.now")];
  if (lit.length) follow(frame, lit);
}

// Whether a label of an edge is wider than the gap between the two nodes that it joins.
function meets(frame, edge) {
  const [from, to] = edge.dataset.edge.split(" ").map(Number);
  const nodes = frame.querySelectorAll(".node");
  const [left, right] = [nodes[from].getBoundingClientRect().right, nodes[to].getBoundingClientRect().left];
  return [...edge.querySelectorAll("text")].some((text) => {
    const box = text.getBoundingClientRect();
    return box.width > 0 && (box.left < left || box.right > right);
  });
}

function drawRow(node, data, direction, n, seen) {
  const step = data.steps[n];
  const [first, second] = node.querySelectorAll(".line");
  const primal = seen.get(`p${n}`);
  const name = step.label && step.operation !== null ? `${step.name} = ${step.label}` : step.name;
  write(first, primal ? `${name} = ${primal.shown}` : name);
  const mark = direction === "forward" ? "t" : "a";
  const derivative = seen.get(`${mark}${n}`);
  const variable = step.operation === null ? data.variables[n] : null;
  const names =
    direction === "forward"
      ? [data.tangents[n]?.name, ...(variable ? [variable.tangent] : [])]
      : [...(variable ? [variable.adjoint] : []), step.adjoint];
  const more = direction === "forward" && variable ? " (seed)" : derivative && !derivative.complete ? " + …" : "";
  write(second, derivative ? `${[...names, derivative.shown].join(" = ")}${more}` : "");
  node.classList.toggle("empty", derivative?.value === 0);
  return [`p${n}`, `${mark}${n}`, `x${n}`];
}

function drawOutput(node, data, run, set, direction, m, seen) {
  const output = data.outputs[m];
  const [first, second] = node.querySelectorAll(".line");
  const primal = seen.get(`o${m}`);
  write(first, chain([output.name, ...(output.formula ? [output.formula] : []), ...(primal ? [primal.shown] : [])]));
  const line = direction === "forward" ? seen.get(`to${m}`) : output.row !== null && seen.get(`a${output.row}`);
  const derivative =
    direction === "forward"
      ? line && `${line.name} = ${line.shown}`
      : line && `${output.seed} = ${set.number(run.seeds.adjoint[m])} (seed)`;
  write(second, derivative || "");
  return [`o${m}`, `to${m}`];
}

// Scrolls only the frame, never the page: to all that is lit, or to the row alone if that is too much.
function follow(frame, lit) {
  const outer = frame.getBoundingClientRect();
  const boxes = lit.map((each) => each.getBoundingClientRect());
  const around = (list) => ({
    left: Math.min(...list.map((box) => box.left)),
    right: Math.max(...list.map((box) => box.right)),
    top: Math.min(...list.map((box) => box.top)),
    bottom: Math.max(...list.map((box) => box.bottom)),
  });
  const all = around(boxes);
  const fits = all.right - all.left < outer.width && all.bottom - all.top < outer.height;
  const node = lit.findIndex((each) => each.matches(".node"));
  const inner = fits ? all : around([boxes[Math.max(node, 0)]]);
  if (inner.left < outer.left || inner.right > outer.right)
    frame.scrollLeft += (inner.left + inner.right - outer.left - outer.right) / 2;
  if (inner.top < outer.top || inner.bottom > outer.bottom)
    frame.scrollTop += (inner.top + inner.bottom - outer.top - outer.bottom) / 2;
}
