// All uploads, as the ledger has them: page by page, of one table or status, each with its whole account.

import { keep, shown } from "../address.js";
import { counted, element, problem, table } from "../dom.js";
import { get, Unreachable } from "../service.js";
import { isUndone, showUpload, STATUSES } from "./upload.js";

const SHOWN = 20;
const LOOK_MS = 2000;
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

// Begin to show the uploads; `changed` is called when one was taken back. Return what shows them anew, and what opens one by its number.
export async function showUploads(changed) {
  const tables = await get("/tables");
  const uploads = new Uploads(tables.map((one) => one.name), changed);
  const asked = shown();
  await Promise.all([uploads.show(), asked.section === "uploads" && asked.name && uploads.open(asked.name)]);
  return [() => uploads.show(), (id) => uploads.open(id)];
}

class Uploads {
  constructor(tables, changed) {
    this.changed = changed;
    const { section, parameters } = shown();
    const asked = section === "uploads" ? parameters : {};
    this.pages = [asked.before ?? ""];  // where each page begins that leads to the one that is shown
    this.table = choice("Table", tables.map((name) => [name, name]), asked.table, () => this.first());
    this.status = choice("Status", Object.entries(STATUSES), asked.status, () => this.first());
    this.newer = element("button", { type: "button", onclick: () => this.turn(-1) }, "Newer");
    this.older = element("button", { type: "button", onclick: () => this.turn(1) }, "Older");
    this.list = element("div", { class: "list" });
    this.opened = element("div", { id: "upload" });
    document.querySelector("#ledger").replaceChildren(
      element("div", { class: "filters" }, label(this.table, "Table"), label(this.status, "Status")),
      this.list, element("p", { class: "pages" }, this.newer, " ", this.older), this.opened);
  }

  get wanted() {
    return { table: this.table.value, status: this.status.value, before: this.pages.at(-1) };
  }

  first() {
    this.pages = [""];
    return this.turn(0);
  }

  turn(pages) {
    if (pages > 0) this.pages.push(String(this.last));
    if (pages < 0) this.pages.pop();
    keep("uploads", "", this.wanted);
    return this.show().then(() => pages && this.list.firstChild.focus());
  }

  // Show this page of them, and again for as long as any upload goes on.
  async show() {
    clearTimeout(this.next);
    const asked = this.asked = Symbol();
    try {
      const query = new URLSearchParams(Object.entries({ ...this.wanted, limit: SHOWN + 1 }).filter(([, value]) => value));
      const found = await get(`/uploads?${query}`);
      if (asked !== this.asked) return; // something else was asked for meanwhile
      const uploads = found.slice(0, SHOWN);
      this.last = uploads.at(-1)?.upload_id;
      this.newer.hidden = this.pages.length < 2;
      this.older.hidden = found.length <= SHOWN;
      this.list.replaceChildren(uploads.length ? this.asTable(uploads) : element("p", {}, this.none()));
      if (uploads.some((upload) => ["running", "undoing"].includes(upload.status))) this.next = setTimeout(() => this.show(), LOOK_MS);
    } catch (error) {
      if (!(error instanceof Unreachable)) this.list.replaceChildren(problem(error.message));
    }
  }

  none() {
    return this.table.value || this.status.value ? "No upload is like this." : "No file has been loaded yet.";
  }

  asTable(uploads) {
    return table("Uploads, newest first", ["No.", "File", "Table", "Started", "Status", "Read", "Stored", "Updated", "Skipped", "Refused"], uploads.map((upload) => this.line(upload)));
  }

  line(upload) {
    const { upload_id: id } = upload;
    return [
      element("button", { type: "button", class: "link", "aria-label": `Open upload ${id}`, onclick: () => this.open(id) }, String(id)),
      upload.file_name ?? "", upload.table, MOMENT.format(new Date(upload.started_at)), ending(upload),
      ...[upload.read, ...(isUndone(upload) ? [0, 0] : [upload.inserted, upload.updated]), upload.skipped, upload.rejected].map(counted),
    ];
  }

  async open(id) {
    keep("uploads", String(id));
    await showUpload(this.opened, id, this.changed, () => this.close(id));
  }

  close(id) {
    this.opened.replaceChildren();
    keep("uploads", "", this.wanted);
    this.list.querySelector(`[aria-label="Open upload ${id}"]`)?.focus();
  }
}

function choice(name, values, chosen, change) {
  return element("select", { onchange: change, "aria-label": name },
    [["", "all"], ...values].map(([value, words]) => element("option", { value, selected: value === (chosen ?? "") }, words)));
}

function label(select, name) {
  return element("label", {}, `${name} `, select);
}

function ending(upload) {
  const status = element("span", { class: `status ${upload.status}`, title: upload.reason }, STATUSES[upload.status]);
  return upload.options.dry_run ? element("span", {}, status, " dry run") : status;
}
