// Lines over time, drawn by uPlot; under the cursor the legend shows the values.
import uPlot from "uplot";
import { h } from "./dom.js";
import { cell, drawn, label, moment, number, short } from "./format.js";

const LINES = 8; // more cannot be told apart
const HEIGHT = 280;

// The seconds of a date or timestamp; null for what has none to draw: infinity, years before 1.
// A day is the same everywhere, and a timestamp without a zone is taken as it is written.
function instant(value, kind) {
  const [, year, rest] = /^(\d{4,6})(-\d\d-\d\d.*)$/.exec(value) ?? [];
  if (!year || rest.endsWith("BC")) return null;
  const time = kind === "date" ? rest.slice(0, 6) : rest.replace(" ", "T");
  const zone = /T.*(Z|[+-]\d\d(:?\d\d)?)$/.test(time) || kind === "date" ? "" : "Z";
  const parsed = Date.parse((year.length > 4 ? `+${year.padStart(6, "0")}` : year) + time + zone);
  return Number.isNaN(parsed) ? null : parsed / 1000;
}

// One list of moments, and for each line a value at each of them: null, a gap, where its row has
// none, and undefined, over which uPlot draws on, where only other lines have a row.
export function series(rows, picture) {
  const kind = picture.columns.find((column) => column.name === picture.x)?.kind;
  const names = [];
  const points = new Map();
  let lost = 0;
  for (const row of rows) {
    const at = instant(row[picture.x], kind);
    if (at === null) {
      lost += 1;
      continue;
    }
    for (const y of picture.y) {
      const line = picture.by
        ? cell(row[picture.by], undefined, picture.by) +
          (picture.y.length > 1 ? `, ${label(y)}` : "")
        : label(y);
      if (!names.includes(line)) names.push(line);
      if (!points.has(at)) points.set(at, new Map());
      points.get(at).set(line, drawn(row[y]));
    }
  }
  const moments = [...points.keys()].sort((a, b) => a - b);
  const shown = names.slice(0, LINES);
  const data = [
    moments,
    ...shown.map((line) => moments.map((at) => points.get(at).get(line))),
  ];
  return { data, names: shown, hidden: names.length - shown.length, lost, kind };
}

export function lines({ rows, picture, name }) {
  const { data, names, hidden, lost, kind } = series(rows, picture);
  const place = h("div", {
    class: "plot",
    tabindex: "0",
    role: "img",
    "aria-label": summary(data, names, name),
  });
  const notes = [];
  if (hidden) notes.push(`${hidden} more lines are in the table.`);
  if (lost) notes.push(`${lost} rows have no date to draw; the table has them.`);
  const unit = picture.columns.find((column) => column.name === picture.y[0])?.description;
  const caption =
    picture.y.length === 1 &&
    h("p", { class: "unit" }, label(picture.y[0]), unit ? `: ${unit}` : "");
  const figure = h(
    "figure",
    { class: "lines" },
    caption,
    place,
    notes.length > 0 && h("p", {}, notes.join(" ")),
  );
  if (data[0].length === 0) return figure;

  let plot;
  function build(width) {
    plot?.destroy();
    const styles = getComputedStyle(place);
    const color = (variable) => styles.getPropertyValue(variable).trim();
    const shade = {
      stroke: color("--muted"),
      grid: { stroke: color("--grid"), width: 1 },
      ticks: { stroke: color("--grid"), width: 1 },
      font: "12px system-ui, sans-serif",
    };
    const stamp = (at) => {
      if (at === null || at === undefined) return "–";
      const text = new Date(at * 1000).toISOString();
      return kind === "date" ? text.split("T")[0] : moment(text.replace("Z", "+00:00"));
    };
    plot = new uPlot(
      {
        width,
        height: HEIGHT,
        tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
        cursor: { points: { size: 7 } },
        scales: {
          x: { time: true },
          y: {
            range: (_, low, high) =>
              low === high ? [low - 1, high + 1] : uPlot.rangeNum(low, high, 0.1, true),
          },
        },
        axes: [shade, { ...shade, size: 64, values: (_, marks) => marks.map(short) }],
        series: [
          { label: label(picture.x), value: (_, at) => stamp(at) },
          ...names.map((line, index) => ({
            label: line,
            stroke: color(`--series-${index}`),
            width: 2,
            points: { show: data[0].length < 60 },
            value: (_, value) => number(value),
          })),
        ],
      },
      data,
      place,
    );
  }

  const draw = () => {
    if (place.clientWidth > 0) build(place.clientWidth);
  };
  let width = 0;
  new ResizeObserver(() => {
    if (place.clientWidth !== width) {
      width = place.clientWidth;
      draw();
    }
  }).observe(place);
  place.addEventListener("themechange", draw);
  place.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !plot) return;
    event.preventDefault();
    const index = Math.max(
      0,
      Math.min(data[0].length - 1, (plot.cursor.idx ?? (step > 0 ? -1 : data[0].length)) + step),
    );
    plot.setCursor({ left: plot.valToPos(data[0][index], "x"), top: HEIGHT / 2 });
  });
  return figure;
}

function summary(data, names, name) {
  if (data[0].length === 0) return `${name}: nothing to draw`;
  const range = (values) => {
    const found = values.filter((value) => value !== null && value !== undefined);
    return found.length
      ? `${number(Math.min(...found))} to ${number(Math.max(...found))}`
      : "no value";
  };
  const said = names.map((line, index) => `${line} ${range(data[index + 1])}`);
  return `${name}: lines over ${data[0].length} dates; ${said.join("; ")}. Left and right arrows read each.`;
}
