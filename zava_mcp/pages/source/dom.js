// Elements, made from text alone: nothing here reads HTML.

export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (key === "value") element.value = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(
    ...children
      .flat(Infinity)
      .filter((child) => child !== undefined && child !== null && child !== false),
  );
  return element;
}

export function button(text, onclick, properties = {}) {
  return h("button", { type: "button", ...properties, onclick }, text);
}

// Text that came from rows: in a direction of its own, so that it turns nothing around it.
export function foreign(text) {
  return h("bdi", {}, text);
}
