// The server, in three calls. Addresses are relative, so each carries the token of the page.

export class Refused extends Error {}
export class Gone extends Error {}

const STOPPED = "The server has stopped. What you answered is saved. Start it again, and open its new address.";

function asJson(body) {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

async function answer(request) {
  let response;
  try {
    response = await request;
  } catch {
    throw new Gone(STOPPED);
  }
  const body = await response.json().catch(() => ({}));
  if (response.status === 403) throw new Gone("This page belongs to an earlier start. Open the address that the terminal shows now.");
  if (!response.ok && response.status !== 409) throw new Refused(body.error || `The server answered ${response.status}.`);
  return body;
}

export function state(side, wait = false) {
  return answer(fetch(`api/state?side=${side}${wait ? "&wait=1" : ""}`, { cache: "no-store" }));
}

export function post(what, body = {}) {
  return answer(fetch(`api/${what}`, asJson(body)));
}

export function item(place) {
  return answer(fetch(`api/item/${place}`, { cache: "no-store" }));
}

/** What the server draws for `body`, as a blob. */
export async function picture(what, body) {
  let response;
  try {
    response = await fetch(`api/${what}`, asJson(body));
  } catch {
    throw new Gone(STOPPED);
  }
  if (!response.ok) return answer(response);
  return response.blob();
}

export function image(key, side) {
  return `image/${key}/${side}.jpg`;
}
