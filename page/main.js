// The page: files in, their accounts, the ledger and the reports, all from the service that it came from.

import { problem } from "./dom.js";
import { takeFiles } from "./files.js";
import { showLedger } from "./ledger.js";
import { showReports } from "./reports.js";
import { download, get } from "./service.js";

let showAnew = () => {};

// Fill a part of the page, or say in its place why that cannot be done.
async function fill(place, work) {
  try {
    await work();
  } catch (error) {
    document.querySelector(place).replaceChildren(problem(`${error.message} Reload the page to try again.`));
  }
}

fill("#accounts", async () => takeFiles(await get("/tables"), () => Promise.all([showLedger(), showAnew()])));
fill("#ledger", showLedger);
fill("#report-list", async () => (showAnew = await showReports()));

document.querySelector("#description").addEventListener("click", (event) => {
  event.preventDefault();
  download("/openapi.json", "loadbay-openapi.json");
});
