// One row: its numbers as figures with their change, its texts as a list, its lists as tables.
import { foreign, h } from "./dom.js";
import { cell, drawn, label, number, percent } from "./format.js";
import { table } from "./table.js";

export const isObject = (value) =>
  value !== null && typeof value === "object" && !Array.isArray(value);
const isRows = (value) => Array.isArray(value) && value.length > 0 && value.every(isObject);

// The columns of rows whose types nobody said: those of the first of them, by their values.
export function columnsOf(rows) {
  return Object.keys(rows[0] ?? {}).map((name) => ({ name, kind: kindOf(rows, name) }));
}

function kindOf(rows, name) {
  const values = rows
    .map((row) => row[name])
    .filter((value) => value !== null && value !== undefined);
  if (values.length > 0 && values.every((value) => typeof value === "number")) return "number";
  if (values.length > 0 && values.every((value) => /^-?\d{16,}(\.\d+)?$/.test(value)))
    return "number";
  return "text";
}

function change(row, name) {
  const before = drawn(row[`previous_${name}`]);
  const now = drawn(row[name]);
  if (before === null || now === null) return null;
  const ratio = before === 0 ? null : (now - before) / Math.abs(before);
  const arrow = now > before ? "▲" : now < before ? "▼" : "=";
  return h(
    "span",
    { class: "change" },
    `${arrow} ${ratio === null ? "" : percent(ratio)} from ${number(row[`previous_${name}`])}`,
  );
}

export function figures({ row, columns, name }) {
  const described = Object.fromEntries((columns ?? []).map((column) => [column.name, column]));
  const names = columns?.length ? columns.map((column) => column.name) : Object.keys(row);
  const tiles = [];
  const facts = [];
  const rest = [];
  for (const key of names) {
    const value = row[key];
    const isNumber = described[key] ? described[key].kind === "number" : typeof value === "number";
    if (isNumber) {
      if (key.startsWith("previous_") && key.slice("previous_".length) in row) continue;
      tiles.push(
        h(
          "div",
          { class: "figure", title: described[key]?.description },
          h("dt", {}, label(key)),
          h("dd", {}, h("strong", {}, number(value, key)), change(row, key)),
        ),
      );
    } else if (isRows(value)) {
      rest.push(
        h(
          "section",
          {},
          h("h3", {}, label(key)),
          table({ rows: value, columns: columnsOf(value), name: label(key) }),
        ),
      );
    } else if (Array.isArray(value)) {
      rest.push(
        h(
          "section",
          {},
          h("h3", {}, label(key)),
          h(
            "ul",
            {},
            value.map((item) => h("li", {}, foreign(cell(item)))),
          ),
        ),
      );
    } else if (isObject(value)) {
      rest.push(
        h("section", {}, h("h3", {}, label(key)), figures({ row: value, name: label(key) })),
      );
    } else if (value !== null && value !== undefined) {
      facts.push(
        h(
          "div",
          {},
          h("dt", {}, label(key)),
          h("dd", {}, foreign(cell(value, described[key]?.kind))),
        ),
      );
    }
  }
  return h(
    "div",
    { class: "figures-of", role: "group", "aria-label": name },
    facts.length > 0 && h("dl", { class: "facts" }, facts),
    tiles.length > 0 && h("dl", { class: "figures" }, tiles),
    rest,
  );
}
