// The files that were chosen: each with its table, sent one after the other, and accounted for.

import { showAccount } from "./account.js";
import { element, number, problem } from "./dom.js";
import { guess } from "./guess.js";
import { get, upload } from "./service.js";

const LOOK_MS = 500;

// Let people choose files and load them; `loaded` is called after each.
export function takeFiles(tables, loaded) {
  const [form, drop, input, button, list] = ["#send", "#drop", "#choose", "#load", "#chosen"].map((name) => document.querySelector(name));
  let chosen = [];

  const show = () => {
    button.hidden = chosen.length === 0;
    button.textContent = chosen.length === 1 ? "Load 1 file" : `Load ${chosen.length} files`;
  };
  const remove = (one) => {
    chosen = chosen.filter((other) => other !== one);
    one.line.remove();
    show();
  };
  const add = async (files) => {
    for (const file of files) {
      const one = new Chosen(file, tables, remove);
      try {
        await one.look();
      } catch {
        tell(problem(`${file.name} cannot be read: is it a folder?`));
        continue;
      }
      chosen.push(one);
      list.append(one.line);
      show();
    }
  };

  const take = () => add([...input.files]).then(() => (input.value = ""));

  input.addEventListener("change", take);
  take(); // what was chosen before this ran
  takeDrops(drop, add);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const options = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
    button.disabled = true;
    // Narrow tables first: what the rows of the wide ones refer to, which strict asks for.
    for (const one of [...chosen].sort((one, other) => one.width - other.width)) {
      tell(await one.send(options));
      remove(one);
      loaded();
    }
    button.disabled = false;
  });
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

function tell(what) {
  document.querySelector("#accounts").prepend(what);
}

class Chosen {
  constructor(file, tables, remove) {
    this.file = file;
    this.tables = tables;
    this.select = element("select", { required: true, "aria-label": `Table for ${file.name}` },
      element("option", { value: "" }, "choose a table"),
      tables.map((table) => element("option", {}, table.name)));
    this.state = element("div", { class: "state" });
    this.line = element("li", {},
      element("span", { class: "name" }, file.name),
      element("span", { class: "size" }, size(file.size)),
      element("label", {}, "into ", this.select),
      element("button", { type: "button", class: "quiet", "aria-label": `Leave ${file.name} out`, onclick: () => remove(this) }, "Leave out"),
      this.state);
  }

  get width() {
    return this.tables.find((table) => table.name === this.select.value).columns.length;
  }

  async look() {
    const found = await guess(this.file, this.tables);
    this.select.value = found.table;
    this.rows = found.rows;
  }

  // Send the file, show how far it is, and return what to show of what became of it.
  async send(options) {
    const table = this.select.value;
    for (const control of this.line.querySelectorAll("select, button")) control.disabled = true;
    const before = await newestUpload();
    let watching = null;
    const { status, answer } = await upload(this.file, table, options, (part) => {
      this.show("Sending", part, `${Math.round(part * 100)} %`);
      if (part === 1) watching ??= setInterval(() => this.watch(before, table), LOOK_MS);
    });
    clearInterval(watching);
    return showAccount(this.file.name, table, options, status, answer);
  }

  // Show how many rows the ledger has of this file so far.
  async watch(before, table) {
    const uploads = await get("/uploads?limit=20").catch(() => []);
    const mine = uploads.find((one) => one.upload_id > before && one.file_name === this.file.name && one.table === table && one.status === "running");
    this.show("Loading", mine && this.rows ? mine.read / this.rows : null, mine ? `${number(mine.read)} rows so far` : "");
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
