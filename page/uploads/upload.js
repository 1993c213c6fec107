// One upload with its whole account, and how it is taken back.

import { count, counts, element, number, problem } from "../dom.js";
import { download, get, remove } from "../service.js";

const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const LOOK_MS = 1000;

// Show an upload in a place; `changed` is called when it was taken back.
export async function showUpload(place, id, changed) {
  try {
    const upload = await get(`/uploads/${encodeURIComponent(id)}`);
    const heading = element("h3", { tabindex: "-1" }, `Upload ${upload.upload_id}: ${upload.file_name ?? "a file without a name"} into ${upload.table}`);
    place.replaceChildren(element("article", {}, heading,
      upload.reason ? problem(upload.reason) : null,
      counts(upload, isUndone(upload)),
      facts(upload),
      upload.hints.length ? element("ul", { class: "hints" }, upload.hints.map((hint) => element("li", {}, hint.sentence))) : null,
      files(upload),
      new TakingBack(upload, () => showUpload(place, id, changed).then(changed)).place,
      element("p", {}, element("button", { type: "button", onclick: () => place.replaceChildren() }, "Close"))));
    heading.focus();
  } catch (error) {
    place.replaceChildren(problem(error.message));
  }
}

function isUndone(upload) {
  return Boolean(upload.options.dry_run || upload.status === "undone" || (upload.options.atomic && upload.status !== "finished"));
}

function facts(upload) {
  const options = Object.entries(upload.options).map(([name, value]) => `${name}=${value}`).join(", ");
  const ended = upload.finished_at ? `, ended ${MOMENT.format(new Date(upload.finished_at))}` : "";
  const all = {
    Status: upload.status,
    Begun: `${MOMENT.format(new Date(upload.started_at))}${ended}`,
    Options: options || "none",
    "Other values than the stored row": number(upload.conflicts),
    Bytes: number(upload.bytes),
    "SHA-256": upload.sha256,
    Source: upload.source,
  };
  return element("dl", { class: "facts" }, Object.entries(all).filter(([, value]) => value)
    .map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

// What the ledger keeps of it, as files.
function files(upload) {
  const kept = [
    ["ids", "every id of the file, with what became of its row", upload.read > upload.rejected],
    ["rejects", "the refused rows, to be corrected and sent again", upload.rejected && !upload.erased_at],
    ["replaced", "the rows as they stood before", upload.updated && !upload.erased_at],
  ].filter(([, , isThere]) => isThere);
  if (!kept.length) return null;
  const message = element("div");
  const save = (name) => download(`/uploads/${upload.upload_id}/${name}.csv`, `${name}-${upload.upload_id}.csv`)
    .catch((error) => message.replaceChildren(problem(error.message)));
  return element("div", {}, kept.map(([name, what]) => element("p", {},
    element("button", { type: "button", onclick: () => save(name) }, `Download ${name}-${upload.upload_id}.csv`), ` with ${what}.`)), message);
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
