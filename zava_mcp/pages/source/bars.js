// Bars, one row of them a category, in the order of the rows: elements with a length, which a
// screen reader reads as the table that they are.
import { button, foreign, h } from "./dom.js";
import { cell, drawn, label, number, short } from "./format.js";

const FIRST = 40; // categories that are drawn; the table has all

// Round numbers at even steps, which include 0 and all values: what an axis is marked with.
export function ticks(values, count = 4) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  if (low === high) return [0, 1];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * 0.999);
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

export function bars({ rows, picture, follow, name }) {
  const kinds = Object.fromEntries(picture.columns.map((column) => [column.name, column]));
  const drawnRows = rows.slice(0, FIRST);
  const values = drawnRows
    .flatMap((row) => picture.y.map((y) => drawn(row[y])))
    .filter((v) => v !== null);
  const marks = ticks(values);
  const [low, high] = [marks[0], marks.at(-1)];
  const place = (value) => `${(100 * (value - low)) / (high - low)}%`;

  function bar(row, y, index) {
    const value = drawn(row[y]);
    const element = h("span", { class: `bar series-${index}` });
    if (value !== null) {
      element.style.left = place(Math.min(0, value));
      element.style.width = `${(100 * Math.abs(value)) / (high - low)}%`;
    }
    const text = number(row[y], y);
    return h(
      "td",
      { title: `${label(y)}: ${text}` },
      h("span", { class: "track" }, element),
      h("span", { class: "value" }, text),
    );
  }

  function group(row) {
    const text = foreign(cell(row[picture.x], kinds[picture.x]?.kind, picture.x));
    const link = follow?.(picture.x, row);
    const head = h(
      "th",
      { scope: "row", rowspan: picture.y.length, title: text.textContent },
      link ? button(text, link, { class: "link" }) : text,
    );
    return picture.y.map((y, index) =>
      h("tr", { class: index === 0 && "first" }, index === 0 && head, bar(row, y, index)),
    );
  }

  const axis = h(
    "td",
    {},
    h(
      "span",
      { class: "track axis", "aria-hidden": "true" },
      marks.map((mark) => {
        const tick = h("span", { class: "tick" }, short(mark));
        tick.style.left = place(mark);
        return tick;
      }),
    ),
    h("span", { class: "value" }),
  );
  const legend =
    picture.y.length > 1 &&
    h(
      "ul",
      { class: "legend" },
      picture.y.map((y, index) =>
        h(
          "li",
          { title: kinds[y]?.description },
          h("span", { class: `swatch series-${index}` }),
          label(y),
        ),
      ),
    );
  const caption =
    picture.y.length === 1 &&
    h(
      "p",
      { class: "unit" },
      label(picture.y[0]),
      kinds[picture.y[0]]?.description ? `: ${kinds[picture.y[0]].description}` : "",
    );
  return h(
    "figure",
    { class: "bars", "aria-label": name },
    legend || caption,
    h(
      "table",
      {},
      h("tbody", {}, drawnRows.map(group), h("tr", { class: "axis-row" }, h("td"), axis)),
    ),
    rows.length > FIRST && h("p", {}, `The first ${FIRST} of ${rows.length}; the table has all.`),
  );
}
