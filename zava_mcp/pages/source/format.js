// Values as people read them. Numbers that a double cannot hold stay the text that the server sent.

const EXACT_DIGITS = 15; // of a decimal number, in a double
const EXACT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 20 });
const SHORT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2, notation: "compact" });
const PERCENT = new Intl.NumberFormat(undefined, {
  maximumFractionDigits: 1,
  signDisplay: "exceptZero",
  style: "percent",
});

export function parse(text) {
  return JSON.parse(text, (_, value, context) => {
    const source = context?.source;
    if (typeof value !== "number" || source === undefined) return value;
    const digits = source.replace(/e.*$/i, "").replace(/[-.]/g, "").replace(/^0+/, "");
    return digits.length > EXACT_DIGITS ? source : value;
  });
}

// The number to draw; null for what has no place on an axis: null, NaN, an infinity.
export function drawn(value) {
  if (value === null || value === undefined || value === "" || typeof value === "boolean")
    return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

const ID = /(^|_)(id|Id|ID)$|[a-z0-9](Id|ID)$/; // as mcp_catalog.picture has it

// The column's name says whether it is an amount, or an id, whose digits are not grouped.
export function number(value, name = "") {
  if (value === null || value === undefined) return "–";
  if (ID.test(name)) return String(value);
  if (Number.isFinite(Number(value)) && value !== "") return EXACT.format(value);
  return String(value).replace("-Infinity", "−∞").replace("Infinity", "∞");
}

export const short = (value) => SHORT.format(value);
export const percent = (value) => PERCENT.format(value);

export function moment(value) {
  return String(value)
    .replace("T", " ")
    .replace(/\.\d+/, "")
    .replace(/\+00:00$/, " UTC");
}

export function cell(value, kind, name) {
  if (value === null || value === undefined) return "–";
  if (kind === "number" || typeof value === "number") return number(value, name);
  if (kind === "time") return moment(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  // with spaces, at which a line may break
  if (typeof value === "object") return JSON.stringify(value, null, 1).replace(/\n */g, " ");
  return String(value);
}

export function label(name) {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// The name of an idempotency key: 128 random bits.
export function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
