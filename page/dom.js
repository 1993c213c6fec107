// Elements of the page, made from what they hold. Text is always text, never markup.

const TIMESTAMP = /^\d{4}-\d\d-\d\dT/;
const numbers = new Intl.NumberFormat("en");

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) made.style.setProperty(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  // One by one: a call takes no more than some 100,000 arguments.
  for (const child of children.flat()) if (child != null) made.append(child);
  return made;
}

// Let elements appear in their order, each once it and those before it are filled: what is seen does not move.
export async function appear(filled) {
  for (const [place, work] of filled) {
    await work;
    place.hidden = false;
  }
}

export function number(value) {
  return numbers.format(value);
}

// "1 row", "2 rows"
export function count(value, thing) {
  return `${number(value)} ${thing}${value === 1 ? "" : "s"}`;
}

// A number in a table, with separators: the column stands at the right.
export function counted(value) {
  return element("span", { class: "counted" }, number(value));
}

// The counts of an upload beside each other, and as lengths.
export function counts(answer, isUndone, undone = "could be stored") {
  const all = [["stored", answer.inserted], ["updated", answer.updated], ["skipped", answer.skipped], ["refused", answer.rejected]]
    .filter(([kind, value]) => value || kind !== "updated");
  const name = (kind) => kind === "stored" && isUndone ? undone : kind;
  return element("div", { class: isUndone ? "counts undone" : "counts" },
    element("div", { class: "bar", "aria-hidden": "true" },
      all.map(([kind, value]) => value ? element("span", { class: kind, "--part": value }) : null)),
    element("dl", {}, all.map(([kind, value]) =>
      element("div", { class: value ? kind : null }, element("dt", {}, name(kind)), element("dd", {}, number(value))))));
}

// A table of rows of cells, each text, a number or an element. Columns of numbers stand at the right. On a phone each
// row is a list of its cells with their heads, for which the roles say what it still is.
export function table(caption, heads, rows) {
  const kind = (place) => ({ class: rows.some((row) => typeof row[place] === "number" || row[place]?.className === "counted") ? "number" : null });
  const head = (name, place) => element("th", { scope: "col", role: "columnheader", ...kind(place) }, name);
  const cell = (value, place) => element("td", { role: "cell", "data-head": heads[place], ...kind(place) }, element("span", { class: TIMESTAMP.test(value) ? "whole" : null }, text(value)));
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    element("table", { role: "table" },
      element("caption", {}, caption),
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, heads.map(head))),
      element("tbody", { role: "rowgroup" }, rows.map((row) => element("tr", { role: "row" }, row.map(cell))))));
}

export function problem(sentence) {
  return element("p", { class: "problem", role: "alert" }, sentence);
}

// Say what is on the page to who does not see it.
export function say(sentence) {
  document.querySelector("#status").textContent = sentence;
}

// Show what went wrong beside any file.
export function warn(sentence) {
  document.querySelector("#warnings").prepend(problem(sentence));
}

function text(value) {
  return typeof value === "number" ? String(value) : value ?? "";
}
