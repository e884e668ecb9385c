// The page inside an MCP host: extension io.modelcontextprotocol/ui, over postMessage.
// The SDK of the extension is longer than a page may be: 149 kB compressed against 120.
import { button, foreign, h } from "./dom.js";
import { parse } from "./format.js";
import { result, themeChanged } from "./picture.js";

const PROTOCOL = "2026-01-26";
const ANSWER_MS = 60_000; // for a call of a tool
const GREETING_MS = 10_000;

const main = document.getElementById("main");
const embedded = JSON.parse(document.getElementById("picture").textContent);
const waiting = new Map();
const earlier = []; // what "Back" returns to
let asked = {}; // arguments of the call that is shown
let last = 0;

function post(message) {
  window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
}

function request(method, params, milliseconds = ANSWER_MS) {
  const id = (last += 1);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      waiting.delete(id);
      reject(new Error("The host does not answer."));
    }, milliseconds);
    waiting.set(id, { resolve, reject, timer });
    post({ id, method, params });
  });
}

window.addEventListener("message", ({ source, data }) => {
  if (source !== window.parent || data?.jsonrpc !== "2.0") return;
  if (data.method === undefined) {
    const { resolve, reject, timer } = waiting.get(data.id) ?? {};
    if (!resolve) return;
    clearTimeout(timer);
    waiting.delete(data.id);
    if (data.error) reject(new Error(data.error.message));
    else resolve(data.result);
    return;
  }
  obey[data.method]?.(data.params ?? {});
  if (data.id === undefined) return;
  if (data.method === "ping" || data.method === "ui/resource-teardown")
    post({ id: data.id, result: {} });
  else post({ id: data.id, error: { code: -32601, message: "Method not found" } });
});

const obey = {
  "ui/notifications/tool-input": (params) => {
    asked = params.arguments ?? {};
  },
  "ui/notifications/tool-result": (params) => show(embedded, params, asked),
  "ui/notifications/tool-cancelled": (params) =>
    say(`The call was cancelled. ${params.reason ?? ""}`),
  "ui/notifications/host-context-changed": (context) => dress(context),
};

function say(text) {
  main.replaceChildren(h("p", { role: "status" }, foreign(text)));
}

// The text has each digit of a number, which the structured content may have lost on its way.
export function valueOf(answer) {
  const text = answer.content?.find((block) => block.type === "text")?.text;
  try {
    return parse(text);
  } catch {
    return answer.structuredContent ?? { result: text ?? null };
  }
}

function failure(answer) {
  const text = answer.content?.find((block) => block.type === "text")?.text ?? "The call failed.";
  try {
    const { message, hint } = JSON.parse(text);
    return [message, hint].filter(Boolean).join(" ") || text;
  } catch {
    return text;
  }
}

function show(picture, answer, given) {
  if (answer.isError) {
    main.replaceChildren(
      back(),
      h("p", { role: "alert", class: "error" }, foreign(failure(answer))),
    );
    return;
  }
  const tool = picture?.tool;
  const more = tool && (async (cursor) => valueOf(await call(tool, { ...given, cursor })));
  const name = picture?.title ?? "Result";
  main.replaceChildren(back(), result({ value: valueOf(answer), picture, name, open, more }));
  current = { picture, answer, given };
}

let current = null;

function back() {
  if (earlier.length === 0) return "";
  return h(
    "p",
    {},
    button("← Back", () => {
      const { picture, answer, given } = earlier.pop();
      show(picture, answer, given);
    }),
  );
}

// Call a tool through the host. Raises an Error that says why it failed.
async function call(name, given) {
  const answer = await request("tools/call", { name, arguments: given });
  if (answer.isError) throw new Error(failure(answer));
  return answer;
}

// Follow a link; the tool that it leads to has a picture of its own at the server.
async function open(tool, given) {
  const from = current;
  try {
    const [answer, picture] = await Promise.all([call(tool, given), pictureOf(tool)]);
    earlier.push(from);
    show(picture, answer, given);
  } catch (error) {
    main.append(h("p", { role: "alert", class: "error" }, foreign(error.message)));
  }
}

async function pictureOf(tool) {
  try {
    const page = await request("resources/read", { uri: `ui://mcp/tools/${tool}` });
    const parsed = new DOMParser().parseFromString(page.contents[0].text, "text/html");
    return JSON.parse(parsed.getElementById("picture").textContent);
  } catch {
    return null;
  }
}

function dress({ theme, styles, containerDimensions }) {
  const root = document.documentElement;
  if (theme) root.dataset.theme = theme;
  for (const [name, value] of Object.entries(styles?.variables ?? {})) {
    if (name.startsWith("--") && typeof value === "string") root.style.setProperty(name, value);
  }
  if (containerDimensions?.width) main.style.maxWidth = `${containerDimensions.width}px`;
  themeChanged();
}

async function greet() {
  say("Waiting for the result.");
  try {
    const appInfo = { name: "zava-mcp", version: "1" };
    const params = { appInfo, appCapabilities: {}, protocolVersion: PROTOCOL };
    const { hostContext } = await request("ui/initialize", params, GREETING_MS);
    dress(hostContext ?? {});
    post({ method: "ui/notifications/initialized", params: {} });
    new ResizeObserver(() => {
      const { scrollWidth: width, scrollHeight: height } = document.documentElement;
      post({ method: "ui/notifications/size-changed", params: { width, height } });
    }).observe(document.body);
  } catch (error) {
    say(error.message);
  }
}

greet();
