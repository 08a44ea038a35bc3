// Before and after over each other: a line between them that is dragged, a flip, and both pixel by pixel.

const find = (id) => document.getElementById(id);
const SIDES = [800, 1200, 1600, 2400, 3200];
export const FULL = 8192;

export class Compare {
  constructor(onTap) {
    this.view = find("view");
    this.frame = find("frame");
    this.show("split");
    this.cut = 0.5;
    this.at = null;
    this.size = null;
    this.drag = null;
    this.view.addEventListener("pointerdown", (event) => this.down(event));
    this.view.addEventListener("pointermove", (event) => this.move(event));
    this.view.addEventListener("pointerup", (event) => {
      if (this.drag && this.drag.far < 6 && event.pointerType === "touch") onTap();
      this.drag = null;
    });
    this.view.addEventListener("pointercancel", () => { this.drag = null; });
    new ResizeObserver(() => this.layout()).observe(this.view);
  }

  /** "split", "before" or "after". */
  show(what) {
    this.view.dataset.show = what;
  }

  flip() {
    this.show(this.view.dataset.show === "before" ? "after" : "before");
    return this.view.dataset.show === "before";
  }

  /** The long side, in device pixels, that fills the view. */
  side() {
    const room = this.view.getBoundingClientRect();
    const pixels = Math.max(room.width, room.height) * (window.devicePixelRatio || 1);
    return SIDES.find((side) => side >= pixels) || SIDES[SIDES.length - 1];
  }

  photo(width, height) {
    this.size = { width, height };
    this.at = null;
    this.cut = 0.5;
    this.layout();
  }

  /** What share of a screen pixel one pixel of the photo takes, in percent. */
  percent() {
    const pinch = window.visualViewport?.scale || 1;
    return (100 * this.width * this.factor * (window.devicePixelRatio || 1) * pinch) / this.size.width;
  }

  layout() {
    if (!this.size) return;
    const room = this.view.getBoundingClientRect();
    const fit = Math.min(room.width / this.size.width, room.height / this.size.height);
    this.width = this.size.width * fit;
    this.height = this.size.height * fit;
    this.room = room;
    this.factor = 1;
    this.frame.style.width = `${this.width}px`;
    this.frame.style.height = `${this.height}px`;
    let across = 0;
    let down = 0;
    if (this.at) {
      const pixels = this.size.width / (window.devicePixelRatio || 1) / this.width;
      this.factor = pixels > 1.1 ? pixels : 2; // what fits at its own size is shown at twice that
      const place = (spot, size, space) => {
        const most = Math.max(0, (size * this.factor - space) / 2);
        return Math.min(most, Math.max(-most, (0.5 - spot) * size * this.factor));
      };
      across = place(this.at.x, this.width, room.width);
      down = place(this.at.y, this.height, room.height);
    }
    this.frame.style.width = `${this.width * this.factor}px`;
    this.frame.style.height = `${this.height * this.factor}px`;
    this.frame.style.transform = `translate(${across}px, ${down}px)`;
    this.shift = across;
    this.view.classList.toggle("zoomed", Boolean(this.at));
    this.divide();
  }

  /** Put the line where it was in the view, whatever part of the photo is there. */
  divide() {
    const wide = this.width * this.factor;
    const left = (this.room.width - wide) / 2 + this.shift;
    const share = this.at ? (this.cut * this.room.width - left) / wide : this.cut;
    this.frame.style.setProperty("--cut", `${100 * Math.min(1, Math.max(0, share))}%`);
  }

  zoom() {
    this.at = this.at ? null : { x: 0.5, y: 0.5 };
    this.layout();
    return Boolean(this.at);
  }

  pan(dx, dy) {
    if (!this.at) return;
    const limit = (spot, size, room) => {
      const edge = Math.min(0.5, room / 2 / size);
      return Math.min(1 - edge, Math.max(edge, spot));
    };
    const across = this.width * this.factor;
    const down = this.height * this.factor;
    this.at = {
      x: limit(this.at.x - dx / across, across, this.room.width),
      y: limit(this.at.y - dy / down, down, this.room.height),
    };
    this.layout();
  }

  down(event) {
    if (!event.isPrimary || !this.size) return;
    this.drag = { x: event.clientX, y: event.clientY, far: 0 };
    this.view.setPointerCapture(event.pointerId);
    if (!this.at && event.pointerType !== "touch") this.pull(event);
  }

  move(event) {
    if (!this.drag || !event.isPrimary) return;
    const dx = event.clientX - this.drag.x;
    const dy = event.clientY - this.drag.y;
    this.drag = { x: event.clientX, y: event.clientY, far: this.drag.far + Math.abs(dx) + Math.abs(dy) };
    if (this.at) this.pan(dx, dy);
    else if (this.drag.far > 6) this.pull(event);
  }

  pull(event) {
    this.show("split");
    const left = this.room.left + (this.room.width - this.width) / 2;
    this.cut = Math.min(1, Math.max(0, (event.clientX - left) / this.width));
    this.divide();
  }
}
