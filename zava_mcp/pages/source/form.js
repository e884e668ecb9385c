// A form made from a JSON Schema, and its values as arguments; what is left empty is not sent.
import { h } from "./dom.js";
import { randomKey } from "./format.js";

const typeOf = (schema) => [schema.type].flat().find((type) => type && type !== "null");

// What a value of a schema looks like, as JSON: all fields that must be there.
function outline(schema) {
  if (schema.enum) return schema.enum[0];
  switch (typeOf(schema)) {
    case "object": {
      const { properties = {}, required = Object.keys(properties) } = schema;
      return Object.fromEntries(required.map((name) => [name, outline(properties[name] ?? {})]));
    }
    case "array":
      return [outline(schema.items ?? {})];
    case "boolean":
      return false;
    case "integer":
    case "number":
      return schema.minimum ?? 0;
    default:
      return "…";
  }
}

function kindOf(schema) {
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(" or ");
  const type = typeOf(schema) ?? "any value";
  return type === "array" ? `array of ${kindOf(schema.items ?? {})}` : type;
}

// The fields of an object, or of the objects of an array, as a list; false for other values.
function parts(schema) {
  const { properties, required = [] } = typeOf(schema) === "array" ? (schema.items ?? {}) : schema;
  if (!properties) return false;
  return h(
    "ul",
    {},
    Object.entries(properties).map(([name, each]) =>
      h(
        "li",
        {},
        h("code", {}, name),
        `: ${kindOf(each)}${required.includes(name) ? ", required" : ""}`,
        each.description && `. ${each.description}`,
      ),
    ),
  );
}

function control(name, schema, properties) {
  const value = schema.default;
  if (schema.enum) {
    const options = schema.enum.filter((each) => each !== null);
    const empty = h("option", { value: "" }, value === undefined ? "" : `(${value})`);
    return h(
      "select",
      properties,
      empty,
      options.map((each) => h("option", { value: each }, each)),
    );
  }
  const placeholder = value === undefined || value === null ? undefined : String(value);
  switch (typeOf(schema)) {
    case "boolean":
      return h(
        "select",
        properties,
        h("option", { value: "" }, placeholder ? `(${placeholder})` : ""),
        h("option", { value: "true" }, "true"),
        h("option", { value: "false" }, "false"),
      );
    case "integer":
    case "number":
      // as text, so that 10^18 keeps its digits
      return h("input", { ...properties, inputmode: "decimal", placeholder, autocomplete: "off" });
    case "object":
    case "array":
    case undefined:
      return h("textarea", {
        ...properties,
        rows: "3",
        placeholder: placeholder ?? (typeOf(schema) ? JSON.stringify(outline(schema)) : "JSON"),
        spellcheck: "false",
      });
    default: {
      const type = schema.format === "date" ? "date" : "text";
      const isLong = schema.maxLength > 1000;
      const made = { ...properties, placeholder, autocomplete: "off" };
      if (isLong) return h("textarea", { ...made, rows: "5", spellcheck: "false" });
      return h("input", { ...made, type, value: name === "idempotency_key" ? randomKey() : "" });
    }
  }
}

// The value of a field, undefined where it is empty. Raises an Error that says what it must be.
function read(element, schema) {
  const text = element.value;
  if (text === "") return undefined;
  switch (typeOf(schema)) {
    case "boolean":
      return text === "true";
    case "integer":
    case "number":
      if (!/^-?\d+(\.\d+)?$/.test(text.trim())) throw new Error("This must be a number.");
      return JSON.rawJSON ? JSON.rawJSON(text.trim().replace(/^(-?)0+(?=\d)/, "$1")) : Number(text);
    case "object":
    case "array":
      try {
        return JSON.parse(text);
      } catch {
        throw new Error(`This must be JSON: ${typeOf(schema)}.`);
      }
    case undefined:
      try {
        return JSON.parse(text);
      } catch {
        return text;
      }
    default:
      return text;
  }
}

// complete(name, value) gives what may stand there, as the person types; order names the fields as
// their author wrote them, which a schema does not.
export function fieldsOf(schema, { complete, without = [], order = [] } = {}) {
  const required = schema.required ?? [];
  const names = Object.keys(schema.properties ?? {}).filter((name) => !without.includes(name));
  // what must be there first, and what order does not name last
  const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
  names.sort((a, b) => required.includes(b) - required.includes(a) || place(a) - place(b));
  const fields = names.map((name) => {
    const each = schema.properties[name];
    const id = `field-${name}`;
    const error = h("p", { class: "error", id: `${id}-error`, role: "alert" });
    const input = control(name, each, {
      id,
      name,
      "aria-describedby": `${id}-hint ${id}-error`,
      "aria-required": required.includes(name) && "true",
    });
    const row = h(
      "div",
      { class: "field" },
      h(
        "label",
        { for: id },
        each.title ?? name,
        required.includes(name) && h("span", { "aria-hidden": "true" }, " *"),
      ),
      input,
      h("div", { class: "hint", id: `${id}-hint` }, each.description ?? "", parts(each)),
      error,
    );
    if (complete && input.tagName === "INPUT")
      suggest(input, row, (value) => complete(name, value));
    return { name, schema: each, input, error, row };
  });

  // The name may lead into a value: lines[0].quantity stands at lines.
  function fail(name, text) {
    const field =
      fields.find((each) => each.name === name) ??
      fields.find((each) => each.name === name?.split(/[[.]/)[0]);
    if (!field) return false;
    field.error.textContent = text;
    field.input.setAttribute("aria-invalid", "true");
    field.input.focus();
    return true;
  }

  return {
    element: h(
      "div",
      { class: "fields" },
      fields.map(({ row }) => row),
    ),
    fail,
    fill(given) {
      for (const { name, input, schema: each } of fields) {
        if (given[name] === undefined || given[name] === null) continue;
        input.value = ["object", "array"].includes(typeOf(each))
          ? JSON.stringify(given[name])
          : String(given[name]);
      }
    },
    // A call that was made has used its key up.
    renew() {
      const key = fields.find((each) => each.name === "idempotency_key");
      if (key) key.input.value = randomKey();
    },
    // The arguments so far, without those that cannot be sent; marks no field.
    soFar() {
      const given = {};
      for (const { name, schema: each, input } of fields) {
        try {
          const value = read(input, each);
          if (value !== undefined) given[name] = value;
        } catch {
          continue;
        }
      }
      return given;
    },
    // The arguments; null where one of them cannot be sent, which its field says.
    values() {
      const given = {};
      let bad = null;
      for (const { name, schema: each, input, error } of fields) {
        error.textContent = "";
        input.removeAttribute("aria-invalid");
        try {
          const value = read(input, each);
          if (value === undefined && required.includes(name)) throw new Error("This is needed.");
          if (value !== undefined) given[name] = value;
        } catch (problem) {
          bad ??= () => fail(name, problem.message);
          error.textContent = problem.message;
          input.setAttribute("aria-invalid", "true");
        }
      }
      bad?.();
      return bad ? null : given;
    },
  };
}

function suggest(input, row, complete) {
  const options = h("datalist", { id: `${input.id}-options` });
  input.setAttribute("list", options.id);
  row.append(options);
  let latest = 0;
  async function offer() {
    const number = (latest += 1);
    const found = await complete(input.value).catch(() => []);
    if (number === latest) options.replaceChildren(...found.map((value) => h("option", { value })));
  }
  input.addEventListener("input", offer);
  input.addEventListener("focus", offer);
}
