// The tables: their rows by id, page by page, and each row with the uploads that made it.

import { keep, shown } from "../address.js";
import { count, element, problem, table } from "../dom.js";
import { download, get, Unreachable } from "../service.js";

const SHOWN = 20;

// Begin to show the tables, and return what shows them anew; openUpload opens an upload by its number.
export async function showTables(openUpload) {
  const tables = new Tables(await get("/tables"), openUpload);
  await tables.show();
  return () => tables.show();
}

class Tables {
  constructor(tables, openUpload) {
    this.openUpload = openUpload;
    const { section, name, parameters } = shown();
    const isAsked = section === "tables" && tables.some((one) => one.name === name);
    this.pages = [isAsked ? parameters.from ?? "" : ""];  // the id with which each page begins that leads to the one that is shown
    this.select = element("select", { onchange: () => this.first() },
      tables.map((one) => element("option", { selected: isAsked && one.name === name }, one.name)));
    this.from = element("input", { type: "text", inputmode: "numeric", pattern: "-?[0-9]{1,19}", size: "12" });
    this.back = element("button", { type: "button", onclick: () => this.turn(-1) }, "Back");
    this.next = element("button", { type: "button", onclick: () => this.turn(1) }, "Next");
    this.number = element("span");
    this.list = element("div");
    this.opened = element("div", { id: "row" });
    document.querySelector("#table-list").replaceChildren(
      element("form", { class: "filters", onsubmit: (event) => this.goTo(event) },
        element("label", {}, "Table ", this.select), element("label", {}, "From id ", this.from), element("button", {}, "Go"),
        element("button", { type: "button", onclick: () => this.save() }, "Download CSV"), this.number),
      this.list, element("p", { class: "pages" }, this.back, " ", this.next), this.opened);
  }

  get name() {
    return this.select.value;
  }

  goTo(event) {
    event.preventDefault();
    this.pages = [this.from.value];
    return this.turn(0);
  }

  first() {
    this.pages = [""];
    this.from.value = "";
    return this.turn(0);
  }

  turn(pages) {
    if (pages > 0) this.pages.push(String(this.following));
    if (pages < 0) this.pages.pop();
    keep("tables", this.name, { from: this.pages.at(-1) });
    this.opened.replaceChildren();
    return this.show().then(() => pages && this.list.firstChild.focus());
  }

  async show() {
    const asked = this.asked = Symbol();
    try {
      const query = new URLSearchParams(Object.entries({ from: this.pages.at(-1), limit: SHOWN }).filter(([, value]) => value));
      const [{ rows, next }, tables] = await Promise.all([get(`/tables/${encodeURIComponent(this.name)}?${query}`), get("/tables")]);
      if (asked !== this.asked) return; // something else was asked for meanwhile
      const one = tables.find((found) => found.name === this.name);
      this.following = next;
      this.number.textContent = count(one.rows, "row");
      this.back.hidden = this.pages.length < 2;
      this.next.hidden = next === null;
      this.list.replaceChildren(rows.length ? this.asTable(one.columns.map((column) => column.name), rows) : element("p", {}, "No rows."));
    } catch (error) {
      if (!(error instanceof Unreachable)) this.list.replaceChildren(problem(error.message));
    }
  }

  asTable(names, rows) {
    const [id, ...others] = names;
    return table(`Rows of ${this.name}, by id`, names, rows.map((row) => [
      element("button", { type: "button", class: "link", "aria-label": `Open row ${row[id]}`, onclick: () => this.open(row[id]) }, String(row[id])),
      ...others.map((name) => row[name] === null ? element("i", { class: "empty" }, "empty") : String(row[name])),
    ]));
  }

  async open(id) {
    try {
      const { row, uploads } = await get(`/tables/${encodeURIComponent(this.name)}/${id}`);
      const heading = element("h3", { tabindex: "-1" }, `Row ${id} of ${this.name}`);
      this.opened.replaceChildren(element("article", {}, heading,
        element("dl", { class: "facts" }, Object.entries(row).map(([name, value]) =>
          element("div", {}, element("dt", {}, name), element("dd", {}, value === null ? "empty" : String(value))))),
        element("ul", {}, uploads.map(({ upload_id: upload, outcome }) => element("li", {}, `${outcome} by `,
          element("button", { type: "button", class: "link", onclick: () => this.openUpload(upload) }, `upload ${upload}`)))),
        element("p", {}, element("button", { type: "button", onclick: () => this.opened.replaceChildren() }, "Close"))));
      heading.focus();
    } catch (error) {
      this.opened.replaceChildren(problem(error.message));
    }
  }

  save() {
    return download(`/tables/${encodeURIComponent(this.name)}.csv`, `${this.name}.csv`)
      .catch((error) => this.opened.replaceChildren(problem(error.message)));
  }
}
