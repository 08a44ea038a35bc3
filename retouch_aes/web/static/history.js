// Past answers, newest first; each can be opened and changed.

import { image } from "./api.js";
import { THUMB } from "./pair.js";

const WORDS = { left: "left preferred", right: "right preferred", tie: "can’t say", skip: "skipped" };

export class History {
  constructor(root, onOpen) {
    this.root = root;
    this.onOpen = onOpen;
    this.items = [];
    root.addEventListener("keydown", (event) => this.key(event));
  }

  render(entries) {
    while (this.items.length > entries.length) this.items.pop().root.remove();
    entries.forEach((entry, place) => {
      const known = this.items[place];
      if (known && known.identity === identity(entry)) return known.update(entry);
      const item = new Item(entry, () => this.onOpen(this.items[place].entry));
      if (known) known.root.replaceWith(item.root);
      else this.root.prepend(item.root);
      this.items[place] = item;
      return item;
    });
    this.items.forEach((item, place) => { item.root.tabIndex = place === this.items.length - 1 ? 0 : -1; });
  }

  mark(place) {
    this.items.forEach((item, index) => item.root.classList.toggle("open", index === place));
  }

  key(event) {
    const step = { ArrowLeft: 1, ArrowRight: -1, Home: Infinity, End: -Infinity }[event.key];
    if (step === undefined || !this.items.length) return;
    event.preventDefault();
    event.stopPropagation();
    const now = this.items.findIndex((item) => item.root === document.activeElement);
    const next = Math.min(this.items.length - 1, Math.max(0, now + step));
    this.items[next].root.focus();
  }
}

function identity(entry) {
  return `${entry.place} ${entry.keys.join(" ")}`;
}

class Item {
  constructor(entry, onClick) {
    this.identity = identity(entry);
    this.root = document.createElement("button");
    this.root.type = "button";
    this.root.className = "item";
    this.root.addEventListener("click", onClick);
    this.thumbs = entry.keys.map((key) => {
      const thumb = document.createElement("span");
      thumb.className = "thumb";
      if (key) {
        const picture = new Image();
        picture.loading = "lazy";
        picture.alt = "";
        picture.src = image(key, THUMB);
        thumb.append(picture);
      }
      return thumb;
    });
    this.text = document.createElement("span");
    this.text.className = "verdict";
    this.root.append(...this.thumbs, this.text);
    this.update(entry);
  }

  update(entry) {
    this.entry = entry;
    const rated = entry.kind === "rating";
    this.root.dataset.verdict = rated ? "rating" : entry.verdict;
    this.text.textContent = rated ? String(entry.rating) : { tie: "=", skip: "–" }[entry.verdict] || "";
    const what = rated ? `rated ${entry.rating}` : WORDS[entry.verdict];
    this.root.setAttribute("aria-label", `Answer ${entry.place + 1}: ${what}. Change it.`);
    this.thumbs.forEach((thumb, index) => {
      const side = ["left", "right"][index];
      thumb.classList.toggle("won", entry.verdict === side);
      thumb.classList.toggle("lost", ["left", "right"].includes(entry.verdict) && entry.verdict !== side);
    });
  }
}
