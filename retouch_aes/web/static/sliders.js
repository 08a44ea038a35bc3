// The sliders of one edit, and its strength. Values are told by name; those that are not named are neutral.

const find = (id) => document.getElementById(id);
const STEP = 0.25;
const MOST = 2;

export class Sliders {
  constructor(onChange) {
    this.onChange = onChange;
    this.rows = new Map();
    this.base = {};
    this.strength = 1;
  }

  /** Show the sliders of an item, at `values`. */
  render(sliders, values) {
    this.rows.clear();
    const parts = { mine: [], others: [] };
    for (const slider of sliders) {
      const row = this.row(slider);
      this.rows.set(slider.name, row);
      parts[slider.value !== slider.neutral || slider.name in values ? "mine" : "others"].push(row.root);
    }
    find("mine").replaceChildren(...parts.mine);
    find("others").replaceChildren(...parts.others);
    this.proposed = Object.fromEntries(sliders.filter((s) => s.value !== s.neutral).map((s) => [s.name, s.value]));
    this.set(values);
  }

  set(values) {
    this.base = { ...values };
    this.strength = 1;
    this.draw();
  }

  row(slider) {
    const root = document.createElement("label");
    root.className = "slider";
    root.title = slider.doc;
    const name = document.createElement("span");
    name.textContent = slider.label.replaceAll("_", " ").replace(".", ": ");
    const output = document.createElement("output");
    const input = document.createElement("input");
    Object.assign(input, { type: "range", min: slider.low, max: slider.high, step: "any" });
    input.dataset.slider = slider.name;
    input.addEventListener("input", () => {
      const now = this.values();
      const value = Number(Number(input.value).toPrecision(4));
      if (value === slider.neutral) delete now[slider.name];
      else now[slider.name] = value;
      this.set(now);
      this.onChange();
    });
    input.addEventListener("dblclick", () => {
      const now = this.values();
      delete now[slider.name];
      if (slider.name in this.proposed) now[slider.name] = this.proposed[slider.name];
      this.set(now);
      this.onChange();
    });
    root.append(name, output, input);
    return { root, input, output, slider };
  }

  /** The values that are shown, of what is not neutral. */
  values() {
    if (this.strength === 1) return { ...this.base };
    const moved = {};
    for (const [name, value] of Object.entries(this.base)) {
      const { low, high, neutral } = this.rows.get(name).slider;
      const now = Math.min(high, Math.max(low, neutral + this.strength * (value - neutral)));
      if (now !== neutral) moved[name] = now;
    }
    return moved;
  }

  /** Whether anything was changed from `values`. */
  changed(values) {
    const now = this.values();
    const names = new Set([...Object.keys(now), ...Object.keys(values)]);
    return [...names].some((name) => now[name] !== values[name]);
  }

  stronger(steps) {
    const next = Math.min(MOST, Math.max(0, this.strength + STEP * steps));
    if (next === this.strength) return;
    this.strength = next;
    this.draw();
    this.onChange();
  }

  draw() {
    const now = this.values();
    for (const [name, { root, input, output, slider }] of this.rows) {
      const value = now[name] ?? slider.neutral;
      input.value = value;
      output.textContent = `${value > 0 ? "+" : ""}${Number(value.toPrecision(3))} ${slider.unit}`.trim();
      root.classList.toggle("moved", value !== (this.proposed[name] ?? slider.neutral));
    }
    find("how-strong").textContent = `${Math.round(100 * this.strength)} %`;
  }
}
