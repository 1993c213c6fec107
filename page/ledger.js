// The latest uploads, as the ledger has them.

import { element, problem, table } from "./dom.js";
import { download, get } from "./service.js";

const SHOWN = 20;
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export async function showLedger() {
  const place = document.querySelector("#ledger");
  try {
    const uploads = await get(`/uploads?limit=${SHOWN}`);
    place.replaceChildren(uploads.length
      ? table("The latest uploads, newest first", ["No.", "File", "Table", "Begun", "Ended as", "Read", "Stored", "Skipped", "Refused", ""], uploads.map(line))
      : element("p", {}, "No file has been loaded yet."));
  } catch (error) {
    place.replaceChildren(problem(error.message));
  }
}

function line(upload) {
  const { upload_id: id } = upload;
  return [
    id, upload.file_name ?? "", upload.table, MOMENT.format(new Date(upload.started_at)), ending(upload),
    upload.read, upload.inserted, upload.skipped, upload.rejected,
    upload.rejected
      ? element("button", { type: "button", class: "quiet", "aria-label": `Download the refused rows of upload ${id}`, onclick: () => download(`/uploads/${id}/rejects.csv`, `rejects-${id}.csv`) }, "rejects.csv")
      : "",
  ];
}

function ending(upload) {
  const status = element("span", { class: `status ${upload.status}`, title: upload.reason }, upload.status);
  return upload.options.dry_run ? element("span", {}, status, ", a dry run") : status;
}
