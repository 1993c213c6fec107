// The files that were chosen: a line each, sent one after the other, and what became of all of them.

import { count, element, say, warn } from "../dom.js";
import { ChosenFile } from "./file.js";
import { chosenOf } from "./options.js";

// What may have become of a file, in the order in which the summary says it, with what can be done next.
const OUTCOMES = [
  ["loaded", "loaded", null],
  ["there", "there already", null],
  ["partly", "loaded with some rows refused", "Open a file to see its refused rows, to download and correct them:"],
  ["checked", "tried in a dry run", "Nothing is stored yet. Load each with its button, or turn off Dry run and load all:"],
  ["failed", "not loaded", "Open a file to see why it was not loaded:"],
  ["unready", "not ready", "Open a file to see what it needs:"],
  ["useless", "cannot be loaded", "Open a file to see what is wrong with it:"],
];

// Let people choose files and load them; `begun` is called when the ledger has one, `loaded` after each, and `openUpload` with the number of one.
export function takeFiles(tables, loaded, begun, openUpload) {
  const [form, input] = ["#send", "#choose"].map((name) => document.querySelector(name));
  const files = new Files(form, input, tables, loaded, { begun, openUpload });
  const take = () => files.add([...input.files]).then(() => (input.value = ""));

  input.addEventListener("change", take);
  takeDrops(document.querySelector("#drop"), (dropped) => files.add(dropped));
  form.addEventListener("change", (event) => event.target.closest("#options") && files.optionsChanged());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    files.load(files.waiting);
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

// What opens a file from the summary.
function opener(one) {
  const open = () => {
    one.open(true);
    one.opener.scrollIntoView({ block: "nearest" });
    one.opener.focus();
  };
  return element("button", { type: "button", class: "link", onclick: open }, one.file.name);
}

class Files {
  constructor(form, input, tables, loaded, hooks) {
    this.form = form;
    this.input = input;
    this.tables = tables;
    this.loaded = loaded;
    this.hooks = hooks;
    this.list = document.querySelector("#chosen");
    this.summary = document.querySelector("#summary");
    this.chosen = [];
    this.isLoading = false;
    this.looked = Promise.resolve(); // once all that were chosen are looked at
  }

  // The options that all files have: what is to become of their rows, and not how they are read.
  get options() {
    return Object.fromEntries([...new FormData(this.form)].filter(([, value]) => value));
  }

  get waiting() {
    return this.chosen.filter((one) => one.isWaiting);
  }

  add(added) {
    const begun = added.filter((file) => !this.chosen.some((one) => one.isOf(file))).map((file) => this.begin(file));
    this.show();
    return this.looked = this.looked.then(() => this.look(begun));
  }

  // One after the other: the service has few places for those who ask at a time.
  async look(begun) {
    for (const one of begun) {
      if (await one.canBeRead()) await one.look();
      else {
        warn(`${one.file.name} cannot be read: is it a folder?`);
        this.remove(one);
      }
    }
    this.show();
  }

  begin(file) {
    // The service says how large a file it takes where it has a bucket for larger ones.
    const bytesMax = Number(this.form.dataset.bytesMax ?? Infinity);
    const one = new ChosenFile(file, this.tables, bytesMax, {
      options: () => this.options,
      leaveOut: () => this.leaveOut(one),
      loadNow: () => this.load([one], { dry_run: "" }),
      changed: () => this.show(),
      ...this.hooks,
    });
    this.chosen.push(one);
    this.list.append(one.line);
    return one;
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

  optionsChanged() {
    for (const one of this.chosen) one.showCommand();
    this.show();
  }

  // Say what is going to be done, and what was done so far.
  show() {
    const [button, summary] = ["#load", "#options summary"].map((name) => document.querySelector(name));
    summary.textContent = chosenOf(this.options);
    button.hidden = this.waiting.length === 0 && !this.isLoading;
    if (!this.isLoading) button.textContent = `${this.options.dry_run ? "Dry run of" : "Load"} ${count(this.waiting.length, "file")}`;
    this.summary.replaceChildren(...this.summarised());
  }

  summarised() {
    const found = OUTCOMES.map(([outcome, words, next]) => [this.chosen.filter((one) => one.standing === outcome), words, next])
      .filter(([files]) => files.length);
    if (!this.chosen.some((one) => one.outcome) && !this.isLoading) return [];
    const parts = found.map(([files, words]) => `${files.length} ${words}`);
    const sum = element("p", { class: "words" }, element("b", {}, `Of ${count(this.chosen.length, "file")}: ${parts.join(", ") || "none loaded yet"}.`));
    if (this.isLoading) return [sum]; // what can be done next would move the list
    const done = this.chosen.filter((one) => ["loaded", "there"].includes(one.outcome));
    const clear = () => done.forEach((one) => this.remove(one));
    return [
      sum,
      ...found.filter(([, , next]) => next).map(([files, , next]) => element("p", {}, `${next} `, files.flatMap((one, place) => [place ? ", " : "", opener(one)]))),
      done.length ? element("p", {}, element("button", { type: "button", onclick: clear }, `Clear the ${done.length === 1 ? "loaded file" : count(done.length, "loaded file")} from the list`)) : "",
    ];
  }

  // Load files, with their options and these.
  async load(chosen, more = {}) {
    if (this.isLoading) return;
    const options = Object.fromEntries(Object.entries({ ...this.options, ...more }).filter(([, value]) => value));
    this.busy(true);
    await this.looked;
    // Narrow tables first: what the rows of the wide ones refer to, which strict asks for.
    const inOrder = [...chosen].sort((one, other) => one.width - other.width);
    for (const [place, one] of inOrder.entries()) {
      if (!this.chosen.includes(one) || one.isBlocked) continue; // it was removed, or seen to be not ready meanwhile
      document.querySelector("#load").textContent = `Loading ${place + 1} of ${inOrder.length}…`;
      one.line.scrollIntoView({ block: "nearest" });
      await one.load(options);
      say(`${one.file.name}: ${one.state.textContent}`);
      this.show();
      this.loaded();
    }
    this.busy(false);
    this.summary.focus();
  }

  // A button that is disabled would lose the focus.
  busy(isLoading) {
    this.isLoading = isLoading;
    document.querySelector("#load").setAttribute("aria-disabled", isLoading);
    this.show();
  }
}
