// A file on its way: to the service or, where it is too large for that and there is a bucket, into that.

import { get, STOPPED, upload } from "../service.js";
import { uploadByLink } from "./links.js";

const LOOK_MS = 500;

// Send a file, and return the status and the answer.
export async function sendEitherWay(file, table, options) {
  const byLink = () => uploadByLink(file, table, options);
  if (file.file.size > file.bytesMax) return byLink();
  const done = await sendToService(file, table, options);
  return done.status === 413 && file.bytesMax < Infinity ? byLink() : done;
}

async function sendToService(file, table, options) {
  const { progress } = file;
  const before = await newestUpload();
  if (progress.isToStop) return STOPPED;
  const find = async () => {
    const uploads = await get("/uploads?limit=20").catch(() => []);
    return uploads.find((one) => one.upload_id > before && one.file_name === file.file.name && one.table === table);
  };
  let watching = null;
  const look = async () => {
    const entry = await find();
    if (entry?.status === "running" && watching !== null) progress.showEntry(entry);
  };
  const done = await upload(file.file, table, options, {
    sent: (part) => {
      progress.showSent(part);
      progress.isSent = part === 1;
      if (progress.isSent) watching ??= setInterval(look, LOOK_MS);
    },
    begun: (abort) => (progress.abort = abort),
  });
  clearInterval(watching);
  watching = null;
  if (done.answer.isStopped) { // its last bytes may have been on their way already
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const entry = await find();
    if (entry) progress.found(entry.upload_id);
  }
  return done;
}

async function newestUpload() {
  const [newest] = await get("/uploads?limit=1").catch(() => []);
  return newest?.upload_id ?? 0;
}
