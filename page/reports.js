// The reports: those that the page knows as people look at them, and any other as the table that it is.

import { bars, heatMap, problems } from "./charts.js";
import { element, problem, table } from "./dom.js";
import { download, get } from "./service.js";

const CHARTS = {
  "hires-per-quarter-{year}": heatMap,
  "top-departments-hired": bars,
  "data-quality": problems,
};

// What a chart has in it already.
const DRAWN = ["mean-hires-per-department"];

// Show all reports, and return what shows them anew.
export async function showReports() {
  const listed = (await get("/stats")).filter((report) => !DRAWN.includes(report.name));
  const charted = Object.keys(CHARTS).flatMap((name) => listed.filter((report) => report.name === name));
  const others = listed.filter((report) => !(report.name in CHARTS));
  const reports = [...charted, ...others].map((report) => new Report(report));
  document.querySelector("#report-list").replaceChildren(...reports.map((report) => report.section));
  const show = () => Promise.all(reports.map((report) => report.show()));
  await show();
  return show;
}

class Report {
  constructor(report) {
    this.report = report;
    this.place = element("div");
    this.inputs = report.parameters.map((parameter) => element("input", {
      name: parameter.name, type: parameter.type === "integer" ? "number" : "text", value: parameter.default, required: true,
    }));
    this.section = element("section", { class: "report", "aria-label": title(report.name) },
      element("h3", {}, title(report.name)),
      element("p", {}, report.description),
      element("form", { onsubmit: (event) => this.submit(event), onchange: () => this.show() },
        this.inputs.map((input) => element("label", {}, `${title(input.name)} `, input)),
        this.inputs.length ? element("button", { class: "quiet" }, "Show") : null,
        element("button", { type: "button", class: "quiet", onclick: () => this.save() }, "Download CSV")),
      this.place);
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
    return this.show();
  }

  save() {
    return download(this.path({ format: "csv" }), `${this.path().split("/").pop().split("?")[0]}.csv`)
      .catch((error) => this.place.replaceChildren(problem(error.message)));
  }

  async show() {
    try {
      const rows = await get(this.path());
      this.place.replaceChildren(...(rows.length ? await this.filled(rows) : [element("p", {}, "No rows.")]));
    } catch (error) {
      this.place.replaceChildren(problem(error.message));
    }
  }

  async filled(rows) {
    const names = Object.keys(rows[0]);
    const plain = table(`${title(this.report.name)}, as a table`, names, rows.map((row) => names.map((name) => row[name])));
    const chart = CHARTS[this.report.name];
    if (!chart) return [plain];
    return [await chart(rows, this.inputs), element("details", {}, element("summary", {}, "As a table"), plain)];
  }
}

function title(name) {
  const words = name.replace(/-?{.*?}/g, "").replace(/[-_]/g, " ");
  return words[0].toUpperCase() + words.slice(1);
}
