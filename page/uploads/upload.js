// One upload with its whole account, and how it is taken back.

import { records } from "../csv.js";
import { count, counts, element, number, problem, table } from "../dom.js";
import { download, get, getStart, remove } from "../service.js";

const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const LOOK_MS = 1000;
const BYTES_SHOWN = 64 * 1024;
const ROWS_SHOWN = 100;

// The states of an upload, in words.
export const STATUSES = {
  running: "running",
  interrupted: "interrupted",
  finished: "finished",
  refused: "refused",
  stopped: "stopped",
  undoing: "being taken back",
  undone: "taken back",
};

// Show an upload in a place; `changed` is called when it was taken back, `closed` when it is not to be shown any more.
export async function showUpload(place, id, changed, closed) {
  try {
    const upload = await get(`/uploads/${encodeURIComponent(id)}`);
    const heading = element("h3", { tabindex: "-1" }, `Upload ${upload.upload_id}: ${upload.file_name ?? "a file without a name"} into ${upload.table}`);
    const close = element("button", { type: "button", "aria-label": `Close upload ${upload.upload_id}`, onclick: closed }, "Close");
    place.replaceChildren(element("article", {}, element("div", { class: "heading" }, heading, close),
      upload.reason ? problem(upload.reason) : null,
      counts(upload, isUndone(upload), upload.status === "undone" ? "stored, and taken back" : undefined),
      facts(upload),
      upload.hints.length ? element("ul", { class: "hints" }, upload.hints.map((hint) => element("li", {}, hint.sentence))) : null,
      files(upload),
      new TakingBack(upload, () => showUpload(place, id, changed, closed).then(changed)).place));
    heading.focus();
  } catch (error) {
    place.replaceChildren(problem(error.message));
  }
}

// Whether nothing of what it counts as stored is.
export function isUndone(upload) {
  return Boolean(upload.options.dry_run || upload.status === "undone" || (upload.options.atomic && upload.status !== "finished"));
}

function facts(upload) {
  const options = Object.entries(upload.options).map(([name, value]) => `${name}=${value}`).join(", ");
  const ended = upload.finished_at ? `, ended ${MOMENT.format(new Date(upload.finished_at))}` : "";
  const all = {
    Status: STATUSES[upload.status],
    Started: `${MOMENT.format(new Date(upload.started_at))}${ended}`,
    Options: options || "none",
    Conflicts: upload.conflicts ? `${number(upload.conflicts)} with other values than the stored row` : "",
    Bytes: number(upload.bytes),
    "SHA-256": upload.sha256,
    Source: upload.source,
  };
  return element("dl", { class: "facts" }, Object.entries(all).filter(([, value]) => value)
    .map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

// What the ledger keeps of it: the first rows on demand, all of them as a file.
function files(upload) {
  const all = [
    ["ids", "Every id of the file, with what became of its row", ",", upload.read > upload.rejected],
    ["rejects", "The refused rows, to be corrected and sent again", upload.dialect?.delimiter, upload.rejected && !upload.erased_at],
    ["replaced", "The rows that it updated, as they stood before", ",", upload.updated && !upload.erased_at],
  ];
  return element("div", {}, all.filter(([, , , isThere]) => isThere).map(([name, what, delimiter]) => file(upload.upload_id, name, what, delimiter)));
}

function file(id, name, what, delimiter) {
  const path = `/uploads/${id}/${name}.csv`;
  const place = element("div");
  const tell = (work) => work().catch((error) => place.replaceChildren(problem(error.message)));
  const show = async () => {
    const { text, isAll } = await getStart(path, BYTES_SHOWN);
    const [heads, ...rows] = reasonFirst([...records(text, delimiter)]);
    const words = isAll && rows.length <= ROWS_SHOWN ? what : `${what}: the first ${Math.min(rows.length, ROWS_SHOWN)}`;
    place.replaceChildren(table(words, heads, rows.slice(0, ROWS_SHOWN)));
  };
  return element("div", {}, element("p", {}, `${what}: `,
    element("button", { type: "button", "aria-label": `Show ${name}`, onclick: () => tell(show) }, "Show"), " ",
    element("button", { type: "button", onclick: () => tell(() => download(path, `${name}-${id}.csv`)) }, `Download ${name}-${id}.csv`)), place);
}

// Refused rows with what is wrong in front, and without what only another upload needs.
function reasonFirst(all) {
  const [heads] = all;
  const first = ["_line", "_column", "_reason"].map((name) => heads.indexOf(name)).filter((place) => place >= 0);
  const without = [...first, ...["_code", "_delimiter"].map((name) => heads.indexOf(name))];
  const places = [...first, ...heads.keys()].filter((place, index) => index < first.length || !without.includes(place));
  return all.map((record) => places.map((place) => record[place]));
}

// First it says what it would do; then it does that.
class TakingBack {
  constructor(upload, done) {
    this.path = `/uploads/${upload.upload_id}`;
    this.done = done;
    this.place = element("div", { class: "taking-back" });
    const isOver = ["undone", "refused"].includes(upload.status) || upload.options.dry_run || !(upload.inserted + upload.updated);
    if (!isOver) this.offer();
  }

  offer() {
    this.place.replaceChildren(element("button", { type: "button", onclick: () => this.try() }, "Take back…"));
  }

  try() {
    return this.tell(async () => {
      this.place.replaceChildren(element("p", { role: "status" }, "Looking at what that would do…"));
      const would = await remove(`${this.path}?dry_run=true`);
      const really = element("button", { type: "button", class: "danger", onclick: () => this.take() }, "Take it back");
      this.place.replaceChildren(
        element("p", { role: "status" }, `${words(would, "would be")} ${skippedBy(would)}`), really, " ",
        element("button", { type: "button", onclick: () => this.offer() }, "Leave it as it is"));
      really.focus();
    });
  }

  // A large one takes several requests.
  take() {
    return this.tell(async () => {
      let done = await remove(this.path);
      while (done.status === "undoing") {
        this.place.replaceChildren(element("p", { role: "status" }, `${words(done, "are")} It goes on…`));
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        done = await remove(this.path);
      }
      await this.done();
    });
  }

  async tell(work) {
    try {
      await work();
    } catch (error) {
      this.place.replaceChildren(problem(error.message));
    }
  }
}

function words({ removed, restored, kept }, verb) {
  const parts = [`${count(removed, "row")} ${verb} removed`];
  if (restored) parts.push(`${number(restored)} restored to what they were before`);
  if (kept) parts.push(`${number(kept)} kept, which a later upload has changed`);
  return `${parts.join("; ")}.`;
}

function skippedBy({ skipped_by: found }) {
  return found.length ? `Later uploads skipped rows that would be gone then: ${found.map((one) => one.upload_id).join(", ")}. Send their files again to store them.` : "";
}
