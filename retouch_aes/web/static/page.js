// The page: what the server says is shown, what the person does is sent. An answer counts once the server has it.

import { image, post, state as ask } from "./api.js";
import { History } from "./history.js";
import { Learn } from "./learn.js";
import { quiet, tell, unsay, wait } from "./notices.js";
import { Pair, wantedSide } from "./pair.js";
import { Zoom } from "./zoom.js";

const HOLD = 60; // milliseconds for which the chosen photo stays marked, so that a slip is noticed
const find = (id) => document.getElementById(id);
const stage = find("stage");
const pairs = new Map(); // by the number of the card
let current = null; // the pair that is shown
let state = { phase: "loading", cards: [], history: [] };
let revisited = null; // the past answer that is being changed
let busy = false;
let asking = false;

const zoom = new Zoom(stage, find("zoom"), () => current);
const history = new History(find("history"), (entry) => revisit(entry));
const learn = new Learn(find("learn"), follow, (error) => tell(error));

// ---- what is shown

function take(next) {
  state = next;
  const loading = state.phase === "loading" || state.phase === "failed";
  document.body.dataset.mode = state.mode || "choose";
  if (loading) {
    wait(state.text, state.phase === "failed");
    return;
  }
  find("count").textContent = `${state.count} of about ${state.budget}`;
  find("bar").max = state.budget;
  find("bar").value = Math.min(state.count, state.budget);
  find("insight").textContent = state.insight.text;
  find("insight").title = state.insight.text;
  for (const id of ["insight", "learn"]) find(id).classList.toggle("enough", state.insight.enough);
  find("file").textContent = state.file;
  for (const id of ["undo", "unrate"]) find(id).disabled = !state.history.length;
  find("verdicts").hidden = state.mode === "rate";
  find("ratings").hidden = state.mode !== "rate";
  history.render(state.history);
  learn.render(state.learning);
  prepare();
}

/** Load the pair that is asked and the one after it; show the first as soon as it is decoded. */
function prepare() {
  const wanted = new Set(state.cards.map((card) => card.number));
  for (const [number, pair] of pairs) {
    if (!wanted.has(number) && pair !== current) {
      pair.remove();
      pairs.delete(number);
    }
  }
  for (const card of state.cards) if (!pairs.has(card.number)) pairs.set(card.number, build(card));
  if (revisited) return;
  const first = state.cards[0] && pairs.get(state.cards[0].number);
  if (first) {
    show(first);
    return;
  }
  replace(null);
  if (state.failure) wait(`Something went wrong: ${state.failure}`, true);
  else if (state.phase === "finished") wait("Every pair has been asked. Learn now, or change an answer below.");
  else wait("Preparing the next pair");
}

function build(card) {
  const pair = new Pair(card, side(card.sides.length), choose);
  find("pairs").append(pair.root);
  return pair;
}

async function show(pair) {
  if (pair === current) {
    quiet();
    return;
  }
  const slow = setTimeout(() => { if (current !== pair) wait("Loading the photos"); }, 250);
  await pair.ready;
  clearTimeout(slow);
  const still = revisited ? pair === revisited.pair : pairs.get(state.cards[0]?.number) === pair;
  if (!still || current === pair) return;
  replace(pair);
  quiet();
}

function replace(pair) {
  if (zoom.on) zoom.end();
  const before = current;
  const focused = before ? before.panes.findIndex((pane) => pane.root === document.activeElement) : -1;
  current = pair;
  if (pair) pair.show();
  if (before && before !== pair) {
    if (pairs.get(before.number) === before && state.cards.some((card) => card.number === before.number)) {
      before.root.classList.remove("shown");
      before.root.inert = true;
    } else {
      pairs.delete(before.number);
      before.remove();
    }
  }
  if (focused >= 0 && pair?.panes[focused]) pair.panes[focused].root.focus({ preventScroll: true });
  document.body.dataset.shown = pair ? String(pair.number) : "";
}

function speak(text) {
  find("spoken").textContent = text;
}

function side(count) {
  return wantedSide(stage, count);
}

// ---- what the person does

const SAID = { left: "Left chosen", right: "Right chosen", tie: "Can’t say", skip: "Skipped" };

async function choose(verdict) {
  if (state.mode === "rate") return;
  await answer("answer", { verdict }, verdict, SAID[verdict]);
}

async function rate(rating) {
  if (state.mode !== "rate") return;
  await answer("rate", { rating }, String(rating), `Rated ${rating}`);
}

async function answer(what, body, mark, said) {
  if (busy || !current || document.querySelector("dialog[open]")) return;
  busy = true;
  const pair = current;
  pair.mark(mark);
  pressed(mark, true);
  try {
    const asked = revisited
      ? post("change", { place: revisited.entry.place, verdict: body.verdict ?? body.rating })
      : post(what, { card: pair.number, ...body });
    const [next] = await Promise.all([asked, sleep(HOLD)]);
    if (revisited) leave();
    take(next);
    speak(`${said}. ${next.count} of about ${next.budget}.`);
    unsay();
  } catch (error) {
    pair.mark("");
    tell(error);
  } finally {
    pressed(mark, false);
    busy = false;
    poll();
  }
}

async function undo() {
  if (busy || !state.history.length || document.querySelector("dialog[open]")) return;
  if (revisited) {
    leave();
    prepare();
    return;
  }
  busy = true;
  try {
    take(await post("undo"));
    speak(`Taken back. ${state.count} of about ${state.budget}.`);
  } catch (error) {
    tell(error);
  } finally {
    busy = false;
    poll();
  }
}

/** Show a past answer again, to change it. */
function revisit(entry) {
  if (busy || entry.keys.some((key) => !key)) return;
  if (revisited) leave();
  const load = entry.keys.map((key) => measure(key));
  Promise.all(load).then((sizes) => {
    const sides = entry.keys.map((key, index) => ({ key, name: "", ...sizes[index] }));
    const pair = build({ number: `past ${entry.place}`, same: false, sides });
    pair.mark(entry.kind === "rating" ? String(entry.rating) : entry.verdict);
    pressed(pair.root.dataset.verdict, true);
    revisited = { entry, pair };
    history.mark(entry.place);
    find("banner-text").textContent = `Answer ${entry.place + 1}: choose again`;
    find("banner").hidden = false;
    document.body.dataset.past = "yes";
    show(pair);
  }).catch(() => tell(new Error("This photo cannot be shown any more.")));
}

async function measure(key) {
  const response = await fetch(image(key, side(2)));
  const [width, height] = response.headers.get("X-Photo-Size").split("x").map(Number);
  return { width, height };
}

function leave() {
  const past = revisited;
  revisited = null;
  pressed("", false);
  history.mark(-1);
  find("banner").hidden = true;
  delete document.body.dataset.past;
  if (current !== past.pair) past.pair.remove();
}

function pressed(mark, on) {
  for (const button of document.querySelectorAll("footer [data-verdict], footer [data-rating]")) {
    button.classList.toggle("pressed", on && (button.dataset.verdict || button.dataset.rating) === mark);
  }
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen().catch(() => tell(new Error("This browser allows no full screen.")));
}

function openHelp() {
  find("helping").showModal();
}

function openLearn() {
  if (state.learning) learn.open(state.learning);
}

const KEYS = {
  ArrowLeft: () => choose("left"),
  ArrowRight: () => choose("right"),
  " ": () => choose("tie"),
  s: () => choose("skip"),
  Backspace: undo,
  z: () => zoom.toggle(),
  f: fullScreen,
  l: openLearn,
  "?": openHelp,
  Escape: escape,
};
const PANS = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] };

function escape() {
  if (zoom.on) zoom.end();
  else if (revisited) {
    leave();
    prepare();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  const focus = document.activeElement;
  const onButton = focus instanceof HTMLButtonElement && !focus.classList.contains("pane");
  if (onButton && (event.key === " " || event.key === "Enter")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.shiftKey && zoom.on && PANS[key]) {
    event.preventDefault();
    zoom.pan(...PANS[key]);
    return;
  }
  const act = /^[1-5]$/.test(key) ? () => rate(Number(key)) : KEYS[key];
  if (!act || (event.shiftKey && key !== "?")) return;
  event.preventDefault();
  if (!event.repeat) act();
});

// A button keeps its click, not the keyboard: after a click with the mouse, space means "can't say" again.
document.addEventListener("keyup", (event) => {
  if (event.key === " " && document.activeElement?.classList.contains("pane")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  if (event.detail > 0 && !document.querySelector("dialog[open]")) document.activeElement?.blur();
});

for (const button of document.querySelectorAll("footer [data-verdict]")) {
  button.addEventListener("click", () => choose(button.dataset.verdict));
}
for (const button of document.querySelectorAll("footer [data-rating]")) {
  button.addEventListener("click", () => rate(Number(button.dataset.rating)));
}
for (const id of ["undo", "unrate"]) find(id).addEventListener("click", undo);
find("back").addEventListener("click", escape);
find("zoom").addEventListener("click", () => zoom.toggle());
find("full").addEventListener("click", fullScreen);
find("help").addEventListener("click", openHelp);
find("learn").addEventListener("click", openLearn);

// Inside the stage only: the size of the panes, never of their photos, so nothing on the page moves.
new ResizeObserver(() => {
  current?.layout();
}).observe(stage);

// ---- keeping up with the server

function follow(next) {
  take(next);
  poll();
}

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function unsettled() {
  return state.phase === "loading" || (state.more && state.cards.length < 2)
    || state.learning?.phase === "running" || state.insight?.busy;
}

/** Ask again while something is going on: pictures being prepared, learning, an estimate. */
async function poll() {
  if (asking) return;
  asking = true;
  try {
    while (!busy && unsettled()) {
      await sleep(state.phase === "preparing" ? 50 : 400);
      if (busy) break;
      const next = await ask(side(2), state.phase === "preparing");
      if (!busy) take(next);
    }
  } catch (error) {
    tell(error);
  } finally {
    asking = false;
  }
}

ask(side(2)).then(follow, tell);
