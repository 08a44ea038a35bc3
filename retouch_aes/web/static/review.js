// The review: a result is shown, the person keeps, changes or rejects it. A verdict counts once the server has it.

import { image, item as askItem, picture, post, state as askState } from "./api.js";
import { Compare, FULL } from "./compare.js";
import { quiet, tell, unsay, wait } from "./notices.js";
import { Sliders } from "./sliders.js";

const find = (id) => document.getElementById(id);
const items = new Map(); // by place: a promise of what the server says of it
let state = { phase: "loading", verdicts: "", total: 0 };
let place = -1;
let item = null; // what is shown
let busy = false;
let asking = false;
let drawn = 0; // counts what was asked to be drawn, so that only the latest is

const compare = new Compare(() => flip());
const sliders = new Sliders(() => changed());

// ---- what is shown

function take(next) {
  state = next;
  if (state.phase !== "reviewing") {
    wait(state.text, state.phase === "failed");
    return;
  }
  find("count").textContent = `${state.count} of ${state.total}`;
  find("bar").max = state.total;
  find("bar").value = state.count;
  find("file").textContent = state.file;
  find("undo").disabled = !state.undo;
  const learning = state.learning;
  find("learn").textContent = learning.phase === "running" ? `Learning ${Math.round(100 * learning.done)} %` : "Learn now";
  const writing = state.writing ? `Making ${state.writing} at full size. ` : "";
  const said = learning.phase === "idle" ? "" : learning.text;
  find("insight").textContent = state.failures[0] || `${writing}${said}`;
  find("insight").title = find("insight").textContent;
  for (const letter of ["k", "c", "r"]) document.body.classList.toggle(`verdict-${letter}`, state.verdicts[place] === letter);
}

function fetched(at) {
  if (!items.has(at)) {
    const asked = askItem(at);
    items.set(at, asked);
    asked.catch(() => items.delete(at));
  }
  return items.get(at);
}

async function show(at) {
  place = at;
  drawn += 1;
  const mine = drawn;
  const slow = setTimeout(() => wait("Loading the photo"), 250);
  try {
    const found = await fetched(at);
    const side = compare.side();
    const pictures = [load(image(found.before, side)), load(image(found.after, side))];
    await Promise.all(pictures.map((one) => one.decode()));
    if (mine !== drawn) return;
    item = found;
    find("before").src = pictures[0].src;
    find("after").src = pictures[1].src;
    find("trial").hidden = true;
    end();
    compare.photo(found.width, found.height);
    compare.show("split");
    sliders.render(found.sliders, found.values);
    find("name").textContent = `${at + 1}. ${found.name}`;
    const scores = found.scores ? `score ${found.scores[0].toFixed(2)} → ${found.scores[1].toFixed(2)}` : "";
    find("told").textContent = [found.outcome, found.reason, scores, found.edits].filter(Boolean).join(", ");
    find("flip").setAttribute("aria-pressed", "false");
    quiet();
    take(state);
    document.body.dataset.shown = String(at);
    because();
    ahead(at);
  } catch (error) {
    if (mine !== drawn) return;
    item = null;
    document.body.dataset.shown = String(at);
    wait(`${at + 1}. This photo cannot be shown: ${error.message}`, true);
  } finally {
    clearTimeout(slow);
  }
}

function load(source) {
  const one = new Image();
  one.src = source;
  return one;
}

/** Fetch what comes next while this one is looked at. */
async function ahead(at) {
  const next = following(at);
  if (next < 0 || next === at) return;
  const found = await fetched(next).catch(() => null);
  if (!found) return;
  const side = compare.side();
  for (const key of [found.before, found.after]) load(image(key, side));
  for (const known of items.keys()) if (items.size > 12 && known !== at && known !== next) items.delete(known);
}

/** The next result without a verdict after `at`, or from the start; -1 where all have one. */
function following(at) {
  const later = state.verdicts.indexOf(".", at + 1);
  return later >= 0 ? later : state.verdicts.indexOf(".");
}

// ---- the edit as it is being changed: drawn on a small copy, the latest only

let pending = false;
let drawing = false;

function changed() {
  pending = true;
  draw();
  because();
}

async function draw() {
  if (drawing || !item) return;
  drawing = true;
  try {
    while (pending) {
      pending = false;
      const mine = drawn;
      const side = compare.at ? FULL : Math.min(1200, compare.side());
      const blob = await picture("try", { place, values: sliders.values(), side });
      const bitmap = await createImageBitmap(blob);
      if (mine !== drawn) continue;
      const canvas = find("trial");
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
      canvas.getContext("2d").drawImage(bitmap, 0, 0);
      canvas.hidden = false;
      canvas.dataset.strength = String(sliders.strength);
      scale();
    }
  } catch (error) {
    tell(error);
  } finally {
    drawing = false;
  }
}

// ---- zoom, and its true scale

function zoom() {
  if (!item) return;
  const on = compare.zoom();
  find("zoom").setAttribute("aria-pressed", String(on));
  if (on) detail();
  scale();
}

function end() {
  if (compare.at) compare.zoom();
  find("zoom").setAttribute("aria-pressed", "false");
  scale();
}

/** The pictures at the photo's own size, once they are there. */
async function detail() {
  const mine = drawn;
  const shown = item;
  if (Math.max(item.width, item.height) <= find("before").naturalWidth) return;
  const pictures = [load(image(item.before, FULL)), load(image(item.after, FULL))];
  try {
    await Promise.all(pictures.map((one) => one.decode()));
  } catch {
    return;
  }
  if (mine !== drawn || item !== shown) return;
  find("before").src = pictures[0].src;
  find("after").src = pictures[1].src;
  if (!find("trial").hidden) changed();
  scale();
}

function scale() {
  const label = find("scale");
  if (!compare.at) {
    label.textContent = "";
    return;
  }
  const trial = find("trial");
  const widths = [find("before").naturalWidth, trial.hidden ? find("after").naturalWidth : trial.width];
  const least = Math.min(...widths);
  const short = least < item.width ? `, from a copy of ${Math.round((100 * least) / item.width)} %` : "";
  label.textContent = `${Math.round(compare.percent())} %${short}`;
}

// ---- why

let reasons = 0;
async function because() {
  const list = find("because");
  reasons += 1;
  const mine = reasons;
  if (list.hidden || !item) return;
  await sleep(250);
  if (mine !== reasons) return;
  list.replaceChildren(line("…"));
  const asked = { place, values: sliders.values() };
  try {
    const first = await post("why", asked);
    if (mine !== reasons) return;
    list.replaceChildren(...first.lines.map(line));
    if (!first.certificate.personal) return;
    list.append(line("… what would have to be different?"));
    const whole = await post("why", { ...asked, wish: true });
    if (mine === reasons) list.replaceChildren(...whole.lines.map(line));
  } catch (error) {
    if (mine === reasons) list.replaceChildren(line(error.message));
  }
}

function line(text) {
  const node = document.createElement("li");
  node.textContent = text;
  return node;
}

function why() {
  const list = find("because");
  list.hidden = !list.hidden;
  find("why").setAttribute("aria-expanded", String(!list.hidden));
  because();
  if (!list.hidden) list.scrollIntoView({ block: "nearest" });
}

// ---- what the person does

async function judge(verdict) {
  if (busy || !item || document.querySelector("dialog[open]")) return;
  busy = true;
  const at = place;
  const body = { place: at, verdict };
  if (verdict === "keep") body.values = sliders.values();
  try {
    take(await post("judge", body));
    items.delete(at);
    find("spoken").textContent = `${verdict === "keep" ? "Kept" : "Rejected"}. ${state.count} of ${state.total}.`;
    unsay();
    const next = following(at);
    if (next >= 0) await show(next);
    else {
      await show(at);
      wait("Every result has been reviewed. Learn now, or go back with ←.");
    }
  } catch (error) {
    tell(error);
  } finally {
    busy = false;
    poll();
  }
}

async function undo() {
  if (busy || !state.undo || document.querySelector("dialog[open]")) return;
  busy = true;
  try {
    const next = await post("undo");
    take(next);
    if (next.place >= 0) {
      items.delete(next.place);
      await show(next.place);
    }
  } catch (error) {
    tell(error);
  } finally {
    busy = false;
    poll();
  }
}

function go(step) {
  if (busy || state.phase !== "reviewing") return;
  const next = Math.min(state.total - 1, Math.max(0, place + step));
  if (next !== place) show(next);
}

function flip() {
  if (item) find("flip").setAttribute("aria-pressed", String(compare.flip()));
}

async function learn() {
  try {
    take(await post("learn"));
    poll();
  } catch (error) {
    tell(error);
  }
}

const KEYS = {
  Enter: () => judge("keep"),
  k: () => judge("keep"),
  x: () => judge("reject"),
  Delete: () => judge("reject"),
  w: () => sliders.stronger(-1),
  "-": () => sliders.stronger(-1),
  s: () => sliders.stronger(1),
  "+": () => sliders.stronger(1),
  " ": flip,
  f: flip,
  z: zoom,
  y: why,
  l: learn,
  ArrowLeft: () => go(-1),
  ArrowRight: () => go(1),
  Backspace: undo,
  Escape: end,
  "?": () => find("helping").showModal(),
};
const PANS = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  const focus = document.activeElement;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (focus instanceof HTMLInputElement && key.startsWith("Arrow")) return; // a slider keeps its arrows
  const onControl = focus instanceof HTMLButtonElement || focus?.tagName === "SUMMARY";
  if (onControl && (key === " " || key === "Enter")) return;
  if (event.shiftKey && compare.at && PANS[key]) {
    event.preventDefault();
    compare.pan(...PANS[key]);
    return;
  }
  const act = KEYS[key];
  if (!act || (event.shiftKey && !["?", "+"].includes(key))) return;
  event.preventDefault();
  if (!event.repeat || "ws+-".includes(key)) act();
});

// A button keeps its click, not the keyboard.
document.addEventListener("click", (event) => {
  if (event.detail > 0 && !document.querySelector("dialog[open]") && document.activeElement?.tagName === "BUTTON") {
    document.activeElement.blur();
  }
});

const BUTTONS = {
  keep: () => judge("keep"),
  reject: () => judge("reject"),
  weaker: () => sliders.stronger(-1),
  stronger: () => sliders.stronger(1),
  flip,
  zoom,
  why,
  learn,
  undo,
  previous: () => go(-1),
  next: () => go(1),
  help: () => find("helping").showModal(),
};
for (const [id, act] of Object.entries(BUTTONS)) find(id).addEventListener("click", act);
new ResizeObserver(() => { if (item) scale(); }).observe(find("view"));

// ---- keeping up with the server

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function unsettled() {
  return state.phase === "loading" || state.writing > 0 || state.learning?.phase === "running";
}

/** Ask again while something is going on: loading, results being made, learning. */
async function poll() {
  if (asking) return;
  asking = true;
  try {
    while (!busy && unsettled()) {
      await sleep(400);
      if (busy) break;
      const next = await askState(0);
      if (!busy) begin(next);
    }
  } catch (error) {
    tell(error);
  } finally {
    asking = false;
  }
}

/** Take a state; the first that is ready says where to start. */
function begin(next) {
  take(next);
  if (state.phase === "reviewing" && place < 0) {
    const first = following(-1);
    show(Math.max(0, first));
  }
}

askState(0).then((next) => {
  begin(next);
  poll();
}, tell);
