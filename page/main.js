// The page: files in, their accounts, the ledger and the reports, all from the service that it came from.

import { problem } from "./dom.js";
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

fill("#warnings", async () => takeFiles(await get("/tables"), showAnew, () => anew.uploads()));
fill("#ledger", async () => ([anew.uploads, openUpload] = await showUploads(showAnew)));
fill("#table-list", async () => (anew.tables = await showTables((id) => openUpload(id))));
fill("#report-list", async () => (anew.reports = await showReports()));

document.querySelector("#description").addEventListener("click", (event) => {
  event.preventDefault();
  download("/openapi.json", "loadbay-openapi.json");
});
