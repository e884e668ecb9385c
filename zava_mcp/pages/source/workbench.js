// The workbench: what a person may call at this server, without an assistant.
import {
  converse,
  list,
  request,
  requestIds,
  session,
  SignedOutError,
  signIn,
  signOut,
} from "./client.js";
import { COPIES } from "./copies.js";
import { button, foreign, h } from "./dom.js";
import { fieldsOf } from "./form.js";
import { parse } from "./format.js";
import { result, themeChanged } from "./picture.js";

const PICTURE = "zava-mcp/picture";
const GROUPS = "zava-mcp/groups";
const ARGUMENTS = "zava-mcp/arguments";
const NOT_SIGNED_IN = {
  refused: "The identity provider refused to sign you in.",
  late: "This sign-in took too long, or was begun in another browser. Try again.",
  scope: "The identity provider signed you in without the permission that this server needs.",
  unknown: "The identity provider signed you in, but you are no user of this server.",
  misfit: "The identity provider gave a token that is not for this server: its operator has to look.",
  unavailable: "The identity provider is unavailable. Try again, or use an API key.",
};
let hasProvider = false; // an identity provider where people can sign in
let followed = null; // the arguments of the link that leads to the next tool
const state = { tools: [], resources: [], templates: [], prompts: [] };
const main = h("main", { id: "main", tabindex: "-1" });
const nav = h("nav", { "aria-label": "What you may call" });

// Signing in -------------------------------------------------------------------------------------

function showSignIn(why = "") {
  const key = h("input", {
    id: "key",
    type: "password",
    autocomplete: "off",
    required: true,
    placeholder: "zava_…",
    "aria-describedby": "sign-in-error",
  });
  const error = h("p", { class: "error", id: "sign-in-error", role: "alert" }, why);
  const form = h(
    "form",
    { class: "sign-in" },
    h("h1", {}, "Workbench"),
    h(
      "p",
      {},
      "See what you may call, and call it: the same tools, rows and refusals that your assistant gets.",
    ),
    h("label", { for: "key" }, "API key"),
    key,
    error,
    h("p", {}, h("button", { class: "primary" }, "Sign in")),
    hasProvider &&
      h("p", {}, h("a", { href: "/sign-in" }, "Sign in with your identity provider")),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.textContent = "";
    try {
      await signIn(key.value.trim());
      await start();
    } catch (problem) {
      error.textContent = problem.message;
      key.setAttribute("aria-invalid", "true");
      key.focus();
    }
  });
  document.body.replaceChildren(h("main", {}, form));
  key.focus();
}

async function leave(why) {
  await signOut();
  showSignIn(why);
}

// Run what asks the server; a caller who is no more signed in sees the form again.
async function guarded(work, place = main) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SignedOutError) await leave(error.message);
    else if (error.name === "AbortError")
      place.replaceChildren(h("p", { role: "status" }, "Cancelled."));
    else place.replaceChildren(failure(error.message, error.details));
    return undefined;
  }
}

function failure(message, details = {}) {
  const rest = Object.entries(details).filter(([name]) => !["message", "code"].includes(name));
  return h(
    "div",
    { role: "alert" },
    h("p", { class: "error" }, details.code && `${details.code}: `, foreign(message)),
    rest.length > 0 &&
      h(
        "dl",
        { class: "facts" },
        rest.map(([name, value]) =>
          h(
            "div",
            {},
            h("dt", {}, name.replaceAll("_", " ")),
            h("dd", {}, foreign(typeof value === "string" ? value : JSON.stringify(value))),
          ),
        ),
      ),
  );
}

// What there is ----------------------------------------------------------------------------------

async function start() {
  const [tools, resources, templates, prompts] = await Promise.all([
    list("tools/list", "tools"),
    list("resources/list", "resources"),
    list("resources/templates/list", "resourceTemplates"),
    list("prompts/list", "prompts"),
  ]);
  Object.assign(state, { tools, resources, templates, prompts });
  const bar = h(
    "header",
    {},
    h("h1", {}, "Workbench"),
    h(
      "div",
      {},
      button("Dark or light", turn),
      " ",
      button("Sign out", () => leave()),
    ),
  );
  const skip = h(
    "a",
    {
      class: "visually-hidden",
      href: "#main",
      onclick: (event) => {
        event.preventDefault();
        main.focus();
      },
    },
    "Skip to the form",
  );
  document.body.replaceChildren(skip, bar, h("div", { class: "columns" }, nav, main));
  route();
}

function turn() {
  const root = document.documentElement;
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  themeChanged();
}

const isWrite = (tool) => tool.annotations?.readOnlyHint === false;
const pages = () => [
  ...new Set(state.tools.map((tool) => tool._meta?.[PICTURE]?.page).filter(Boolean)),
];

// A tool stands under the first of its groups; those without one under what they do.
function headingOf(tool) {
  const [group] = tool._meta?.[GROUPS] ?? [];
  if (group) return `Tools: ${group.replaceAll("_", " ")}`;
  return isWrite(tool) ? "Tools that write" : "Tools that read";
}

function showNav() {
  const search = nav.querySelector("input")?.value.toLowerCase() ?? "";
  const matches = (each) =>
    `${each.title ?? ""} ${each.name} ${each.description ?? ""}`.toLowerCase().includes(search);
  const groups = {
    Pages: pages().map((name) => ({ href: `#pages/${encodeURIComponent(name)}`, name })),
    ...Object.groupBy(
      state.tools.map((tool) => ({ href: `#tools/${tool.name}`, ...tool })),
      headingOf,
    ),
    Resources: state.resources.map((each) => ({
      href: `#resources/${encodeURIComponent(each.uri)}`,
      ...each,
    })),
    "Resources by name": state.templates.map((each) => ({
      href: `#templates/${encodeURIComponent(each.uriTemplate)}`,
      ...each,
    })),
    Prompts: state.prompts.map((each) => ({ href: `#prompts/${each.name}`, ...each })),
  };
  const lists = Object.entries(groups).flatMap(([title, entries]) => {
    const found = entries.filter(matches);
    return found.length === 0
      ? []
      : [
          h("h2", {}, title),
          h(
            "ul",
            { "aria-label": title },
            found.map((each) =>
              h(
                "li",
                {},
                h(
                  "a",
                  { href: each.href, "aria-current": each.href === location.hash && "page" },
                  each.title ?? each.name,
                ),
              ),
            ),
          ),
        ];
  });
  if (!nav.firstChild) {
    nav.append(
      h("input", {
        type: "search",
        "aria-label": "Search",
        placeholder: "Search",
        oninput: showNav,
      }),
      h("div"),
    );
  }
  nav.lastChild.replaceChildren(...lists);
}

async function route() {
  showNav();
  main.replaceChildren(
    h(
      "p",
      { class: "empty" },
      state.tools.length ? "Choose what to call." : "There is nothing that you may call.",
    ),
  );
  const [, kind, name] = /^#(\w+)\/([^?]*)/.exec(location.hash) ?? [];
  const given = followed;
  followed = null;
  const find = (entries, key) => entries.find((each) => each[key] === decodeURIComponent(name));
  const shows = {
    tools: () => showTool(find(state.tools, "name"), given),
    pages: () => showPage(decodeURIComponent(name)),
    resources: () => showResource(find(state.resources, "uri")),
    templates: () => showTemplate(find(state.templates, "uriTemplate")),
    prompts: () => showPrompt(find(state.prompts, "name")),
  };
  await guarded(async () => shows[kind]?.());
}

const missing = () =>
  main.replaceChildren(
    h("p", { role: "alert", class: "error" }, "There is no such thing here, or none for you."),
  );

// Tools ------------------------------------------------------------------------------------------

// Follow a link of a picture. Its arguments are not in the address, so that no page of others makes
// a call by an address.
function openTool(name, given) {
  followed = given;
  if (location.hash === `#tools/${name}`) route();
  else location.hash = `#tools/${name}`;
}

function showTool(tool, given) {
  if (!tool) return missing();
  const writes = isWrite(tool);
  const canPreview = writes && "dry_run" in (tool.inputSchema.properties ?? {});
  // there is a button for each; and no way to a file, which is for a credential
  const without = [
    canPreview && "dry_run",
    tool.inputSchema.properties?.page_size && "cursor",
    tool.inputSchema.properties?.export?.enum && "export",
  ];
  const fields = fieldsOf(tool.inputSchema, { without, order: tool._meta?.[ARGUMENTS] });
  const answer = h("div", { class: "answer", "aria-live": "polite" });
  fields.fill(given ?? {});

  let made = null; // the arguments of the last call that went well, until the form changes
  // what was not run is copied as a dry run
  const toCopy = () => made ?? { ...fields.soFar(), ...(canPreview && { dry_run: true }) };
  const hint = canPreview && "A dry run, until this call has changed data here.";
  const copy = copies(tool, toCopy, hint);

  async function run(extra = {}) {
    const values = fields.values();
    if (!values) return;
    const sent = { ...values, ...extra };
    const isDone = await callTool(tool, sent, fields, answer);
    made = isDone ? sent : null;
    copy.update();
  }
  async function write() {
    if (fields.values() && (await confirmed(tool))) await run(canPreview ? { dry_run: false } : {});
  }
  const actions = writes
    ? [
        canPreview && button("Dry run: show what would change", () => run({ dry_run: true })),
        h("button", { class: "danger" }, "Run and change data…"),
      ]
    : [h("button", { class: "primary" }, "Run")];
  const form = h(
    "form",
    { novalidate: true },
    fields.element,
    h("div", { class: "actions" }, actions),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    return writes ? write() : run();
  });
  form.addEventListener("input", () => {
    made = null;
    copy.update();
  });
  main.replaceChildren(
    h("h2", {}, foreign(tool.title ?? tool.name)),
    h("p", { class: "description" }, foreign(tool.description ?? "")),
    form,
    copy.element,
    answer,
  );
  if (given && !writes) run();
  return undefined;
}

function confirmed(tool) {
  const dialog = h("dialog", { "aria-labelledby": "confirm-title" });
  return new Promise((resolve) => {
    const end = (value) => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    dialog.append(
      h("h2", { id: "confirm-title" }, `Run ${tool.title ?? tool.name}?`),
      h(
        "p",
        {},
        "This changes data.",
        tool.annotations?.destructiveHint && " It cannot be undone here.",
      ),
      h(
        "div",
        { class: "actions" },
        button("Cancel", () => end(false), { autofocus: true }),
        button("Change data", () => end(true), { class: "danger" }),
      ),
    );
    dialog.addEventListener("cancel", () => end(false));
    document.body.append(dialog);
    dialog.showModal();
  });
}

// What a tool asks before it goes on: a form of its own, answered, declined or left.
function ask(question) {
  const schema = question.requestedSchema ?? { properties: {} };
  const fields = fieldsOf(schema);
  const dialog = h("dialog", { "aria-label": "A question" });
  return new Promise((resolve) => {
    const end = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const send = () => {
      const content = fields.values();
      if (content) end({ action: "accept", content });
    };
    dialog.append(
      h("p", {}, foreign(question.message)),
      h("form", {}, fields.element),
      h(
        "div",
        { class: "actions" },
        button("Decline", () => end({ action: "decline" })),
        button("Send", send, { class: "primary" }),
      ),
    );
    dialog.addEventListener("cancel", () => end({ action: "cancel" }));
    document.body.append(dialog);
    dialog.showModal();
  });
}

function textOf(answer) {
  return answer.content?.find((block) => block.type === "text")?.text;
}

function valueOf(answer) {
  try {
    return parse(textOf(answer));
  } catch {
    return answer.structuredContent;
  }
}

// Call a tool and show its answer; true where it went well.
async function callTool(tool, given, fields, place) {
  const control = new AbortController();
  const began = performance.now();
  place.replaceChildren(
    h(
      "p",
      { role: "status" },
      "Running. ",
      button("Cancel", () => control.abort()),
    ),
  );
  return guarded(async () => {
    const params = { name: tool.name, arguments: given };
    const answer = await converse("tools/call", params, ask, control);
    const facts = h(
      "p",
      { class: "foot" },
      `${Math.round(performance.now() - began)} ms`,
      given.dry_run === true && ", dry run: nothing was changed",
      `, request ${requestIds.get(answer)}`,
    );
    if (answer.isError) {
      const details = readError(answer);
      place.replaceChildren(failure(details.message, details), facts);
      fields?.fail(details.field, details.message);
    } else {
      place.replaceChildren(drawn(tool, answer, given), facts);
      if (given.dry_run !== true) fields?.renew();
    }
    return !answer.isError;
  }, place);
}

function readError(answer) {
  try {
    return parse(textOf(answer));
  } catch {
    return { message: textOf(answer) ?? "The call failed." };
  }
}

function drawn(tool, answer, given) {
  const value = valueOf(answer);
  if (value === undefined) return h("div", {}, answer.content.map(block));
  const more = async (cursor) => {
    const page = await request("tools/call", { name: tool.name, arguments: { ...given, cursor } });
    if (page.isError) throw new Error(readError(page).message);
    return valueOf(page);
  };
  return result({
    value,
    picture: tool._meta?.[PICTURE],
    name: tool.title ?? tool.name,
    open: openTool,
    more,
  });
}

// One block of content, of a tool that makes its own, a prompt or a resource.
function block(each) {
  if (each.type === "image")
    return h("img", { src: `data:${each.mimeType};base64,${each.data}`, alt: "" });
  if (each.type === "text") return h("pre", {}, each.text);
  return h("pre", {}, JSON.stringify(each, null, 2));
}

// A call as others write it: given() says its arguments, and update() that they changed.
function copies(tool, given, hint) {
  const text = h("textarea", {
    readonly: true,
    rows: "8",
    "aria-label": "The call as text",
    spellcheck: "false",
  });
  const told = h("span", { role: "status" });
  let write = Object.values(COPIES)[0];
  const show = () => {
    text.value = write(tool.name, given());
    told.textContent = "";
  };
  const buttons = Object.entries(COPIES).map(([name, each]) =>
    button(
      name,
      (event) => {
        write = each;
        for (const other of buttons)
          other.setAttribute("aria-pressed", String(other === event.target));
        show();
      },
      { "aria-pressed": String(each === write) },
    ),
  );
  async function copy() {
    show();
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
      told.textContent = "Copied.";
    } catch {
      told.textContent = "Selected: copy it with the keyboard.";
    }
  }
  const details = h(
    "details",
    {},
    h("summary", {}, "Copy as a client call"),
    h("div", { class: "tabs" }, buttons),
    text,
    hint && h("p", { class: "hint" }, hint),
    h("p", {}, button("Copy", copy), " ", told),
  );
  details.addEventListener("toggle", show);
  return { element: details, update: () => details.open && show() };
}

// Pages: the tools that belong together, each with its defaults -----------------------------------

async function showPage(name) {
  const tools = state.tools.filter((tool) => tool._meta?.[PICTURE]?.page === name);
  if (tools.length === 0) return missing();
  const parts = tools.map((tool) => ({ tool, place: h("div") }));
  main.replaceChildren(
    h("h2", {}, name),
    button("Load again", () => route()),
    ...parts.map(({ tool, place }) =>
      h(
        "section",
        { class: "page-part", "aria-label": tool.title ?? tool.name },
        h("h3", {}, h("a", { href: `#tools/${tool.name}` }, tool.title ?? tool.name)),
        place,
      ),
    ),
  );
  await Promise.all(parts.map(({ tool, place }) => callTool(tool, {}, null, place)));
  return undefined;
}

// Resources and prompts --------------------------------------------------------------------------

function contents({ uri, mimeType, text, blob }) {
  if (blob !== undefined) {
    return mimeType?.startsWith("image/")
      ? block({ type: "image", mimeType, data: blob })
      : h("p", {}, `${uri}: ${mimeType}, ${blob.length} characters of base64`);
  }
  if (mimeType === "application/json") {
    const value = parse(text);
    if (value !== null && typeof value === "object") return result({ value, name: uri });
  }
  return h("pre", {}, text);
}

async function readInto(place, uri) {
  place.replaceChildren(h("p", { role: "status" }, "Reading."));
  await guarded(async () => {
    const answer = await request("resources/read", { uri });
    place.replaceChildren(...answer.contents.map(contents));
  }, place);
}

function described(each) {
  return [
    h("h2", {}, foreign(each.title ?? each.name)),
    h("p", { class: "description" }, foreign(each.description ?? "")),
    h("p", { class: "hint" }, each.uri ?? each.uriTemplate ?? ""),
  ];
}

async function showResource(resource) {
  if (!resource) return missing();
  const answer = h("div", { class: "answer" });
  main.replaceChildren(...described(resource), answer);
  return readInto(answer, resource.uri);
}

function completing(ref, name) {
  return async (argument, value) =>
    (
      await request("completion/complete", {
        ref: { ...ref, ...name },
        argument: { name: argument, value },
      })
    ).completion.values;
}

function showTemplate(template) {
  if (!template) return missing();
  const variables = [...template.uriTemplate.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const schema = {
    properties: Object.fromEntries(variables.map((name) => [name, { type: "string" }])),
    required: variables,
  };
  const fields = fieldsOf(schema, {
    complete: completing({ type: "ref/resource" }, { uri: template.uriTemplate }),
  });
  const answer = h("div", { class: "answer" });
  const form = h(
    "form",
    { novalidate: true },
    fields.element,
    h("button", { class: "primary" }, "Read"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = fields.values();
    if (values)
      readInto(
        answer,
        template.uriTemplate.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name])),
      );
  });
  main.replaceChildren(...described(template), form, answer);
  return undefined;
}

function showPrompt(prompt) {
  if (!prompt) return missing();
  const entries = prompt.arguments ?? [];
  const schema = {
    properties: Object.fromEntries(
      entries.map(({ name, description }) => [name, { type: "string", description }]),
    ),
    required: entries.filter((each) => each.required).map((each) => each.name),
  };
  const fields = fieldsOf(schema, {
    complete: completing({ type: "ref/prompt" }, { name: prompt.name }),
  });
  const answer = h("div", { class: "answer" });
  const form = h(
    "form",
    { novalidate: true },
    fields.element,
    h("button", { class: "primary" }, "Show the prompt"),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = fields.values();
    if (!values) return;
    await guarded(async () => {
      const got = await converse("prompts/get", { name: prompt.name, arguments: values }, ask);
      answer.replaceChildren(
        ...got.messages.map(({ role, content }) =>
          h("section", {}, h("h3", {}, role), block(content)),
        ),
      );
    }, answer);
  });
  main.replaceChildren(...described(prompt), form, answer);
  return undefined;
}

// ------------------------------------------------------------------------------------------------

if (matchMedia("(prefers-color-scheme: dark)").matches)
  document.documentElement.dataset.theme = "dark";
window.addEventListener("hashchange", () => route());
const reason = new URLSearchParams(location.search).get("sign_in");
if (reason !== null) history.replaceState(null, "", `/${location.hash}`);
session()
  .then(({ signedIn, provider }) => {
    hasProvider = provider;
    return signedIn ? start() : showSignIn(NOT_SIGNED_IN[reason]);
  })
  .catch((error) => showSignIn(error.message));
