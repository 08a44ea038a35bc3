// Both photos at 100 %, at the same spot, moved together.

export class Zoom {
  constructor(stage, button, pair) {
    this.stage = stage;
    this.button = button;
    this.pair = pair;
    this.on = false;
    this.pointer = null;
    this.dragged = false;
    stage.addEventListener("pointermove", (event) => this.move(event));
    stage.addEventListener("pointerdown", (event) => this.down(event));
    for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, () => { this.drag = null; });
    stage.addEventListener("pointerleave", () => { this.pointer = null; });
    // A drag is no choice: its click is swallowed before the pane sees it.
    stage.addEventListener("click", (event) => {
      if (!this.dragged) return;
      this.dragged = false;
      event.stopPropagation();
      event.preventDefault();
    }, true);
  }

  toggle() {
    if (this.on) this.end();
    else if (this.pair()) this.begin();
  }

  begin() {
    this.on = true;
    const spot = this.spot();
    this.x = spot.x;
    this.y = spot.y;
    this.apply();
  }

  end() {
    this.on = false;
    this.drag = null;
    for (const pane of this.pair()?.panes || []) pane.unzoom();
    this.show();
  }

  pan(dx, dy) {
    const pane = this.pair()?.panes[0];
    if (!this.on || !pane) return;
    const limit = (spot, size, room) => {
      const edge = Math.min(0.5, room / 2 / size);
      return Math.min(1 - edge, Math.max(edge, spot));
    };
    const across = pane.width * pane.factor;
    const down = pane.height * pane.factor;
    this.x = limit(this.x - dx / across, across, pane.room.width);
    this.y = limit(this.y - dy / down, down, pane.room.height);
    this.apply();
  }

  apply() {
    for (const pane of this.pair()?.panes || []) pane.zoomTo(this.x, this.y);
    this.show();
  }

  show() {
    this.stage.classList.toggle("zoomed", this.on);
    this.button.setAttribute("aria-pressed", String(this.on));
  }

  /** Where the pointer is on a photo, 0 to 1; the middle where it is on none. */
  spot() {
    for (const pane of this.pair()?.panes || []) {
      const room = pane.root.getBoundingClientRect();
      if (!this.pointer) continue;
      const x = (this.pointer.x - room.left - (room.width - pane.width) / 2) / pane.width;
      const y = (this.pointer.y - room.top - (room.height - pane.height) / 2) / pane.height;
      if (x >= 0 && x <= 1 && y >= 0 && y <= 1) return { x, y };
    }
    return { x: 0.5, y: 0.5 };
  }

  down(event) {
    this.dragged = false;
    if (this.on && event.isPrimary) this.drag = { x: event.clientX, y: event.clientY, far: 0 };
  }

  move(event) {
    if (event.pointerType !== "touch") this.pointer = { x: event.clientX, y: event.clientY };
    if (!this.drag || !event.isPrimary) return;
    const dx = event.clientX - this.drag.x;
    const dy = event.clientY - this.drag.y;
    this.drag = { x: event.clientX, y: event.clientY, far: this.drag.far + Math.abs(dx) + Math.abs(dy) };
    if (this.drag.far > 6) this.dragged = true;
    this.pan(dx, dy);
  }
}
