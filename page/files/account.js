// The account of an upload, in words and numbers: what became of every row of the file.

import { count, counts, element, number, problem, warn } from "../dom.js";
import { download, get } from "../service.js";
import { hintItem } from "./preview.js";
import { refused } from "./refused.js";
import { sentence } from "./words.js";

const IDS_SHOWN = 1000;
const IDS_IN_ANSWER = 10_000;  // the others are in ids.csv

// Return what to show of an answer to an upload of a file into a table with these options.
export async function showAccount(file, tableName, options, status, answer) {
  const fileName = file.file.name;
  const heading = element("h3", {}, `${fileName} into ${tableName}`);
  if (!answer.upload_id) return element("article", {}, heading, problem(sentence(answer)), hints(file, answer.hints));
  const upload = await get(`/uploads/${answer.upload_id}`).catch(() => ({ dialect: {} }));
  const isUndone = Boolean(answer.dry_run || (options.atomic && status !== 200));
  const isRead = upload.status !== "stopped" && status < 500;
  return element("article", {},
    heading,
    element("p", {}, element("button", { type: "button", class: "link", onclick: () => file.hooks.openUpload(answer.upload_id) }, `Show upload ${answer.upload_id}`)),
    status === 200 ? null : problem(sentence(answer)),
    answer.read ? element("p", { class: "words" }, words(answer, isUndone)) : null,
    answer.read ? counts(answer, isUndone) : null,
    hints(file, answer.hints),
    answer.rejected ? await refused(answer, upload.dialect ?? {}, advice(fileName, answer, isUndone, isRead)) : null,
    answer.skipped ? skipped(answer) : null);
}

// What the file says about the next try, with buttons that do it.
function hints(file, found) {
  return found?.length ? element("ul", { class: "hints" }, found.map((hint) => hintItem(file, hint, file.found?.tables))) : null;
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
  if (answer.hints?.some((hint) => Object.keys(hint.options).length)) return `If a hint above is right, load ${fileName} again in that way: what is stored is skipped. Else correct the rows in that file, choose it above, and load it.`;
  if (isUndone) return `They have to be corrected in ${fileName} itself, since nothing of it is stored.`;
  if (isRead) return "Correct them in that file, choose it above, and load it.";
  return `The load ended after ${count(answer.read, "row")}, and the others were not read: send ${fileName} again, once it is corrected. What is stored is skipped.`;
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
