// The page: files in, their accounts, the ledger and the reports, all from the service that it came from.

import { problem } from "./dom.js";
import { takeFiles } from "./files.js";
import { showLedger } from "./ledger.js";
import { showReports } from "./reports.js";
import { get } from "./service.js";

try {
  const tables = await get("/tables");
  let showAnew = () => {};
  takeFiles(tables, () => Promise.all([showLedger(), showAnew()]));
  showLedger();
  showAnew = await showReports();
} catch (error) {
  document.querySelector("#accounts").append(problem(error.message));
}
