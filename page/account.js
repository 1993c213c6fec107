// The account of an upload, in words and numbers: what became of every row of the file.

import { count, element, number, problem, table, warn } from "./dom.js";
import { download, get } from "./service.js";

const IDS_SHOWN = 1000;
const IDS_IN_ANSWER = 10_000;  // the others are in ids.csv
const CHARS_SHOWN = 150;

// Return what to show of an answer to an upload with these options; its heading can take the focus.
export async function showAccount(fileName, tableName, options, status, answer) {
  const heading = element("h3", { tabindex: "-1" }, `${fileName} into ${tableName}`);
  if (!answer.upload_id) return element("article", {}, heading, problem(answer.detail));
  const upload = await get(`/uploads/${answer.upload_id}`).catch(() => ({ dialect: {} }));
  const isUndone = Boolean(answer.dry_run || (options.atomic && status !== 200));
  return element("article", {},
    heading,
    status === 200 ? null : problem(answer.detail),
    answer.read ? element("p", { class: "words" }, words(answer, isUndone)) : null,
    answer.read ? counts(answer, isUndone) : null,
    answer.hints?.length ? hints(answer.hints) : null,
    answer.rejected ? refused(answer, upload.dialect, advice(fileName, answer, isUndone, upload.status !== "stopped" && status < 500)) : null,
    answer.skipped ? skipped(answer) : null);
}

// What the file says about the next try, with the options of an upload that would take it.
function hints(found) {
  return element("ul", { class: "hints" }, found.map(({ sentence, options }) => element("li", {},
    sentence,
    Object.entries(options).map(([name, value]) => [" ", element("code", {}, `${name}=${value}`)]).flat())));
}

function words(answer, isUndone) {
  const parts = [`${number(answer.inserted)} ${isUndone ? "could be stored" : "stored"}`];
  if (answer.updated) parts.push(`${number(answer.updated)} ${isUndone ? "could update" : "updated"} a stored row`);
  if (answer.skipped) parts.push(`${number(answer.skipped)} skipped, whose ids were there already or came before in the file${conflicts(answer)}`);
  if (answer.rejected) parts.push(`${number(answer.rejected)} refused`);
  const intro = answer.dry_run ? "A dry run: nothing is stored. " : isUndone ? "Nothing is stored, as the load was atomic. " : "";
  return `${intro}Of ${count(answer.read, "row")}: ${parts.join("; ")}.`;
}

function conflicts(answer) {
  const shown = answer.conflicts_counted ?? answer.conflicts.length;
  const isAll = "conflicts_counted" in answer || shown < IDS_IN_ANSWER;
  return shown ? ` (${number(shown)}${isAll ? "" : " or more"} with other values than the stored row, which stays)` : "";
}

// What to do about refused rows: their file alone is enough only where all the others are stored.
function advice(fileName, answer, isUndone, isRead) {
  if (isUndone) return `They have to be corrected in ${fileName} itself, since nothing of it is stored.`;
  if (isRead) return "Correct them in that file, and send it.";
  return `The load ended after ${count(answer.read, "row")}, and the others were not read: send ${fileName} again, once it is corrected. What is stored is skipped.`;
}

// The counts beside each other, and as lengths.
function counts(answer, isUndone) {
  const all = [["stored", answer.inserted], ["updated", answer.updated], ["skipped", answer.skipped], ["refused", answer.rejected]]
    .filter(([kind, value]) => value || kind !== "updated");
  const name = (kind) => kind === "stored" && isUndone ? "could be stored" : kind;
  return element("div", { class: isUndone ? "counts undone" : "counts" },
    element("div", { class: "bar", "aria-hidden": "true" },
      all.map(([kind, value]) => value ? element("span", { class: kind, "--part": value }) : null)),
    element("dl", {}, all.map(([kind, value]) =>
      element("div", { class: value ? kind : null }, element("dt", {}, name(kind)), element("dd", {}, number(value))))));
}

function refused(answer, dialect, whatToDo) {
  const rows = answer.rejects.map((reject) => [
    reject.line, reject.column ?? "the whole record", reject.reason, marked(reject, dialect),
  ]);
  const all = count(answer.rejected, "refused row");
  const shown = answer.rejects.length < answer.rejected ? `The first ${answer.rejects.length} of ${all}` : all;
  const name = `rejects-${answer.upload_id}.csv`;
  return element("div", {},
    rows.length ? table(shown, ["Line", "Column", "Why", "Record"], rows) : element("p", {}, `${all}.`),
    element("p", {},
      element("button", { type: "button", onclick: () => download(`/uploads/${answer.upload_id}/rejects.csv`, name).catch((error) => warn(error.message)) }, `Download ${name}`),
      ` with all of them. ${whatToDo}`));
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

// Split a record at the delimiters that stand outside of quotes; the quotes stay.
function split(record, delimiter) {
  const fields = [""];
  let quoted = false;
  for (const letter of record) {
    if (letter === '"') quoted = !quoted;
    if (letter === delimiter && !quoted) fields.push("");
    else fields[fields.length - 1] += letter;
  }
  return fields;
}

function skipped(answer) {
  const ids = (list) => list.slice(0, IDS_SHOWN).join(", ") + (list.length > IDS_SHOWN ? " and more" : "");
  const name = `ids-${answer.upload_id}.csv`;
  return element("details", {},
    element("summary", {}, `Ids that were skipped (${number(answer.skipped)})`),
    answer.skipped_duplicates.length ? element("p", { class: "ids" }, ids(answer.skipped_duplicates)) : null,
    answer.conflicts.length ? element("p", { class: "ids" }, `With other values than the stored row: ${ids(answer.conflicts)}`) : null,
    element("p", {},
      element("button", { type: "button", onclick: () => download(`/uploads/${answer.upload_id}/ids.csv`, name).catch((error) => warn(error.message)) }, `Download ${name}`),
      " with every id of the file and what became of its row."));
}
