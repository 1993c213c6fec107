// How far a file is: sent by bytes, loaded by rows, with the time that is left.

import { element, number } from "../dom.js";
import { remove } from "../service.js";
import { size } from "./words.js";

export class Progress {
  constructor(file) {
    this.file = file;
    this.phase = "";
    this.uploadId = null;  // the ledger's number, once it has one
    this.isSent = false;   // what was sent as a whole goes on without the page
    this.isToStop = false;
    this.takingBack = null; // tells whether that was done
    this.abort = () => {}; // ends what is being sent, once it is
  }

  // The ledger has the upload.
  found(uploadId) {
    if (uploadId !== this.uploadId) this.file.hooks.begun();
    this.uploadId = uploadId;
    if (this.isToStop) this.takeBack();
  }

  // Go no further. Of what was sent as a whole, what is stored is taken back.
  stop() {
    this.isToStop = true;
    if (!this.isSent) this.abort();
    else if (this.uploadId) this.takeBack();
  }

  takeBack() {
    this.isToStop = false;
    this.takingBack = remove(`/uploads/${this.uploadId}`).then(() => true, () => false);
  }

  // part is of 1, or null where nobody knows; words say the same.
  show(phase, part, words) {
    if (phase !== this.phase) [this.phase, this.begun, this.first] = [phase, performance.now(), part];
    const value = part === null ? null : Math.min(part, 1);
    const bar = element("progress", { value, max: 1, "aria-label": `${phase} ${this.file.file.name}` });
    this.file.state.replaceChildren(bar, element("span", { class: "words" }, `${phase} ${words}${this.left(value)}`));
  }

  showSent(part) {
    const { size: bytes } = this.file.file;
    this.show("Sending", part, `${size(Math.round(part * bytes))} of ${size(bytes)}`);
  }

  // What the ledger has of it, if it has it yet.
  showEntry(entry) {
    if (!entry) return this.show("Waiting for", null, "its turn");
    this.found(entry.upload_id);
    this.show("Loading", this.file.rows && entry.read / this.file.rows, `${number(entry.read)} rows so far`);
  }

  // Said once it can be told: behind two seconds of the work.
  left(part) {
    const seconds = (performance.now() - this.begun) / 1000;
    if (part === null || part >= 1 || part <= this.first || seconds < 2) return "";
    const left = Math.ceil(seconds * (1 - part) / (part - this.first));
    return left < 90 ? `, about ${left} s left` : `, about ${Math.round(left / 60)} min left`;
  }
}
