// A result as people see it: the picture that the server says, and the same as a table and as JSON.
import { bars } from "./bars.js";
import { button, h } from "./dom.js";
import { columnsOf, figures, isObject } from "./figures.js";
import { lines } from "./lines.js";
import { table } from "./table.js";

const isFree = (value) => Array.isArray(value.columns) && value.rows.every(Array.isArray);

// The rows of a result, objects all; null where it is one row or one value.
export function rowsOf(value) {
  if (!Array.isArray(value?.rows)) return null;
  if (!isFree(value)) return value.rows.map((row) => (isObject(row) ? row : { value: row }));
  // a free query gives arrays; two columns of one name are told apart by their place
  const names = value.columns.map((name, index) =>
    value.columns.indexOf(name) === index ? name : `${name} ${index + 1}`,
  );
  return value.rows.map((row) =>
    Object.fromEntries(names.map((name, index) => [name, row[index]])),
  );
}

// What a result says beside its rows, such as how they were found; null for nothing.
function besides(value, rows) {
  const { rows: _, row_count: count, truncated, next_cursor: cursor, ...rest } = value;
  if (isFree(value)) delete rest.columns;
  if (count !== undefined && count !== rows.length) rest.row_count = count;
  return Object.keys(rest).length > 0 ? rest : null;
}

// What calls the tool that a column links to; undefined where it links to none.
function follower(picture, open) {
  if (!open) return undefined;
  return (column, row) => {
    const link = picture.links?.find((each) => each.column === column);
    const given = link && Object.entries(link.arguments).map(([name, from]) => [name, row[from]]);
    if (!link || given.some(([, value]) => value === null || value === undefined)) return undefined;
    return () => open(link.tool, Object.fromEntries(given));
  };
}

function drawing(value, picture, name, open) {
  const rows = rowsOf(value);
  const follow = follower(picture, open);
  if (rows === null) {
    const row = value !== null && typeof value === "object" ? value : { result: value };
    return { picture: () => figures({ row, columns: picture.columns, name }), kind: "figures" };
  }
  const beside = besides(value, rows);
  // the columns of one row that has the rows in it are not those of the rows
  const areOfRows = picture.columns?.every((column) => column.name in (rows[0] ?? {})) ?? true;
  const views = drawingOfRows(rows, areOfRows ? picture : { kind: "table" }, name, follow);
  if (beside === null) return views;
  const described = picture.columns?.filter((column) => column.name in beside);
  const lead = () => figures({ row: beside, columns: described, name });
  return { ...views, picture: () => h("div", {}, lead(), views.picture()) };
}

function drawingOfRows(rows, picture, name, follow) {
  const columns = picture.columns?.length ? picture.columns : columnsOf(rows);
  const asTable = () => table({ rows, columns, follow, name });
  if (rows.length === 0)
    return { picture: () => h("p", { class: "empty" }, "No rows."), kind: "empty" };
  const isNumeric = columns.some((column) => column.kind === "number");
  const isOne = rows.length === 1 && isNumeric && picture.kind !== "table";
  if (picture.kind === "figures" || isOne) {
    return {
      picture: () => figures({ row: rows[0], columns, name }),
      table: asTable,
      kind: "figures",
    };
  }
  if (picture.kind === "line")
    return { picture: () => lines({ rows, picture, name }), table: asTable, kind: "line" };
  if (picture.kind === "bar")
    return { picture: () => bars({ rows, picture, follow, name }), table: asTable, kind: "bar" };
  return { picture: asTable, kind: "table" };
}

// Draw a result: open(tool, arguments) follows a link, more(cursor) gives the next page.
export function result({ value, picture, name, open, more }) {
  const whole = value; // grows page by page
  const place = h("div", { class: "view" });
  const tabs = h("div", { class: "tabs", role: "group", "aria-label": "Show as" });
  const foot = h("p", { class: "foot", role: "status" });
  let shown = "picture";

  function show() {
    const views = drawing(whole, picture ?? { kind: "table" }, name, open);
    place.dataset.kind = views.kind;
    const names = {
      picture: { line: "Chart", bar: "Chart" }[views.kind] ?? "Result",
      table: views.table && "Table",
      json: "JSON",
    };
    if (!names[shown]) shown = "picture";
    tabs.replaceChildren(
      ...Object.entries(names)
        .filter(([, text]) => text)
        .map(([view, text]) =>
          button(
            text,
            () => {
              shown = view;
              show();
            },
            { "aria-pressed": String(shown === view) },
          ),
        ),
    );
    place.replaceChildren(
      shown === "json"
        ? h(
            "pre",
            { tabindex: "0", role: "region", "aria-label": "JSON" },
            JSON.stringify(whole, null, 2),
          )
        : views[shown](),
    );
    const rows = rowsOf(whole);
    foot.replaceChildren(
      ...[
        rows && `${rows.length} ${rows.length === 1 ? "row" : "rows"}. `,
        whole?.truncated === true &&
          !whole.next_cursor &&
          "There are more rows than a tool may give: narrow the question. ",
        rows && whole.next_cursor && more && button("Load the next page", next),
      ].filter(Boolean),
    );
  }

  async function next(event) {
    event.target.disabled = true;
    try {
      const page = await more(whole.next_cursor);
      whole.rows.push(...page.rows);
      whole.next_cursor = page.next_cursor;
      whole.truncated = page.truncated;
      if ("row_count" in whole) whole.row_count = whole.rows.length;
      show();
    } catch (error) {
      event.target.disabled = false;
      foot.append(h("span", { role: "alert", class: "error" }, error.message));
    }
  }

  show();
  return h("section", { class: "result", "aria-label": name }, tabs, place, foot);
}

// Let the charts take the colours of another theme.
export function themeChanged() {
  document
    .querySelectorAll(".plot")
    .forEach((plot) => plot.dispatchEvent(new Event("themechange")));
}
