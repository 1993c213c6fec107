// The refused rows of a file, by what is wrong with them.

import { records, split } from "../csv.js";
import { count, element, number, table, warn } from "../dom.js";
import { download, getText } from "../service.js";

const CHARS_SHOWN = 150;

// Return what to show of an account's refused rows: the first of each reason, the others of those in it on demand.
export async function refused(answer, dialect, whatToDo) {
  const isAll = answer.rejects.length >= answer.rejected;
  const counted = isAll ? null : await countedReasons(answer, dialect.delimiter).catch(() => null);
  const groups = grouped(answer.rejects);
  const all = count(answer.rejected, "refused row");
  const name = `rejects-${answer.upload_id}.csv`;
  const save = () => download(`/uploads/${answer.upload_id}/rejects.csv`, name).catch((error) => warn(error.message));
  return element("div", { class: "rejects" },
    element("h4", {}, groups.size ? `${all}, by what is wrong` : `${all}.`),
    Array.from(groups, ([reason, rejects]) => group(reason, rejects, counted ? counted.get(reason) : isAll ? rejects.length : null, dialect)),
    rest(groups, counted),
    element("p", {}, element("button", { type: "button", onclick: save }, `Download ${name}`), ` It has all of them. ${whatToDo}`));
}

function reasonOf(column, code) {
  return `${column || "the whole record"}: ${code.replaceAll("_", " ")}`;
}

function grouped(rejects) {
  const groups = new Map();
  for (const reject of rejects) {
    const reason = reasonOf(reject.column, reject.code);
    groups.set(reason, [...groups.get(reason) ?? [], reject]);
  }
  return groups;
}

function group(reason, rejects, most, dialect) {
  const lines = (some) => table(`${reason}`, ["Line", "Why", "Record"], some.map((reject) => [String(reject.line), reject.reason, marked(reject, dialect)]));
  const [first, ...others] = rejects;
  const title = most === null ? `${reason}, ${number(rejects.length)} of those shown` : `${reason}, ${count(most, "row")}`;
  const more = others.length && element("details", {}, element("summary", {}, `Show ${number(others.length)} more${most > rejects.length ? ` of ${number(most - 1)}` : ""}`), lines(others));
  return element("section", { "aria-label": title }, element("h5", {}, title), lines([first]), more || null);
}

// Reasons of which the account shows no row.
function rest(groups, counted) {
  const others = counted ? [...counted].filter(([reason]) => !groups.has(reason)) : [];
  return others.length ? element("ul", {}, others.map(([reason, rows]) => element("li", {}, `${reason}, ${count(rows, "row")}`))) : null;
}

// How many refused rows have which reason, by the file that has all of them.
async function countedReasons(answer, delimiter) {
  const text = await getText(`/uploads/${answer.upload_id}/rejects.csv`);
  const [heads, ...rejects] = records(text, delimiter);
  const counts = new Map();
  for (const reject of rejects) {
    const reason = reasonOf(reject[heads.indexOf("_column")], reject[heads.indexOf("_code")]);
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return counts;
}

// The record with the field at fault marked, where it can be told, and no more around it than can be read.
function marked(reject, { columns, delimiter }) {
  // A number stands for so many fields of no column.
  const names = columns?.flatMap((name) => typeof name === "number" ? Array(name).fill("_") : name);
  const place = names ? names.indexOf(reject.column) : -1;
  const fields = split(reject.record, delimiter);
  if (place < 0 || place >= fields.length) return element("code", {}, end(reject.record, 2 * CHARS_SHOWN));
  const before = fields.slice(0, place).map((field) => field + delimiter).join("");
  const after = fields.slice(place + 1).map((field) => delimiter + field).join("");
  return element("code", {},
    before.length > CHARS_SHOWN ? `…${before.slice(-CHARS_SHOWN)}` : before,
    element("mark", {}, end(fields[place], CHARS_SHOWN) || "(empty)"),
    end(after, CHARS_SHOWN));
}

function end(text, most) {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
