// Reports as people look at them. Each chart is a table or a list too, for who does not see it.

import { count, element, number } from "./dom.js";
import { get } from "./service.js";

const QUARTERS = ["Q1", "Q2", "Q3", "Q4"];

// Hires by quarter, the darker the more: of the departments, or of the jobs of one that is chosen.
export function heatMap(rows) {
  const departments = [...new Set(rows.map((row) => row.department))];
  const place = element("div", { class: "heat" });
  const show = (chosen) => {
    const lines = chosen
      ? rows.filter((row) => row.department === chosen).map((row) => ({ ...row, name: row.job }))
      : departments.map((name) => ({ name, ...sums(rows.filter((row) => row.department === name)) }));
    place.replaceChildren(heatTable(chosen ? `Hires in ${chosen}, by job` : "Hires by department", lines));
  };
  show("");
  return element("div", {},
    element("label", {}, "Department ",
      element("select", { onchange: (event) => show(event.target.value) },
        element("option", { value: "" }, "all of them"),
        departments.map((name) => element("option", { value: name }, name)))),
    place);
}

function sums(rows) {
  return Object.fromEntries(QUARTERS.map((quarter) => [quarter, rows.reduce((sum, row) => sum + row[quarter], 0)]));
}

function heatTable(caption, lines) {
  const most = Math.max(1, ...lines.flatMap((line) => QUARTERS.map((quarter) => line[quarter])));
  return element("table", {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, element("td"), QUARTERS.map((quarter) => element("th", { scope: "col" }, quarter)))),
    element("tbody", {}, lines.map((line) => element("tr", {},
      element("th", { scope: "row" }, line.name),
      QUARTERS.map((quarter) => element("td", { "--heat": line[quarter] / most }, number(line[quarter])))))));
}

// The departments above the mean as bars, and the mean drawn through them.
export async function bars(rows, [year]) {
  const [{ mean }] = await get(`/stats/mean-hires-per-department?year=${encodeURIComponent(year)}`);
  const most = Math.max(mean, ...rows.map((row) => row.hired));
  return element("figure", { class: "bars", "--mean": mean / most },
    element("figcaption", {}, `The line is the mean over all departments: ${number(mean)} hires`),
    element("ol", {}, rows.map((row) => element("li", {},
      element("span", { class: "label" }, row.department),
      element("span", { class: "track" }, element("span", { class: "length", "--part": row.hired / most })),
      element("span", { class: "value" }, number(row.hired), element("span", { class: "unseen" }, " hires"))))));
}

// Each problem with its number of rows; those that no row has stand back.
export function problems(rows) {
  return element("ul", { class: "problems" }, rows.map((row) => element("li", { class: row.rows ? null : "none" },
    element("b", {}, count(row.rows, "row")), ` of ${row.table}: ${row.column} is ${row.problem}`)));
}
