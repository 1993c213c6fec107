// Reports as people look at them. Each chart is a table or a list too, for who does not see it.

import { count, element, number } from "../dom.js";
import { get } from "../service.js";

const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const TIMES = /^(year|quarter|month)$/i;
const QUARTERS = ["Q1", "Q2", "Q3", "Q4"];

// Hires by quarter, the darker the more: of the departments, or of the jobs of one that is chosen, which `keep` is told.
export function heatMap(rows, _, { department: asked = "" }, keep) {
  const byDepartment = grouped(rows);
  const place = element("div", { class: "heat" });
  const show = (chosen) => {
    const lines = chosen
      ? byDepartment.get(chosen).map((row) => ({ ...row, name: row.job }))
      : Array.from(byDepartment, ([name, its]) => ({ name, ...sums(its) }));
    place.replaceChildren(heatTable(chosen ? `Hires in ${chosen}, by job` : "Hires by department", lines));
  };
  const choose = (department) => {
    show(department);
    keep({ department });
  };
  const chosen = byDepartment.has(asked) ? asked : "";
  show(chosen);
  return element("div", {},
    element("label", {}, "Department ",
      element("select", { onchange: (event) => choose(event.target.value) },
        element("option", { value: "" }, "All departments"),
        Array.from(byDepartment.keys(), (name) => element("option", { value: name, selected: name === chosen }, name)))),
    place);
}

// The rows of each department, in the order in which they came.
function grouped(rows) {
  const groups = new Map();
  for (const row of rows) {
    if (!groups.has(row.department)) groups.set(row.department, []);
    groups.get(row.department).push(row);
  }
  return groups;
}

// The largest of the values, of which there may be more than a call takes arguments.
function largest(values, least) {
  return values.reduce((most, value) => Math.max(most, value), least);
}

function sums(rows) {
  return Object.fromEntries(QUARTERS.map((quarter) => [quarter, rows.reduce((sum, row) => sum + row[quarter], 0)]));
}

function heatTable(caption, lines) {
  const most = largest(lines.flatMap((line) => QUARTERS.map((quarter) => line[quarter])), 1);
  return element("table", {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, element("td"), QUARTERS.map((quarter) => element("th", { scope: "col" }, quarter)))),
    element("tbody", {}, lines.map((line) => element("tr", {},
      element("th", { scope: "row" }, line.name),
      QUARTERS.map((quarter) => element("td", { "--heat": line[quarter] / most }, shortened(line[quarter])))))));
}

// A number, and the same in short for where there is no room: 590K.
function shortened(value) {
  return [element("span", { class: "full" }, number(value)), element("span", { class: "short", "aria-hidden": "true" }, SHORT.format(value))];
}

// The departments above the mean as bars, and the mean drawn through them.
export async function bars(rows, [year]) {
  const [{ mean }] = await get(`/stats/mean-hires-per-department?year=${encodeURIComponent(year)}`);
  const most = largest(rows.map((row) => row.hired), mean);
  return element("figure", { class: "bars", "--mean": mean / most },
    element("figcaption", {}, `The line is the mean over all departments: ${number(mean)} hires`),
    element("ol", {}, rows.map((row) => bar(row.department, row.hired, most, " hires"))));
}

// One number by year, quarter or month, as bars; null for a report that is something else.
export function series(rows) {
  const [when, ...others] = Object.keys(rows[0]).sort((one, other) => TIMES.test(other) - TIMES.test(one));
  if (!TIMES.test(when) || others.length !== 1 || !rows.every((row) => typeof row[others[0]] === "number")) return null;
  const [what] = others;
  const most = largest(rows.map((row) => row[what]), 0) || 1;
  return element("figure", { class: "bars series" },
    element("figcaption", {}, `${what} by ${when}`),
    element("ol", {}, rows.map((row) => bar(String(row[when]), row[what], most, ` ${what}`))));
}

function bar(label, value, most, unit) {
  return element("li", {},
    element("span", { class: "label" }, label),
    element("span", { class: "track" }, element("span", { class: "length", "--part": Math.max(0, value) / most })),
    element("span", { class: "value" }, number(value), element("span", { class: "unseen" }, unit)));
}

// Each problem with its number of rows; those that no row has stand back.
export function problems(rows) {
  const list = element("ul", { class: "problems" }, rows.map((row) => element("li", { class: row.rows ? null : "none" },
    element("b", {}, count(row.rows, "row")), ` of ${row.table}: ${row.column} is ${row.problem}`)));
  return element("div", {}, rows.some((row) => row.rows) ? null : element("p", {}, "No stored row has any of these problems."), list);
}
