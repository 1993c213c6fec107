// The page: files in, their accounts, the ledger and the reports, all from the service that it came from.

import { shown } from "./address.js";
import { appear, problem } from "./dom.js";
import { takeFiles } from "./files/files.js";
import { showReports } from "./reports/reports.js";
import { download, get } from "./service.js";
import { showTables } from "./tables/tables.js";
import { showUploads } from "./uploads/uploads.js";

// What shows each part anew, once it is there.
const anew = { uploads: () => {}, tables: () => {}, reports: () => {} };
let openUpload = () => {};

// Fill a part of the page, or say in its place why that cannot be done.
async function fill(place, work) {
  try {
    await work();
  } catch (error) {
    document.querySelector(place).replaceChildren(problem(`${error.message} Reload the page to try again.`));
  }
}

const showAnew = () => Promise.all(Object.values(anew).map((show) => show()));

fill("#warnings", async () => takeFiles(await get("/tables"), showAnew, () => anew.uploads(), (id) => openUpload(id)));
const uploads = fill("#ledger", async () => ([anew.uploads, openUpload] = await showUploads(showAnew)));
const tables = fill("#table-list", async () => (anew.tables = await showTables((id) => openUpload(id))));
const reports = fill("#report-list", async () => (anew.reports = await showReports()));
const parts = { "#uploads": uploads, "#tables": tables, "#reports": null, footer: reports };
appear(Object.entries(parts).map(([name, work]) => [document.querySelector(name), work])).then(goToAsked);

// Go to what the address asks for, an upload, a report or a section, unless somebody uses the page already.
function goToAsked() {
  if (document.activeElement !== document.body) return;
  const { section, name } = shown();
  const named = { uploads: "#upload h3", reports: `[data-name="${CSS.escape(name)}"]` }[section];
  const place = (name && named && document.querySelector(named)) || document.getElementById(section);
  place?.scrollIntoView();
  place?.focus();
}

document.querySelector("#description").addEventListener("click", (event) => {
  event.preventDefault();
  download("/openapi.json", "loadbay-openapi.json");
});
