// Files that are too large for the service itself: they go into its bucket by a link, and the ledger has their account.

import { get, link, sendForm, STOPPED } from "../service.js";

const LOOK_MS = 1500;
const PATIENCE_MS = 30 * 60_000;

// Send a file, show how far it is, and return a status and an answer like those of an upload.
export async function uploadByLink(file, table, options) {
  const { progress } = file;
  const given = await link(table, options);
  if (progress.isToStop) return STOPPED;
  if (!given.url) return { status: given.status, answer: given };
  const sent = await sendForm(given, file.file, {
    sent: (part) => progress.showSent(part),
    begun: (abort) => (progress.abort = abort),
  });
  if (!sent) return { status: 0, answer: { isStopped: progress.isToStop, detail: "The file did not arrive. Load it again." } };
  progress.isSent = true;
  const entry = await ended(`/uploads?${given.account_url.split("?")[1]}`, (entry) => progress.showEntry(entry));
  return entry ? asAnswer(entry) : { status: 0, answer: { detail: "The file arrived, and is still being loaded. Its account will be below, among the uploads." } };
}

// Return the ledger's entry of an upload once that has ended, null where it takes too long.
async function ended(path, show) {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    const [entry] = await get(path).catch(() => []);
    if (entry && !["running", "interrupted"].includes(entry.status)) return entry;
    show(entry);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return null;
}

// The ledger has the numbers of refused rows, of skipped ids and of conflicts, and files of them, but not the first of each.
function asAnswer(entry) {
  return {
    status: entry.status === "finished" ? 200 : 422,
    answer: {
      ...entry,
      detail: entry.reason,
      dry_run: Boolean(entry.options.dry_run),
      rejects: [],
      skipped_duplicates: [],
      conflicts: [],
      conflicts_counted: entry.conflicts,
    },
  };
}
