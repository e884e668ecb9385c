// A table: sorted by any column, its head always in sight, numbers to the right.
import { button, foreign, h } from "./dom.js";
import { cell, drawn, label } from "./format.js";

const FIRST = 500; // rows that are there at once; a click brings the rest
const LONG = 30; // characters of a text that may take several lines, such as a UUID

function order(column) {
  if (column.kind === "number") return (a, b) => drawn(a) - drawn(b);
  return (a, b) => (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0);
}

// Sort rows by a column, those without a value last in both directions; equal ones stay in order.
export function sorted(rows, column, direction) {
  const compare = order(column);
  const isEmpty = (row) =>
    row[column.name] === null ||
    row[column.name] === undefined ||
    (column.kind === "number" && drawn(row[column.name]) === null);
  return rows.toSorted((a, b) => {
    if (isEmpty(a) || isEmpty(b)) return isEmpty(a) - isEmpty(b);
    return direction * compare(a[column.name], b[column.name]);
  });
}

export function table({ rows, columns, follow, name }) {
  let shown = rows;
  let by = null;
  let limit = FIRST;
  const body = h("tbody");
  const rest = h("p");
  const heads = columns.map((column) => {
    const click = () => {
      const direction = by?.column === column && by.direction === 1 ? -1 : 1;
      by = { column, direction };
      shown = sorted(rows, column, direction);
      heads.forEach((head) => head.removeAttribute("aria-sort"));
      th.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
      fill();
    };
    const sort = button(label(column.name), click, { title: column.description });
    const th = h("th", { scope: "col", class: column.kind === "number" && "number" }, sort);
    return th;
  });

  function line(row) {
    const tds = columns.map((column) => {
      const text = foreign(cell(row[column.name], column.kind, column.name));
      const link = follow?.(column.name, row);
      const isNumber = column.kind === "number";
      const isLong = !isNumber && text.textContent.length > LONG;
      return h(
        "td",
        { class: isNumber ? "number" : isLong && "long", title: isLong && text.textContent },
        link ? button(text, link, { class: "link" }) : text,
      );
    });
    return h("tr", {}, tds);
  }

  function fill() {
    body.replaceChildren(...shown.slice(0, limit).map(line));
    rest.replaceChildren();
    if (shown.length > limit) {
      const all = () => {
        limit = Infinity;
        fill();
      };
      rest.append(`The first ${limit} of ${shown.length} rows. `, button("Show all", all));
    }
  }

  fill();
  const head = h("thead", {}, h("tr", {}, heads));
  const scroll = h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": name },
    h("table", {}, head, body),
  );
  return h("div", {}, scroll, rest);
}
