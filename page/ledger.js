// The latest uploads, as the ledger has them.

import { element, number, problem, table, warn } from "./dom.js";
import { download, get, Unreachable } from "./service.js";

const SHOWN = 20;
const LOOK_MS = 2000;
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
let next = null;

// Show the ledger, and again for as long as any upload goes on.
export async function showLedger() {
  const place = document.querySelector("#ledger");
  clearTimeout(next);
  try {
    const uploads = await get(`/uploads?limit=${SHOWN}`);
    place.replaceChildren(uploads.length
      ? table(`The latest ${SHOWN}, newest first`, ["No.", "File", "Table", "Begun", "Ended as", "Read", "Stored", "Updated", "Skipped", "Refused"], uploads.map(line))
      : element("p", {}, "No file has been loaded yet."));
    if (uploads.some((upload) => ["running", "undoing"].includes(upload.status))) next = setTimeout(showLedger, LOOK_MS);
  } catch (error) {
    if (!(error instanceof Unreachable)) place.replaceChildren(problem(error.message));
  }
}

function line(upload) {
  const isUndone = upload.options.dry_run || (upload.options.atomic && upload.status !== "finished");
  return [
    upload.upload_id, upload.file_name ?? "", upload.table, MOMENT.format(new Date(upload.started_at)), ending(upload),
    upload.read, isUndone ? 0 : upload.inserted, isUndone ? 0 : upload.updated, upload.skipped, upload.rejected && !upload.erased_at ? refused(upload) : number(upload.rejected),
  ];
}

function refused({ upload_id: id, rejected }) {
  const save = () => download(`/uploads/${id}/rejects.csv`, `rejects-${id}.csv`).catch((error) => warn(error.message));
  return element("button", { type: "button", "aria-label": `Download the ${rejected} refused rows of upload ${id}`, onclick: save }, `${number(rejected)} as CSV`);
}

function ending(upload) {
  const status = element("span", { class: `status ${upload.status}`, title: upload.reason }, upload.status);
  return upload.options.dry_run ? element("span", {}, status, " dry run") : status;
}
