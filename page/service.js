// The service: what it is asked, and the token that this tab was given for it.

// What the service's URLs begin with, where it is mounted below a path.
export const MOUNT = new URL("..", import.meta.url).pathname.slice(0, -1);
const KEY = "loadbay-token";
let asking = null;

// What comes of a file that was stopped while it was sent.
export const STOPPED = { status: 0, answer: { isStopped: true } };

// It did not answer at all, so that what is shown may still be true.
export class Unreachable extends Error {}

// Return the JSON at a path. Throws an Error with the service's sentence.
export async function get(path) {
  return read(await (await ask(path)).text());
}

// Delete what is at a path, and return the answer. Throws an Error with the service's sentence.
export async function remove(path) {
  return read(await (await ask(path, { method: "DELETE" })).text());
}

// Return how the start of a file would be read, into a table or the one that fits best; .message says why nobody knows.
export async function preview(start, table, options) {
  const body = new FormData();
  body.append("file", start);
  const path = `/preview${table ? `/${encodeURIComponent(table)}` : ""}?${new URLSearchParams(options)}`;
  try {
    return read(await (await ask(path, { method: "POST", body })).text());
  } catch (error) {
    return { message: error.message, rows: [], hints: [], columns: [], tables: [] };
  }
}

// Return the text at a path. Throws an Error with the service's sentence.
export async function getText(path) {
  return (await ask(path)).text();
}

// Return the first bytes of the text at a path, and perhaps some more, and whether that is all of it.
export async function getStart(path, bytes) {
  const reader = (await ask(path)).body.getReader();
  const parts = [];
  for (let size = 0; size < bytes; size += parts.at(-1).length) {
    const { done, value } = await reader.read();
    if (done) return { text: await new Blob(parts).text(), isAll: true };
    parts.push(value);
  }
  await reader.cancel();
  return { text: await new Blob(parts).text(), isAll: false };
}

// Save what is at a path as a file: a link alone could not send the token.
export async function download(path, name) {
  const url = URL.createObjectURL(await (await ask(path)).blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// Return a link by which a file for a table goes into the service's bucket, or the service's error with its status.
export async function link(table, options) {
  const path = `${MOUNT}/upload-links/${encodeURIComponent(table)}?${new URLSearchParams(options)}`;
  try {
    const response = await fetch(path, { method: "POST", headers: authorization() });
    return { status: response.status, ...read(await response.text()) };
  } catch {
    return { status: 0, detail: "The service cannot be reached." };
  }
}

// Send a file by a link, and return whether it arrived.
export function sendForm({ url, fields }, file, { sent, begun }) {
  const request = new XMLHttpRequest();
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", file);  // S3 takes no field behind it
  request.open("POST", url);
  request.upload.onprogress = (event) => sent(event.loaded / event.total);
  return new Promise((resolve) => {
    request.onload = () => resolve(request.status < 300);
    request.onerror = request.onabort = () => resolve(false);
    begun(() => request.abort());
    request.send(form);
  });
}

// Send a file, and return the status and the answer: an account, or an error with its detail; the status is 0 where none
// came. Only XMLHttpRequest tells how much has been sent.
export function upload(file, table, options, { sent, begun }) {
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append("file", file);
  request.open("POST", `${MOUNT}/upload/${encodeURIComponent(table)}?${new URLSearchParams(options)}`);
  for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
  request.upload.onprogress = (event) => sent(event.loaded / event.total);
  request.upload.onload = () => sent(1);
  return new Promise((resolve) => {
    request.onload = () => resolve({ status: request.status, answer: read(request.responseText) });
    request.onerror = async () => resolve({ status: 0, answer: { detail: await whyNotSent(file) } });
    request.onabort = () => resolve(STOPPED);
    begun(() => request.abort());
    request.send(form);
  });
}

async function whyNotSent(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    return "The file is gone, or was changed after it was chosen. Choose it again.";
  }
  return "The connection to the service broke off. Load the file again: what is stored is skipped.";
}

async function ask(path, request = {}) {
  const sent = authorization();
  let response;
  try {
    response = await fetch(MOUNT + path, { ...request, headers: { Accept: "application/json", ...sent } });
  } catch {
    throw new Unreachable("The service cannot be reached. What is shown may be out of date.");
  }
  if (response.status === 401) {
    if (sent.Authorization !== authorization().Authorization) return ask(path, request);  // another was given meanwhile
    asking ??= askForToken().finally(() => (asking = null));
    await asking;
    return ask(path, request);
  }
  if (!response.ok) throw new Error(read(await response.text()).detail);
  return response;
}

// A header holds no other letters, and no token has any.
function authorization() {
  const token = sessionStorage.getItem(KEY)?.replace(/[^\x21-\x7e]/g, "?");
  return token ? { Authorization: `Bearer ${token}` } : {};
}

export function hasToken() {
  return Boolean(sessionStorage.getItem(KEY));
}

function askForToken() {
  const dialog = document.querySelector("#token");
  dialog.querySelector(".problem").hidden = !sessionStorage.getItem(KEY);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      sessionStorage.setItem(KEY, dialog.querySelector("input").value.trim());
      resolve();
    }, { once: true });
  });
}

// Integers past 2^53, as ids may be, stay as they are written: as text.
function read(text) {
  try {
    return JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|(?<![\d.])-?\d{16,}(?![\d.eE])/g, (found) => (found[0] === '"' ? found : `"${found}"`)));
  } catch {
    return { detail: "The answer is not the service's own: is there a proxy in between?" };
  }
}
