// The reports: those that the page knows as people look at them, and any other as the table that it is.

import { keep, shown } from "../address.js";
import { bars, heatMap, problems, series } from "./charts.js";
import { appear, element, problem, table } from "../dom.js";
import { download, get, Unreachable } from "../service.js";

const CHARTS = {
  "hires-per-quarter-{year}": heatMap,
  "top-departments-hired": bars,
  "data-quality": problems,
};

// What a chart has in it already.
const DRAWN = ["mean-hires-per-department"];

// Begin to show all reports, and return what shows them anew.
export async function showReports() {
  const listed = (await get("/stats")).filter((report) => !DRAWN.includes(report.name));
  const charted = Object.keys(CHARTS).flatMap((name) => listed.filter((report) => report.name === name));
  const others = listed.filter((report) => !Object.hasOwn(CHARTS, report.name));
  const reports = [...charted, ...others].map((report) => new Report(report));
  document.querySelector("#report-list").replaceChildren(...reports.map((report) => report.section));
  await appear(reports.map((report) => [report.section, report.show()]));
  return () => Promise.all(reports.map((report) => report.show()));
}

class Report {
  constructor(report) {
    this.report = report;
    this.place = element("div", {}, element("p", {}, "Asking…"));
    this.message = element("div");
    this.turn = 0;
    const { section, name, parameters } = shown();
    const asked = section === "reports" && name === report.name ? parameters : {};
    this.chosen = { ...asked };
    this.inputs = report.parameters.map((parameter) => element("input", {
      name: parameter.name, type: parameter.type === "integer" ? "number" : "text", value: asked[parameter.name] ?? parameter.default, required: true,
    }));
    this.form = element("form", { onsubmit: (event) => this.submit(event), onchange: () => this.form.reportValidity() && this.ask() },
      this.inputs.map((input) => element("label", {}, `${title(input.name)} `, input)),
      this.inputs.length ? element("button", {}, "Show") : null,
      element("button", { type: "button", onclick: () => this.form.reportValidity() && this.save() }, "Download CSV"));
    this.section = element("section", { class: "report", "aria-label": title(report.name), "data-name": report.name, hidden: true },
      element("h3", {}, title(report.name)), this.form, this.message, this.place);
  }

  // The report's path with its parameters, those of its name in the path and the others in the query.
  path(more = {}) {
    const query = new URLSearchParams(more);
    let name = this.report.name;
    for (const { name: parameter, value } of this.inputs) {
      if (name.includes(`{${parameter}}`)) name = name.replace(`{${parameter}}`, encodeURIComponent(value));
      else query.set(parameter, value);
    }
    return `/stats/${name}${query.size ? `?${query}` : ""}`;
  }

  submit(event) {
    event.preventDefault();
    return this.ask();
  }

  // Show what was asked for, and keep it in the address.
  ask() {
    this.keep();
    return this.show();
  }

  // A link opens it again, with what was chosen in its chart.
  keep(chosen = {}) {
    Object.assign(this.chosen, chosen);
    keep("reports", this.report.name, { ...this.chosen, ...Object.fromEntries(this.inputs.map((input) => [input.name, input.value])) });
  }

  save() {
    return this.tell(false, () => download(this.path({ format: "csv" }), `${this.path().split("/").pop().split("?")[0]}.csv`));
  }

  show() {
    const turn = ++this.turn;
    this.place.setAttribute("aria-busy", "true");
    return this.tell(true, async () => {
      const values = this.inputs.map((input) => input.value);
      const rows = await get(this.path());
      const filled = rows.length ? await this.filled(rows, values) : [element("p", {}, "No rows.")];
      if (turn === this.turn) this.place.replaceChildren(...filled); // and not what was asked for before
    }).finally(() => turn === this.turn && this.place.removeAttribute("aria-busy"));
  }

  // Do something, and tell what goes wrong. What is shown goes if it was to be replaced, unless nobody answered.
  async tell(replaces, work) {
    try {
      await work();
      this.message.replaceChildren();
    } catch (error) {
      this.message.replaceChildren(problem(error.message));
      if (replaces && !(error instanceof Unreachable)) this.place.replaceChildren();
    }
  }

  async filled(rows, values) {
    const names = Object.keys(rows[0]);
    const meaning = element("p", {}, `Each row: ${this.report.description}`);
    const plain = table(`${title(this.report.name)}, as a table`, names, rows.map((row) => names.map((name) => row[name])));
    const chart = CHARTS[this.report.name] ?? series;
    const drawn = await chart(rows, values, this.chosen, (chosen) => this.keep(chosen));
    if (!drawn) return [meaning, plain];
    return [drawn, element("details", {}, element("summary", {}, "As a table"), meaning, plain)];
  }
}

function title(name) {
  const words = (name.replace(/-?{.*?}/g, "") || name).replace(/[-_]/g, " ");
  return words[0].toUpperCase() + words.slice(1);
}
