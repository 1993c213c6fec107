// How a file will be read: its first rows under the table's columns, and what can be chosen about that.

import { split } from "../csv.js";
import { element, problem } from "../dom.js";
import { DELIMITERS, ENCODINGS, HEADERS, wordsOf } from "./options.js";
import { sentence } from "./words.js";

const ROWS_SHOWN = 8;
const CHOSEN_ABOVE = ["delimiter", "encoding", "header", "columns"];

// Return what to show of what the service said of a file's start.
export function drawPreview(file) {
  const { found } = file;
  if (found.message) return [problem(found.message)];
  return [
    element("h3", { tabindex: "-1" }, "How it will be read"),
    found.rows.length ? choices(file) : null,
    found.problem ? problem(sentence(found.problem)) : null,
    hints(file),
    found.rows.length ? rows(file) : null,
    found.rows.length ? command() : null,
  ].filter(Boolean);
}

// The file's form: what was found, unless something else is chosen.
function choices(file) {
  const { dialect } = file.found;
  const found = dialect ?? {};
  const header = typeof found.header === "number" ? `line ${found.header}` : HEADERS[found.header];
  const name = Object.entries(DELIMITERS).find(([value]) => value === (found.delimiter === "\t" ? "tab" : found.delimiter))?.[1];
  return element("div", { class: "choices" },
    choice(file, "delimiter", "Delimiter", name, DELIMITERS),
    choice(file, "encoding", "Encoding", found.encoding, Object.fromEntries(ENCODINGS.map((encoding) => [encoding, encoding]))),
    choice(file, "header", "First record", header, HEADERS),
    Object.entries(file.reading).filter(([option]) => !CHOSEN_ABOVE.includes(option)).map(([option, value]) => chip(file, option, wordsOf({ [option]: value }))));
}

// What was chosen by a hint, and can be taken back.
function chip(file, option, words) {
  return element("button", { type: "button", class: "chip", "aria-label": `Take back: ${words}`, onclick: () => file.read({ [option]: "" }) }, `${words} ×`);
}

function choice(file, option, label, found, values) {
  const chosen = file.reading[option] ?? "";
  const all = { "": found && !chosen ? `found: ${found}` : "find it", ...(chosen && !values[chosen] ? { [chosen]: option === "header" ? `line ${chosen}` : chosen } : {}), ...values };
  const select = element("select", { "data-keep": option, onchange: () => file.read({ [option]: select.value, columns: "" }) },
    Object.entries(all).map(([value, words]) => element("option", { value, selected: value === chosen }, words)));
  return element("label", {}, label, select);
}

function hints(file) {
  const { hints: found, tables } = file.found;
  if (!found.length) return null;
  return element("div", {}, element("p", {}, "Seen at the start of the file:"), element("ul", { class: "hints" }, found.map((hint) => hintItem(file, hint, tables))));
}

// What the service noticed about a file, with a button that does what it says.
export function hintItem(file, { sentence, options }, tables = []) {
  const table = tables.find((name) => sentence.endsWith(` ${name}`));
  const words = Object.keys(options).length ? wordsOf(options) : table ? `Load it into ${table}` : null;
  return element("li", {}, `${sentence[0].toUpperCase()}${sentence.slice(1)}. `,
    words ? element("button", { type: "button", onclick: () => file.follow({ table, options }) }, words) : null);
}

// The first rows under the columns that have a field, each with that; behind them the fields that are left out.
function rows(file) {
  const { found } = file;
  const table = file.tables.find((one) => one.name === file.table);
  const fields = file.fields ?? fieldsOf(found, table);
  const placeOf = ({ name }) => fields.findIndex((field) => field.column === name);
  const choose = (column) => source(file, table, fields, column.name, placeOf(column));
  const columns = table?.columns.filter((column) => placeOf(column) >= 0) ?? [];
  const empty = table?.columns.filter((column) => placeOf(column) < 0) ?? [];
  const places = columns.map(placeOf);
  const leftOut = [...fields.keys()].filter((place) => !places.includes(place));
  const shown = found.rows.slice(0, ROWS_SHOWN);
  const why = shown.some((row) => row.fault);
  return element("div", {},
    empty.length ? withoutField(empty, choose) : null,
    element("div", { class: "sideways", tabindex: "0", role: "region", "aria-label": `The first rows of ${file.file.name}` },
      element("table", {},
        element("caption", {}, `${shown.length === 1 ? "The first row" : `The first ${shown.length} rows`} ${found.problem ? "as they stand in the file" : "as they are read"}`),
        element("thead", {},
          element("tr", {}, head("Line"), why ? head("Why it is refused") : null, columns.map(({ name }) => head(name)), leftOut.map((place) => element("th", { scope: "col", class: "left-out" }, `${nameOf(fields, place)} (left out)`))),
          columns.length ? element("tr", { class: "sources" }, element("td", {}, "from"), why ? element("td") : null, columns.map((column) => element("td", {}, choose(column))), leftOut.map(() => element("td"))) : null),
        element("tbody", {}, shown.map((row) => line(row, found.dialect, columns.map(({ name }) => name), places, leftOut, why))))));
}

// The columns that no field goes into, each with the choice of one.
function withoutField(columns, choose) {
  const needed = columns.filter((column) => column.required).map((column) => column.name);
  return element("div", { role: "group", "aria-label": "Columns without a field" },
    element("p", { role: "status" }, needed.length ? `Choose the field that goes into each column. Required: ${needed.join(", ")}.` : "No field goes into these columns: they stay empty."),
    element("div", { class: "choices" }, columns.map((column) => element("label", {}, `${column.name} from`, choose(column)))));
}

function head(words) {
  return element("th", { scope: "col" }, words);
}

function nameOf(fields, place) {
  return fields[place].name || `field ${place + 1}`;
}

// Each field of a record with its name, if it has one, and the column that it goes into.
function fieldsOf({ columns, rows }, table) {
  if (columns.length) return columns;
  const width = Math.max(...rows.map((row) => row.fields.length));
  const names = Array.from({ length: width }, (_, place) => rows[0].fields[place] ?? "");
  const plain = (name) => name.toLowerCase().replace(/[^a-z0-9]/g, "");
  const taken = new Set();
  return names.map((name) => {
    const column = table?.columns.find((one) => plain(one.name) === plain(name) && !taken.has(one.name))?.name ?? null;
    taken.add(column);
    return { name, column };
  });
}

// The choice of the field that goes into a column.
function source(file, table, fields, column, chosen) {
  const choose = (event) => {
    const place = event.target.value === "" ? -1 : Number(event.target.value);
    const its = (field, other) => other === place ? column : field.column === column ? null : field.column;
    file.mapFields(fields.map((field, other) => ({ ...field, column: its(field, other) })), table);
  };
  return element("select", { "aria-label": `Field for ${column}`, "data-keep": `column ${column}`, onchange: choose },
    element("option", { value: "", selected: chosen < 0 }, "none"),
    fields.map((_, place) => element("option", { value: place, selected: place === chosen }, nameOf(fields, place))));
}

function line({ line: number, fields: sent, values, fault }, dialect, columns, places, leftOut, why) {
  const fields = fault && sent.length === 1 && dialect ? split(sent[0], dialect.delimiter) : sent; // it came whole
  const cells = columns.map((column, place) => {
    if (values) return element("td", { class: values[column] === null ? "empty" : null }, values[column] === null ? "empty" : String(values[column]));
    const text = fields[places[place]] ?? "";
    return element("td", {}, fault?.column === column ? element("mark", {}, text || "(empty)") : text);
  });
  return element("tr", { class: fault ? "refused" : null }, element("td", {}, String(number)),
    why ? element("td", { class: "why" }, fault?.reason ?? "") : null, cells,
    leftOut.map((place) => element("td", { class: "left-out" }, fields[place] ?? "")));
}

function command() {
  const code = element("code");
  const copy = async () => {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  };
  const button = element("button", { type: "button", onclick: copy }, "Copy");
  return element("p", { class: "command" }, "The same as a command: ", code, " ", button);
}
