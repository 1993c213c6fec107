// The service: what it is asked, and the token that this tab was given for it.

const KEY = "loadbay-token";
let asking = null;

// Return the JSON at a path. Throws an Error with the service's sentence.
export async function get(path) {
  return (await ask(path)).json();
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

// Send a file, and return the status and the answer: an account, or an error with its detail. Only XMLHttpRequest tells
// how much has been sent.
export function upload(file, table, options, sent) {
  const query = new URLSearchParams(options);
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append("file", file);
  request.open("POST", `/upload/${encodeURIComponent(table)}?${query}`);
  for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
  request.upload.onprogress = (event) => sent(event.loaded / event.total);
  request.upload.onload = () => sent(1);
  return new Promise((resolve) => {
    request.onload = () => resolve({ status: request.status, answer: read(request.responseText) });
    request.onerror = () => resolve({ status: 0, answer: { detail: "The connection broke off. Send the file again: what is stored is skipped." } });
    request.send(form);
  });
}

async function ask(path) {
  const response = await fetch(path, { headers: { Accept: "application/json", ...authorization() } });
  if (response.status === 401) {
    asking ??= askForToken();
    await asking;
    asking = null;
    return ask(path);
  }
  if (!response.ok) throw new Error(read(await response.text()).detail);
  return response;
}

function authorization() {
  const token = sessionStorage.getItem(KEY);
  return token ? { Authorization: `Bearer ${token}` } : {};
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

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { detail: "The answer is not the service's own: is there a proxy in between?" };
  }
}
