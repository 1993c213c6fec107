// The account of an upload, in words and numbers: what became of every row of the file.

import { count, element, number, problem, table } from "./dom.js";
import { download, get } from "./service.js";

const IDS_SHOWN = 1000;

// Return what to show of an answer to an upload with these options.
export async function showAccount(fileName, tableName, options, status, answer) {
  const heading = element("h3", {}, `${fileName} into ${tableName}`);
  if (!answer.upload_id) return element("article", {}, heading, problem(answer.detail));
  const { columns, delimiter } = await get(`/uploads/${answer.upload_id}`).then((upload) => upload.dialect, () => ({}));
  return element("article", {},
    heading,
    status === 200 ? null : problem(answer.detail),
    element("p", {}, words(answer, answer.dry_run || (options.atomic && status !== 200))),
    bar(answer),
    answer.rejected ? refused(answer, columns, delimiter) : null,
    answer.skipped ? skipped(answer) : null);
}

function words(answer, isUndone) {
  const parts = [`${number(answer.inserted)} stored`];
  if (answer.skipped) parts.push(`${number(answer.skipped)} skipped, whose ids were there already${conflicts(answer)}`);
  if (answer.rejected) parts.push(`${number(answer.rejected)} refused`);
  const intro = isUndone ? "Nothing is stored. It would have been, of" : "Of";
  return `${intro} ${count(answer.read, "row")}: ${parts.join("; ")}.`;
}

function conflicts(answer) {
  return answer.conflicts.length ? ` (${number(answer.conflicts.length)} with other values than the stored row, which stays)` : "";
}

// The three counts beside each other, and as lengths.
function bar(answer) {
  const counts = [["stored", answer.inserted], ["skipped", answer.skipped], ["refused", answer.rejected]];
  return element("div", { class: "counts" },
    element("div", { class: "bar", "aria-hidden": "true" },
      counts.map(([name, value]) => value ? element("span", { class: name, "--part": value }) : null)),
    element("dl", {}, counts.map(([name, value]) =>
      element("div", { class: value ? name : null }, element("dt", {}, name), element("dd", {}, number(value))))));
}

function refused(answer, columns, delimiter) {
  const rows = answer.rejects.map((reject) => [
    reject.line, reject.column ?? "the whole record", reject.reason, marked(reject, columns, delimiter),
  ]);
  const shown = answer.rejects.length < answer.rejected ? `The first ${answer.rejects.length} of ${count(answer.rejected, "refused row")}` : count(answer.rejected, "refused row");
  const name = `rejects-${answer.upload_id}.csv`;
  return element("div", {},
    table(shown, ["Line", "Column", "Why", "Record"], rows),
    element("p", {},
      element("button", { type: "button", onclick: () => download(answer.rejects_url, name) }, `Download ${name}`),
      " It has all of them: correct them there, and send that file."));
}

// The record with the field at fault marked, where it can be told.
function marked(reject, columns, delimiter) {
  const place = columns ? columns.indexOf(reject.column) : -1;
  const fields = split(reject.record, delimiter);
  if (place < 0 || fields.length !== columns.length) return element("code", {}, reject.record);
  return element("code", {},
    fields.slice(0, place).join(delimiter), place ? delimiter : "",
    element("mark", {}, fields[place] || "(empty)"),
    place < fields.length - 1 ? delimiter : "", fields.slice(place + 1).join(delimiter));
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
  const ids = (list) => list.slice(0, IDS_SHOWN).join(", ") + (list.length > IDS_SHOWN ? ` and ${number(list.length - IDS_SHOWN)} more` : "");
  return element("details", {},
    element("summary", {}, `Ids that were skipped (${number(answer.skipped)})`),
    element("p", { class: "ids" }, ids(answer.skipped_duplicates)),
    answer.conflicts.length ? element("p", { class: "ids" }, `With other values than the stored row: ${ids(answer.conflicts)}`) : null);
}
