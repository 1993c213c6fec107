// How a file is read, as options of an upload: in words, and as a command.

import { MOUNT, hasToken } from "../service.js";

export const DELIMITERS = { ",": "comma ,", ";": "semicolon ;", tab: "tab", "|": "pipe |" };
export const ENCODINGS = ["utf-8", "utf-16", "cp1252", "latin-1", "iso-8859-15", "mac-roman"];
export const HEADERS = { true: "a header", false: "data", skip: "to be passed over" };

// What is to become of the rows, in words.
const CHOSEN = {
  strict: () => "strict",
  atomic: () => "atomic",
  dry_run: () => "dry run",
  on_conflict: (value) => value === "update" ? "stored rows are updated" : "other content is refused",
};

const WORDS = {
  encoding: (value) => `Read it as ${value}`,
  delimiter: (value) => `Part the fields at ${DELIMITERS[value] ?? value}`,
  columns: () => "Use these columns",
  header: (value) => HEADERS[value] ? `Take the first record as ${HEADERS[value]}` : `Take line ${value} as the header`,
  extra: () => "Pass over the other columns",
  nulls: (value) => `Read ${value.split(",").filter((word) => word !== "\\N").join(" and ")} as empty`,
  dates: (value) => value.startsWith("unix") ? "Read the dates as seconds since 1970" : `Read the dates as ${[...value].map((letter) => ({ d: "day", m: "month", y: "year" })[letter]).join(", ")}`,
  decimal: (value) => `Take a decimal ${value}`,
  escape: () => "Read \\n, \\t and \\\\ as escapes",
};

// "Read it as cp1252, part the fields at semicolon ;"
export function wordsOf(options) {
  const all = Object.entries(options).map(([name, value]) => WORDS[name]?.(value) ?? `Use ${name}=${value}`);
  return all.map((words, place) => place ? words[0].toLowerCase() + words.slice(1) : words).join(", ");
}

// "Options: strict, dry run"
export function chosenOf(options) {
  const all = Object.entries(options).map(([name, value]) => CHOSEN[name](value));
  return all.length ? `Options: ${all.join(", ")}` : "Options";
}

// The command that sends a file with these options.
export function commandOf(fileName, table, options) {
  const query = new URLSearchParams(Object.entries(options).filter(([, value]) => value));
  const url = `${location.origin}${MOUNT}/upload/${encodeURIComponent(table || "TABLE")}${query.size ? `?${String(query).replaceAll("%2C", ",")}` : ""}`;
  const token = hasToken() ? '-H "Authorization: Bearer $API_TOKEN" ' : "";
  return `curl ${token}-F ${quoted(`file=@"${fileName.replace(/["\\]/g, "\\$&")}"`)} ${quoted(url)}`;
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
