// One file that was chosen: how it will be read, how far it is, and what became of it.

import { element } from "../dom.js";
import { preview } from "../service.js";
import { showAccount } from "./account.js";
import { commandOf } from "./options.js";
import { START_BYTES, rowsOf, tableIn } from "./guess.js";
import { drawPreview } from "./preview.js";
import { Progress } from "./progress.js";
import { sendEitherWay } from "./send.js";
import { canFit, size, verdict, wordsAbout } from "./words.js";

export class ChosenFile {
  // tables are those that take files; hooks are what the list of files does for this one.
  constructor(file, tables, bytesMax, hooks) {
    Object.assign(this, { file, tables, bytesMax, hooks });
    this.reading = {};      // how it is read: options of an upload that were chosen for this file alone
    this.found = null;      // what the service said of its start
    this.fields = null;     // its fields with the columns that they were given, until that is tried
    this.outcome = "";      // what became of it, or "" for a file that was not sent
    this.turn = 0;
    const id = `file-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    this.select = element("select", { "aria-label": `Table for ${file.name}`, onchange: () => this.tableChosen() },
      element("option", { value: "" }, "choose a table"),
      tables.map(({ name }) => element("option", { value: name }, name)));
    this.opener = element("button", { type: "button", class: "open", "aria-expanded": "false", "aria-controls": id, onclick: () => this.open(this.opened.hidden) }, file.name);
    this.state = element("span", { class: "state" }, "Looking at it…");
    this.action = button("Remove", `Remove ${file.name}`, hooks.leaveOut);
    this.account = element("div");
    this.previewed = element("div", { class: "preview" });
    this.opened = element("div", { id, class: "opened", hidden: true }, this.account, this.previewed);
    this.line = element("li", {},
      element("div", { class: "line" }, this.opener, element("span", { class: "size" }, size(file.size)), element("label", {}, "into ", this.select), this.action, this.state),
      this.opened);
  }

  get table() {
    return this.select.value;
  }

  get width() {
    return this.tables.find((table) => table.name === this.table)?.columns.length ?? 0;
  }

  // Whether it would not be loaded as it is: something has to be chosen first.
  get isBlocked() {
    return this.outcome === "" && Boolean(this.found) && !this.found.message && (Boolean(this.found.problem) || !this.table);
  }

  // One of OUTCOMES, or "" for a file that is ready and was not sent.
  get standing() {
    return this.isBlocked ? (canFit(this.found) ? "unready" : "useless") : this.outcome;
  }

  get isWaiting() {
    return ["", "checked", "failed"].includes(this.outcome) && !this.progress && !this.isBlocked;
  }

  // The options of an upload of this file: how it is read, and what all files have.
  get options() {
    return { ...this.hooks.options(), ...this.reading };
  }

  isOf(file) {
    return ["name", "size", "lastModified"].every((name) => file[name] === this.file[name]);
  }

  async canBeRead() {
    return this.file.slice(0, 1).arrayBuffer().then(() => true, () => false);
  }

  open(isOpen) {
    this.opened.hidden = !isOpen;
    this.opener.setAttribute("aria-expanded", isOpen);
  }

  // Let the service say how the file's start would be read, into the table that is chosen or the one that fits best.
  async look() {
    const turn = ++this.turn;
    this.outcome = this.line.dataset.outcome = "";
    this.previewed.hidden = false;
    this.account.replaceChildren();
    const [found, rows] = await Promise.all([this.preview(), rowsOf(this.file).catch(() => null)]);
    if (turn !== this.turn) return; // something else was chosen meanwhile
    Object.assign(this, { found, rows, fields: null });
    this.select.value = found.table ?? this.table;
    this.showFound();
  }

  // Where no table is chosen, the one in the file's name is taken, unless others alone fit; and none where several do.
  async preview() {
    const start = new File([this.file.slice(0, START_BYTES)], this.file.name);
    const ask = (table) => preview(start, table, this.reading);
    if (this.table) return ask(this.table);
    const found = await ask("");
    const named = tableIn(this.file.name, this.tables);
    if (found.message) return { ...found, table: named ?? null };
    if (named && (found.tables.includes(named) || !found.tables.length)) return found.table === named ? found : ask(named);
    return found.tables.length > 1 ? { ...found, table: null } : found;
  }

  showFound() {
    const open = this.previewed.contains(document.activeElement) ? document.activeElement.dataset.keep : null;
    this.previewed.replaceChildren(...drawPreview(this));
    this.showCommand();
    this.showFitting();
    if (open) this.previewed.querySelector(`[data-keep="${CSS.escape(open)}"]`)?.focus();
    this.state.replaceChildren(verdict(this.found, this.tables.find((one) => one.name === this.table)?.columns ?? []));
    this.hooks.changed();
  }

  // Mark the tables that the file fits where they are chosen.
  showFitting() {
    for (const option of [...this.select.options].slice(1)) option.textContent = this.found.tables.includes(option.value) ? `${option.value} (fits)` : option.value;
  }

  showCommand() {
    const place = this.previewed.querySelector(".command code");
    if (place) place.textContent = commandOf(this.file.name, this.table, this.options);
  }

  tableChosen() {
    delete this.reading.columns;
    return this.look();
  }

  // Read the file in another way, and look again; an empty value takes an option back.
  async read(options) {
    const is = { ...this.reading, ...options };
    this.reading = Object.fromEntries(Object.entries(is).filter(([, value]) => value !== ""));
    await this.look();
  }

  // Give fields their columns, and look again as soon as each column that needs a field has one.
  mapFields(fields, table) {
    const isDone = table.columns.every((column) => !column.required || fields.some((field) => field.column === column.name));
    this.fields = fields;
    if (!isDone) return this.showFound();
    const { header } = this.found.dialect ?? {};
    const columns = fields.map((field) => field.column ?? "-").join(",");
    return this.read({ columns, header: this.reading.header ?? String(header ?? Boolean(this.found.problem)) });
  }

  // Do what a hint says, and show what that looks like.
  async follow({ table, options }) {
    if (table) {
      this.select.value = table;
      delete this.reading.columns;
    }
    await this.read(options);
    this.open(true);
    this.previewed.querySelector("h3").focus();
  }

  // Send the file, show how far it is, and then what became of it.
  async load(options) {
    const { table } = this;
    if (!table) return this.end("failed", "Not loaded: choose its table first.");
    const all = { ...options, ...this.reading };
    this.progress = new Progress(this);
    this.progress.showSent(0);
    this.busy(true);
    const { status, answer } = await sendEitherWay(this, table, all);
    this.busy(false);
    const isTakenBack = await this.progress.takingBack;
    this.progress = null;
    if (isTakenBack) return this.end("", "Stopped. What was stored of it is taken back.");
    if (answer.isStopped) return this.end("", "Stopped. Nothing of it is stored.");
    this.account.replaceChildren(await showAccount(this, table, all, status, answer));
    const isDry = Boolean(answer.dry_run);
    const isStored = status === 200 && Boolean(answer.upload_id) && !isDry;
    const stored = answer.rejected ? "partly" : answer.inserted || answer.updated ? "loaded" : "there";
    this.end(isStored ? stored : status === 200 && isDry ? "checked" : "failed", wordsAbout(answer, isStored, isDry));
  }

  end(outcome, words) {
    this.outcome = outcome;
    this.line.dataset.outcome = outcome;
    this.state.replaceChildren(words, outcome === "checked" ? button("Load it now", `Load ${this.file.name} now`, this.hooks.loadNow) : "");
    this.previewed.hidden = ["loaded", "there", "partly"].includes(outcome);
    this.hooks.changed();
  }

  busy(isBusy) {
    this.select.disabled = this.opened.inert = isBusy; // how it is read is settled
    const [word, act] = isBusy ? ["Stop", () => this.progress.stop()] : ["Remove", this.hooks.leaveOut];
    const hadFocus = document.activeElement === this.action;
    const action = button(word, `${word} ${this.file.name}`, act);
    this.action.replaceWith(action);
    this.action = action;
    if (hadFocus) action.focus();
  }
}

function button(word, label, act) {
  return element("button", { type: "button", "aria-label": label, onclick: act }, word);
}
