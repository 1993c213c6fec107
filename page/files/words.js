// What is said of a file in its line.

import { element, number } from "../dom.js";

// Whether the file may be loaded once it is read in another way.
export function canFit(found) {
  return !found.problem || found.rows.length > 0 || found.hints.length > 0;
}

// What is wrong with a file as a whole, as a sentence.
export function sentence({ code, detail }) {
  if (code === "no_table_fits") return "The file fits no table as it is. Choose its table above to see how it would be read into that.";
  return `${detail[0].toUpperCase()}${detail.slice(1)}${/[.?]$/.test(detail) ? "" : "."}`;
}

// The names of the columns that no field goes into.
function missing(found, columns) {
  return columns.map((column) => column.name).filter((name) => !found.columns.some((field) => field.column === name));
}

const NOT_READY = {
  header_mismatch: "its first records do not fit the table",
  no_table_fits: "it fits no table as it is",
};

// What the preview says in a few words.
export function verdict(found, columns) {
  const { table, tables, problem, rows, message } = found;
  if (message) return message;
  if (!table && tables.length > 1) return `It fits ${tables.join(" and ")} alike: choose one.`;
  if (problem) return element("span", { class: "bad" }, canFit(found) ? `Not ready: ${NOT_READY[problem.code] ?? problem.detail}.` : `Cannot be loaded: ${problem.detail}.`);
  const bad = rows.filter((row) => row.fault).length;
  if (bad) return element("span", { class: "bad" }, `${number(bad)} of the first ${number(rows.length)} rows would be refused.`);
  const empty = found.columns.length ? missing(found, columns) : [];
  const fit = rows.length === 1 ? "The first row fits" : `The first ${number(rows.length)} rows fit`;
  return empty.length ? `${fit}; ${empty.join(", ")} ${empty.length === 1 ? "stays" : "stay"} empty.` : `${fit}.`;
}

// What the answer to an upload says in a few words.
export function wordsAbout(answer, isStored, isDry) {
  if (!answer.read) return `Not loaded. ${sentence(answer)}`;
  if (answer.rejected === answer.read && !isStored) return `${isDry ? "Dry run" : "Not loaded"}: all ${number(answer.read)} rows would be refused.`;
  const parts = [[answer.inserted, isStored ? "stored" : "could be stored"], [answer.updated, isStored ? "updated" : "could be updated"], [answer.skipped, "skipped"], [answer.rejected, "refused"]]
    .filter(([value], place) => value || place === 0).map(([value, words]) => `${number(value)} ${words}`);
  return `${isDry ? "Dry run: " : isStored ? "" : "Not loaded: "}${parts.join(", ")}.`;
}

// The size of a file, such as 1.2 MB.
export function size(bytes) {
  const unit = bytes < 1000 ? "byte" : bytes < 1e6 ? "kilobyte" : "megabyte";
  const value = bytes / { byte: 1, kilobyte: 1e3, megabyte: 1e6 }[unit];
  return new Intl.NumberFormat("en", { style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short", maximumFractionDigits: 1 }).format(value);
}
