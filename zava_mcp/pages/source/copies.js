// A call as others write it. The key is never in it: each reads ZAVA_API_KEY.
import { endpoint } from "./client.js";

const all = `${endpoint}/all`; // lists each tool: the Inspector calls no others
const shell = (text) =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
const plain = (value) => (typeof value === "string" ? value : JSON.stringify(value));
const WORDS = new Map([
  [null, "None"],
  [true, "True"],
  [false, "False"],
]);

// A value as Python writes it, whose lines but the first are indented.
function literal(value, indent) {
  if (WORDS.has(value)) return WORDS.get(value);
  if (typeof value !== "object" || JSON.isRawJSON?.(value)) return JSON.stringify(value);
  const inner = `${indent}    `;
  const isArray = Array.isArray(value);
  const items = isArray
    ? value.map((item) => literal(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${literal(item, inner)}`);
  const [open, close] = isArray ? "[]" : "{}";
  if (items.length === 0) return open + close;
  return `${open}\n${items.map((item) => `${inner}${item},\n`).join("")}${indent}${close}`;
}

function python(name, given) {
  return `import asyncio
import os

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


async def main() -> None:
    headers = {"Authorization": "Bearer " + os.environ["ZAVA_API_KEY"]}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=300) as http,
        Client(streamable_http_client(${JSON.stringify(all)}, http_client=http)) as client,
    ):
        print(await client.call_tool(${JSON.stringify(name)}, ${literal(given, "        ")}))


asyncio.run(main())
`;
}

function curl(name, given) {
  const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: given } };
  return `curl -s ${all} \\
  -H "Authorization: Bearer $ZAVA_API_KEY" \\
  -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \\
  -d ${shell(JSON.stringify(body))}
`;
}

function inspector(name, given) {
  const options = Object.entries(given).map(
    ([key, value]) => ` \\\n  --tool-arg ${shell(`${key}=${plain(value)}`)}`,
  );
  return `npx @modelcontextprotocol/inspector --cli ${all} --transport http \\
  --header "Authorization: Bearer $ZAVA_API_KEY" \\
  --method tools/call --tool-name ${shell(name)}${options.join("")}
`;
}

// A client has one server of a name: here it is that of the address, since a page knows no project.
function configuration() {
  const name = location.host.replace(/[^a-z0-9]+/gi, "-");
  const entry = {
    type: "http",
    url: endpoint,
    headers: { Authorization: "Bearer ${ZAVA_API_KEY}" },
  };
  return `${JSON.stringify({ mcpServers: { [name]: entry } }, null, 2)}\n`;
}

export const COPIES = {
  "MCP Inspector": inspector,
  curl,
  Python: python,
  "Client configuration": configuration,
};
