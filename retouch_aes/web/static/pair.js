// One question on the stage: two panes, or one to rate. Built hidden, shown once its pictures are decoded.

import { image } from "./api.js";

export const THUMB = 160;
export const FULL = 8192;
const SIDES = [800, 1200, 1600, 2400, 3200];

/** The long side, in device pixels, that fills a pane of the stage. */
export function wantedSide(stage, count) {
  const box = stage.getBoundingClientRect();
  const stacked = box.width < box.height;
  const width = stacked || count === 1 ? box.width : box.width / 2;
  const height = stacked && count === 2 ? box.height / 2 : box.height;
  const pixels = Math.max(width, height) * (window.devicePixelRatio || 1);
  return SIDES.find((side) => side >= pixels) || SIDES[SIDES.length - 1];
}

export class Pair {
  constructor(card, side, onChoose) {
    this.number = card.number;
    this.card = card;
    this.root = document.createElement("div");
    this.root.className = card.sides.length === 1 ? "pair single" : "pair";
    this.root.inert = true;
    const names = card.sides.length === 1 ? [""] : ["left", "right"];
    this.panes = card.sides.map((photo, index) => new Pane(photo, side, names[index], card.same, onChoose));
    this.root.append(...this.panes.map((pane) => pane.root));
    this.ready = Promise.all(this.panes.map((pane) => pane.image.decode().catch(() => pane.fail())));
  }

  show() {
    this.root.classList.add("shown");
    this.root.inert = false;
    this.layout();
  }

  remove() {
    for (const pane of this.panes) pane.release();
    this.root.remove();
  }

  layout() {
    for (const pane of this.panes) pane.layout();
  }

  mark(verdict) {
    this.root.dataset.verdict = verdict;
    for (const pane of this.panes) {
      pane.root.classList.toggle("chosen", verdict === pane.name || verdict === "tie");
      pane.root.classList.toggle("other", ["left", "right"].includes(verdict) && verdict !== pane.name);
    }
  }
}

class Pane {
  constructor(photo, side, name, same, onChoose) {
    this.photo = photo;
    this.name = name;
    this.root = document.createElement(name ? "button" : "div");
    this.root.className = "pane";
    if (name) {
      this.root.type = "button";
      this.root.setAttribute("aria-label", `Choose the ${name} ${same ? "version of" : "photo,"} ${photo.name}`);
      this.root.addEventListener("click", () => onChoose(name));
    }
    this.box = document.createElement("div");
    this.box.className = "photo";
    this.image = new Image();
    this.image.alt = name ? "" : photo.name;
    this.image.draggable = false;
    this.image.src = image(photo.key, side);
    this.label = document.createElement("span");
    this.label.className = "scale";
    this.box.append(this.image);
    this.root.append(this.box, this.label);
  }

  fail() {
    this.box.classList.add("broken");
    this.label.textContent = "this photo cannot be shown: skip it";
  }

  /** Fit the frame of the photo into the pane; its proportions are known, so nothing moves later. */
  layout() {
    const room = this.root.getBoundingClientRect();
    const scale = Math.min(room.width / this.photo.width, room.height / this.photo.height);
    this.width = this.photo.width * scale;
    this.height = this.photo.height * scale;
    this.room = room;
    this.box.style.width = `${this.width}px`;
    this.box.style.height = `${this.height}px`;
    if (this.at) this.zoomTo(this.at.x, this.at.y);
  }

  /** One pixel of the photo on one of the screen, about the spot (x, y), 0 to 1; small photos at twice their size here. */
  zoomTo(x, y) {
    this.at = { x, y };
    this.detail();
    const pixels = this.photo.width / (window.devicePixelRatio || 1) / this.width;
    this.factor = pixels > 1.1 ? pixels : 2;
    const move = (spot, size, room) => {
      const most = Math.max(0, (size * this.factor - room) / 2);
      return Math.min(most, Math.max(-most, (0.5 - spot) * size * this.factor));
    };
    const across = move(x, this.width, this.room.width);
    const down = move(y, this.height, this.room.height);
    this.box.style.transform = `translate(${across}px, ${down}px) scale(${this.factor})`;
    const pinch = window.visualViewport?.scale || 1;
    const screen = this.factor * this.width * (window.devicePixelRatio || 1) * pinch;
    this.percent = `${Math.round((100 * screen) / this.photo.width)} %`;
    this.tell();
  }

  unzoom() {
    this.at = null;
    this.box.style.transform = "";
    this.label.textContent = "";
    this.release();
  }

  /** The photo at its own size, over the smaller one once it is there. */
  detail() {
    if (this.full || Math.max(this.photo.width, this.photo.height) <= this.image.naturalWidth) return;
    const full = new Image();
    this.full = full;
    full.alt = "";
    full.draggable = false;
    full.className = "detail";
    full.src = image(this.photo.key, FULL);
    full.decode().then(() => {
      if (this.full !== full) return;
      this.box.append(full);
      full.dataset.ready = "yes";
      this.tell();
    }).catch(() => {
      full.dataset.ready = "failed";
      this.tell();
    });
  }

  tell() {
    if (!this.at) return;
    const loading = this.full && !this.full.dataset.ready;
    const shown = this.full?.dataset.ready === "yes" ? this.full.naturalWidth : this.image.naturalWidth;
    const copy = shown < this.photo.width ? `, from a copy of ${Math.round((100 * shown) / this.photo.width)} %` : "";
    this.label.textContent = `${this.percent}${loading ? ", loading" : copy}`;
  }

  release() {
    if (!this.full) return;
    this.full.remove();
    this.full.src = "";
    this.full = null;
  }
}
