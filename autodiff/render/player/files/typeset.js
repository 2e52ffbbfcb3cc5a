// Formulas with values put in, by the templates that expression/templates.py asked the printer for.
// A piece is its text and its kind; kinds 0, 1 and 2 are short, other and negative numbers.

import { fixed } from "./numbers.js";

const HOLES = 0xe000; // four letters for each operand: all or front, end, raised
const RAISED = { 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

function filled(template, pieces) {
  return template.replace(/[\ue000-\uefff]/g, (hole) => {
    const code = hole.charCodeAt(0) - HOLES;
    const { text, kind } = pieces[code >> 2];
    const plain = kind === 2 ? text.slice(1) : text; // the template has the minus sign, if it is to stand
    const split = template.includes(String.fromCharCode(HOLES + (code | 3) - 2));
    const space = plain.indexOf(" ");
    if ((code & 3) === 1) return plain.slice(space + 1);
    if ((code & 3) === 2) return [...plain].map((digit) => RAISED[digit]).join("");
    return split ? plain.slice(0, space) : plain;
  });
}

export function typesetter(templates, look) {
  const number = (value) => {
    const text = fixed(value, look);
    return { text, kind: text.startsWith("−") ? 2 : /^\d{1,3}$/.test(text) ? 0 : 1 };
  };
  const call = (name, pieces) => {
    const [template, kind] = templates[name][pieces.map((piece) => piece.kind).join(" ")];
    return { text: filled(template, pieces), kind };
  };
  // A tree is the name of a value, a written number, or a list of an operation and its operands.
  const piece = (tree, value) => {
    if (typeof tree === "string") return number(value(tree));
    if (Array.isArray(tree))
      return call(
        tree[0],
        tree.slice(1).map((part) => piece(part, value)),
      );
    return tree;
  };
  return {
    number: (value) => number(value).text,
    text: (tree, value) => piece(tree, value).text,
    sum: (trees, value) =>
      trees.map((tree) => piece(tree, value)).reduce((left, right) => call("add", [left, right])).text,
  };
}
