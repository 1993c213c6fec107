// The files that were chosen: each with its table, sent one after the other, and accounted for.

import { showAccount } from "./account.js";
import { count, element, number, say, warn } from "./dom.js";
import { guess } from "./guess.js";
import { uploadByLink } from "./links.js";
import { get, upload } from "./service.js";

const LOOK_MS = 500;

// Let people choose files and load them; `loaded` is called after each.
export function takeFiles(tables, loaded) {
  const [form, input, list] = ["#send", "#choose", "#chosen"].map((name) => document.querySelector(name));
  const files = new Files(form, list, input);
  const add = async (added) => {
    for (const file of added) await files.add(file, tables);
  };
  const take = () => add([...input.files]).then(() => (input.value = ""));

  input.addEventListener("change", take);
  takeDrops(document.querySelector("#drop"), add);
  form.addEventListener("change", () => files.show());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    files.load(loaded);
  });
  take(); // what was chosen before this ran
}

// Files may be dropped anywhere: a browser would leave the page for one that misses.
function takeDrops(place, add) {
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
  document.addEventListener("dragleave", () => place.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    add([...event.dataTransfer.files]);
  });
}

class Files {
  constructor(form, list, input) {
    this.form = form;
    this.list = list;
    this.input = input;
    this.chosen = [];
    this.isLoading = false;
  }

  get options() {
    return Object.fromEntries([...new FormData(this.form)].filter(([, value]) => value));
  }

  async add(file, tables) {
    if (this.chosen.some((one) => one.isOf(file))) return;
    // The service says how large a file it takes where it has a bucket for larger ones.
    const bytesMax = Number(this.form.dataset.bytesMax ?? Infinity);
    const one = new Chosen(file, tables, bytesMax, () => this.leaveOut(one));
    try {
      await one.look();
    } catch {
      warn(`${file.name} cannot be read: is it a folder?`);
      return;
    }
    this.chosen.push(one);
    this.list.append(one.line);
    this.show();
  }

  leaveOut(one) {
    const next = this.chosen[this.chosen.indexOf(one) + 1];
    this.remove(one);
    (next ? next.line.querySelector("button") : this.input).focus();
  }

  remove(one) {
    this.chosen = this.chosen.filter((other) => other !== one);
    one.line.remove();
    this.show();
  }

  // Say what is going to be done: how many files, and with which options.
  show() {
    const [button, summary] = ["#load", "#options summary"].map((name) => document.querySelector(name));
    const options = Object.entries(this.options).map(([name, value]) => value === "true" && name !== "header" ? name.replace("_", " ") : `${name} ${value}`);
    summary.textContent = options.length ? `Options: ${options.join(", ")}` : "Options";
    button.hidden = this.chosen.length === 0;
    if (!this.isLoading) button.textContent = `${this.options.dry_run ? "Dry run of" : "Load"} ${count(this.chosen.length, "file")}`;
  }

  // Load all files. Those of which nothing is stored stay, to be loaded in another way.
  async load(loaded) {
    if (this.isLoading) return;
    const { options } = this;
    const accounts = document.querySelector("#accounts");
    let first = null;
    this.busy(true);
    // Narrow tables first: what the rows of the wide ones refer to, which strict asks for.
    for (const one of [...this.chosen].sort((one, other) => one.width - other.width)) {
      if (!this.chosen.includes(one)) continue; // it was left out meanwhile
      const { account, isStored } = await one.send(options);
      accounts.prepend(account);
      first ??= account;
      say(account.querySelector(".problem, .words").textContent);
      if (isStored) this.remove(one);
      loaded();
    }
    this.busy(false);
    first?.querySelector("h3").focus();
  }

  // A button that is disabled would lose the focus.
  busy(isLoading) {
    this.isLoading = isLoading;
    document.querySelector("#load").setAttribute("aria-disabled", isLoading);
    this.show();
  }
}

class Chosen {
  constructor(file, tables, bytesMax, leaveOut) {
    this.file = file;
    this.tables = tables;
    this.bytesMax = bytesMax;
    this.select = element("select", { required: true, "aria-label": `Table for ${file.name}` },
      element("option", { value: "" }, "choose a table"),
      tables.map((table) => element("option", {}, table.name)));
    this.state = element("div", { class: "state" });
    this.line = element("li", {},
      element("span", { class: "name" }, file.name),
      element("span", { class: "size" }, size(file.size)),
      element("label", {}, "into ", this.select),
      element("button", { type: "button", "aria-label": `Leave ${file.name} out`, onclick: leaveOut }, "Leave out"),
      this.state);
  }

  get width() {
    return this.tables.find((table) => table.name === this.select.value).columns.length;
  }

  isOf(file) {
    return ["name", "size", "lastModified"].every((name) => file[name] === this.file[name]);
  }

  async look() {
    const found = await guess(this.file, this.tables);
    this.select.value = found.table;
    this.rows = found.rows;
  }

  // Send the file, show how far it is, and return what to show of what became of it, and whether it is stored.
  async send(options) {
    const table = this.select.value;
    const controls = this.line.querySelectorAll("select, button");
    for (const control of controls) control.disabled = true;
    const { status, answer } = await this.sendEitherWay(table, options);
    for (const control of controls) control.disabled = false;
    const isStored = status === 200 && Boolean(answer.upload_id) && !answer.dry_run;
    this.state.replaceChildren(isStored ? "" : "Not loaded: see below. It stays here to be loaded again.");
    return { account: await showAccount(this.file.name, table, options, status, answer), isStored };
  }

  // Send it to the service or, where it is too large for that and there is a bucket, into that.
  async sendEitherWay(table, options) {
    const byLink = () => uploadByLink(this.file, table, options, this.rows, (...how) => this.show(...how));
    if (this.file.size > this.bytesMax) return byLink();
    const done = await this.sendToService(table, options);
    return done.status === 413 && this.bytesMax < Infinity ? byLink() : done;
  }

  async sendToService(table, options) {
    this.isOnItsWay = true;
    const before = await newestUpload();
    let watching = null;
    const done = await upload(this.file, table, options, (part) => {
      this.show("Sending", part, `${Math.round(part * 100)} %`);
      if (part === 1) watching ??= setInterval(() => this.watch(before, table), LOOK_MS);
    });
    clearInterval(watching);
    this.isOnItsWay = false;
    return done;
  }

  // Show how many rows the ledger has of this file so far.
  async watch(before, table) {
    const uploads = await get("/uploads?limit=20").catch(() => []);
    const mine = uploads.find((one) => one.upload_id > before && one.file_name === this.file.name && one.table === table && one.status === "running");
    if (mine && this.isOnItsWay) this.show("Loading", this.rows && mine.read / this.rows, `${number(mine.read)} rows so far`);
  }

  show(what, part, words) {
    const value = part === null ? null : Math.min(part, 1);
    this.state.replaceChildren(element("progress", { value, "aria-label": `${what} ${this.file.name}` }), `${what} ${words}`);
  }
}

async function newestUpload() {
  const [newest] = await get("/uploads?limit=1").catch(() => []);
  return newest?.upload_id ?? 0;
}

function size(bytes) {
  const unit = bytes < 1000 ? "byte" : bytes < 1e6 ? "kilobyte" : "megabyte";
  const value = bytes / { byte: 1, kilobyte: 1e3, megabyte: 1e6 }[unit];
  return new Intl.NumberFormat("en", { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 }).format(value);
}
