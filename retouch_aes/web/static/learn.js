// "Learn now": progress while it runs, then six photos before, generic and personal, with a slider between two.

import { image, post } from "./api.js";
import { THUMB } from "./pair.js";

const NAMES = { before: "before", generic: "generic", personal: "yours" };
const SIDE = 1200;
const find = (id) => document.getElementById(id);

export class Learn {
  constructor(button, onState, onError) {
    this.button = button;
    this.dialog = find("learning");
    this.onState = onState;
    this.onError = onError;
    this.chosen = 0;
    this.versions = ["before", "personal"];
    this.shown = "";
    find("learning-start").addEventListener("click", () => this.start());
    find("compare-slider").addEventListener("input", () => this.slide());
    for (const radio of this.radios()) radio.addEventListener("click", () => this.pick(radio));
    new ResizeObserver(([box]) => box.target.style.setProperty("--tall", `${box.contentRect.height}px`)).observe(find("compare-box"));
    find("versions").addEventListener("keydown", (event) => this.turn(event));
  }

  radios() {
    return [...document.querySelectorAll("#versions [role=radio]")];
  }

  open(state) {
    this.render(state);
    if (!this.dialog.open) this.dialog.showModal();
    if (state.phase === "idle") this.start();
  }

  async start() {
    try {
      this.onState(await post("learn"));
    } catch (error) {
      this.dialog.close();
      this.onError(error);
    }
  }

  render(state) {
    const running = state.phase === "running";
    const percent = Math.round(100 * state.done);
    this.button.textContent = running ? `Learning ${percent} %` : state.phase === "done" ? "What was learned" : "Learn now";
    find("learning-text").textContent = state.text;
    const bar = find("learning-bar");
    bar.hidden = !running;
    if (running) bar.value = state.done;
    find("learning-start").hidden = running;
    find("learning-start").textContent = state.phase === "failed" ? "Try again" : "Learn again";
    find("examples").hidden = !state.examples.length;
    const now = JSON.stringify(state.examples);
    if (now === this.shown) return;
    this.shown = now;
    this.examples = state.examples;
    this.chosen = 0;
    this.sheet();
    this.compare();
  }

  sheet() {
    const cards = this.examples.map((example, index) => {
      const card = document.createElement("button");
      card.type = "button";
      card.className = "example";
      card.setAttribute("aria-label", `Compare ${example.name}`);
      card.addEventListener("click", () => {
        this.chosen = index;
        this.compare();
      });
      for (const version of Object.keys(NAMES)) {
        const figure = document.createElement("span");
        figure.className = "version";
        const picture = new Image();
        picture.alt = "";
        picture.src = image(example.keys[version], THUMB);
        const caption = document.createElement("span");
        caption.textContent = NAMES[version];
        figure.append(picture, caption);
        card.append(figure);
      }
      return card;
    });
    find("sheet").replaceChildren(...cards);
  }

  compare() {
    const example = this.examples[this.chosen];
    if (!example) return;
    const [left, right] = this.versions;
    const box = find("compare-box");
    box.style.aspectRatio = `${example.width} / ${example.height}`;
    box.style.setProperty("--shape", String(example.width / example.height));
    find("compare-under").src = image(example.keys[right], SIDE);
    find("compare-over").src = image(example.keys[left], SIDE);
    find("compare-left").textContent = NAMES[left];
    find("compare-right").textContent = NAMES[right];
    find("compare-text").textContent = example.texts[right] || "";
    [...find("sheet").children].forEach((card, index) => card.setAttribute("aria-pressed", String(index === this.chosen)));
    for (const radio of this.radios()) {
      const checked = radio.dataset.versions === this.versions.join(" ");
      radio.setAttribute("aria-checked", String(checked));
      radio.tabIndex = checked ? 0 : -1;
    }
    this.slide();
  }

  pick(radio) {
    this.versions = radio.dataset.versions.split(" ");
    this.compare();
  }

  turn(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = this.radios();
    const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
    next.focus();
    this.pick(next);
  }

  slide() {
    // The middle of the handle, which stops half its width before the edge.
    const share = find("compare-slider").value / 100;
    find("compare-box").style.setProperty("--cut", `calc(${share} * (100% - 34px) + 17px)`);
  }
}
