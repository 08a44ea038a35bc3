// What a page says instead of what it shows (it is loading, it failed), and of what went wrong meanwhile.

import { Gone } from "./api.js";

const find = (id) => document.getElementById(id);
let silence = 0;

export function wait(text, failed = false) {
  find("waiting").textContent = text;
  find("waiting").classList.toggle("failed", failed);
  find("waiting").hidden = false;
}

export function quiet() {
  find("waiting").hidden = true;
}

/** An error, for some seconds; for good where the server is gone. */
export function tell(error) {
  const notice = find("notice");
  notice.textContent = error.message;
  notice.hidden = false;
  clearTimeout(silence);
  if (!(error instanceof Gone)) silence = setTimeout(() => { notice.hidden = true; }, 6000);
}

export function unsay() {
  find("notice").hidden = true;
}
