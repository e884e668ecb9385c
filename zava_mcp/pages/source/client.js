// An MCP client over fetch: the revision 2026-07-28, in which each request stands for itself. The
// session cookie says who calls; the header says that it is this page which does.
import { parse } from "./format.js";

const VERSION = "2026-07-28";
const PREFIX = "io.modelcontextprotocol/";
const META = {
  [`${PREFIX}protocolVersion`]: VERSION,
  [`${PREFIX}clientInfo`]: { name: "workbench", version: "1" },
  [`${PREFIX}clientCapabilities`]: {
    elicitation: { form: {} },
    extensions: { [`${PREFIX}ui`]: { mimeTypes: ["text/html;profile=mcp-app"] } },
  },
};
export const endpoint = `${location.origin}/mcp`;
export const requestIds = new WeakMap(); // of results, as the logs of the server know their calls
let last = 0;

export class SignedOutError extends Error {}

function headerOf(name) {
  if (/^[\x21-\x7e]*$/.test(name)) return name;
  const bytes = new TextEncoder().encode(name);
  return `=?base64?${btoa(String.fromCharCode(...bytes))}?=`;
}

// Make a request; the answer is the result. Raises SignedOutError, or an Error with what went wrong.
export async function request(method, params = {}, { signal } = {}) {
  const name = params.name ?? params.uri;
  const headers = {
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
    "MCP-Protocol-Version": VERSION,
    "Mcp-Method": method,
    ...(name === undefined ? {} : { "Mcp-Name": headerOf(name) }),
  };
  const message = { jsonrpc: "2.0", id: (last += 1), method, params: { ...params, _meta: META } };
  const response = await fetch("/mcp/all", {
    method: "POST",
    headers,
    body: JSON.stringify(message),
    signal,
  });
  let text = await response.text();
  if (response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    text =
      text
        .split(/\r?\n/)
        .filter((line) => line.startsWith("data: {"))
        .at(-1)
        ?.slice("data: ".length) ?? "";
  }
  const answer = readable(text);
  if (response.status === 401) {
    // without a session no credential was sent, and the server asks programs for a header
    const isSignedIn = (await session()).signedIn;
    throw new SignedOutError(
      isSignedIn ? answer.error_description : "You are signed out. Sign in again.",
    );
  }
  if (answer.error) {
    const { message: why = answer.error_description, data } = answer.error;
    throw Object.assign(new Error(why), { details: data ?? {} });
  }
  if (answer.result === undefined) throw new Error(`The server answers ${response.status}.`);
  requestIds.set(answer.result, response.headers.get("X-Request-Id"));
  return answer.result;
}

function readable(text) {
  try {
    return parse(text);
  } catch {
    return {};
  }
}

// All pages of a list.
export async function list(method, key) {
  const found = [];
  let cursor;
  do {
    const page = await request(method, cursor ? { cursor } : {});
    found.push(...page[key]);
    cursor = page.nextCursor;
  } while (cursor);
  return found;
}

// A call that asks something first is answered by the person, and made again with the answers.
export async function converse(method, params, ask, options) {
  let answer = await request(method, params, options);
  while (answer.resultType === "input_required") {
    const inputResponses = {};
    for (const [key, question] of Object.entries(answer.inputRequests ?? {})) {
      inputResponses[key] = await ask(question.params);
    }
    const again = {
      ...params,
      inputResponses,
      ...(answer.requestState ? { requestState: answer.requestState } : {}),
    };
    answer = await request(method, again, options);
  }
  return answer;
}

export async function signIn(key) {
  const response = await fetch("/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ key }),
  });
  if (!response.ok) throw new Error((await response.json()).error_description);
}

// Whether somebody is signed in, and whether an identity provider is there for who is not.
export async function session() {
  const { signed_in: signedIn, provider } = await (await fetch("/session")).json();
  return { signedIn, provider };
}

export const signOut = () => fetch("/session", { method: "DELETE" });
