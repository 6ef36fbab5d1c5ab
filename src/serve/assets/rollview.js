// A pianoroll to look into: zoom, scroll, notes and bars by pointer and by keys, and the playhead.

import { Bars } from "./bars.js";
import { inks, layOut, noteAt, paint, prepare, summary, tell } from "./roll.js";

const MOST_ZOOM = 16;

/** A roll of a piece. Where it can be listened to, `seeks` hears a share of the piece to play from, and `chooses`
 * the shares at which the part that is to be played begins and ends, or null. */
export class RollView {
  element = document.createElement("div");
  #canvas = document.createElement("canvas");
  #wide = document.createElement("div");
  #lane = document.createElement("div");
  #told = document.createElement("p");
  #head = document.createElement("div");
  #tip = document.createElement("div");
  #tools = document.createElement("div");
  #legend = document.createElement("ul");
  #view = { zoom: 1, left: 0, small: false, bars: null };
  #bars = new Bars();
  #isOnRuler = false;
  #chooses;
  #piece = null;
  #marked = null;
  #layout = null;
  #frame = 0;
  #height;

  constructor({ label, small, height, seeks, chooses }) {
    this.#chooses = chooses;
    this.#view.small = small;
    this.#height = height;
    this.element.className = small ? "roll small" : "roll";
    this.#lane.className = "lane";
    this.#wide.className = "wide";
    this.#head.className = "playhead";
    this.#head.hidden = true;
    this.#tip.className = "tip";
    this.#tip.hidden = true;
    this.#told.className = "unseen";
    this.#told.setAttribute("role", "status");
    this.#legend.className = "legend";
    this.#wide.append(this.#canvas, this.#head);
    this.#lane.append(this.#wide);
    this.element.append(this.#lane);
    if (small) this.#canvas.setAttribute("aria-hidden", "true");
    else this.#openUp(label, seeks);
    new ResizeObserver(() => this.draw()).observe(this.#lane);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  set music(music) {
    this.#piece = music && prepare(music);
    this.#marked = null;
    this.#bars.count = this.#piece?.bars ?? 0;
    this.#chooses?.(this.#part());
    this.#tip.hidden = true;
    this.#legend.replaceChildren(...(this.#piece?.tracks ?? []).map((track) => {
      const item = document.createElement("li");
      const swatch = document.createElement("i");
      swatch.dataset.colour = track.colour;
      item.append(swatch, track.name);
      return item;
    }));
    if (!this.#view.small) {
      const words = this.#piece ? summary(this.#piece) : "no music";
      this.#lane.setAttribute("aria-description", `${words}. Arrow keys go from note to note${this.#chooses ? ", with Shift they choose bars" : ""}.`);
    }
    this.draw();
  }

  /** Shows where the player is, as a share of the piece, or hides it. */
  set position(share) {
    this.#head.hidden = share === null || !this.#layout;
    if (this.#head.hidden) return;
    const { gutter, perStep } = this.#layout;
    const x = gutter + share * this.#piece.steps * perStep;
    this.#head.style.transform = `translateX(${x}px)`;
    this.#follow(x);
  }

  draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    const width = this.#lane.clientWidth;
    const height = this.#height;
    if (!width || !this.element.isConnected) return;
    const dots = devicePixelRatio || 1;
    this.#canvas.width = Math.round(width * dots);
    this.#canvas.height = Math.round(height * dots);
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    const context = this.#canvas.getContext("2d");
    context.scale(dots, dots);
    if (!this.#piece) return;
    const size = { width, height };
    const { gutter } = layOut(this.#piece, size, this.#view);
    this.#wide.style.width = `${gutter + (width - gutter) * this.#view.zoom}px`;
    this.#view.left = this.#lane.scrollLeft;
    this.#view.bars = this.#bars.chosen;
    const colours = inks(this.element);
    this.#layout = paint(context, this.#piece, size, this.#view, colours, this.#marked);
    this.#legend.hidden = gutter > 0;
    for (const swatch of this.#legend.querySelectorAll("i")) {
      swatch.style.background = colours.track({ colour: swatch.dataset.colour });
    }
  }

  /** Keeps the playhead in sight. */
  #follow(x) {
    if (this.#view.zoom === 1) return;
    const { scrollLeft, clientWidth } = this.#lane;
    if (x < scrollLeft + this.#layout.gutter || x > scrollLeft + clientWidth) {
      this.#lane.scrollLeft = x - this.#layout.gutter - 24;
    }
  }

  /** What a large roll has beside its picture. */
  #openUp(label, seeks) {
    this.#lane.tabIndex = 0;
    this.#lane.setAttribute("role", "application");
    this.#lane.setAttribute("aria-roledescription", "pianoroll");
    this.#lane.setAttribute("aria-label", label || "Music");
    this.#tools.className = "tools";
    const tool = (text, name, act) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet square";
      button.textContent = text;
      button.title = name;
      button.setAttribute("aria-label", name);
      button.onclick = act;
      this.#tools.append(button);
    };
    tool("−", "Zoom out", () => this.#zoom(0.5));
    tool("+", "Zoom in", () => this.#zoom(2));
    tool("↔", "Show all", () => this.#zoom(0));
    this.element.append(this.#tip, this.#tools, this.#legend, this.#told);
    this.#lane.addEventListener("scroll", () => this.draw());
    this.#lane.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.#lane.addEventListener("pointermove", (event) => this.#point(event));
    this.#lane.addEventListener("pointerleave", () => this.#mark(null));
    this.#lane.addEventListener("keydown", (event) => this.#key(event));
    this.#lane.addEventListener("blur", () => this.#mark(null));
    if (this.#chooses) {
      this.#lane.addEventListener("pointerdown", (event) => this.#press(event));
      for (const end of ["pointerup", "pointercancel"]) this.#lane.addEventListener(end, () => this.#release());
    }
    this.#lane.addEventListener("click", (event) => {
      if (!this.#layout || this.#isOnRuler) return;
      const x = event.clientX - this.#lane.getBoundingClientRect().left;
      if (x >= this.#layout.gutter) seeks?.(Math.min(1, this.#layout.step(x) / this.#piece.steps));
    });
  }

  /** Zooms by a factor around a point of the lane; 0 shows all. */
  #zoom(factor, x = this.#middle()) {
    if (!this.#layout) return;
    const marked = this.#marked;
    this.#mark(null);
    const step = this.#layout.step(x);
    this.#view.zoom = factor ? Math.min(MOST_ZOOM, Math.max(1, this.#view.zoom * factor)) : 1;
    this.#paint();
    this.#lane.scrollLeft = this.#layout.gutter + step * this.#layout.perStep - x;
    this.#paint();
    if (marked) this.#show(marked);
  }

  /** The point of the lane that zooming by keys and buttons leaves where it is: a marked note, or the middle. */
  #middle() {
    const note = this.#marked?.note;
    return note && this.#layout ? this.#layout.x(note[0]) : this.#lane.clientWidth / 2;
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.#zoom(event.deltaY < 0 ? 1.25 : 0.8, event.clientX - this.#lane.getBoundingClientRect().left);
  }

  #point(event) {
    if (!this.#layout) return;
    const place = this.#lane.getBoundingClientRect();
    const [x, y] = [event.clientX - place.left, event.clientY - place.top];
    if (this.#bars.isHeld) {
      this.#bars.drag(this.#barAt(x));
      return this.draw();
    }
    this.#lane.classList.toggle("on-ruler", Boolean(this.#chooses) && y < this.#layout.ruler);
    const found = noteAt(this.#layout, x, y);
    this.#mark(found, x, y);
  }

  /** A press on the ruler begins to choose bars. */
  #press(event) {
    if (!this.#layout || event.button) return;
    const place = this.#lane.getBoundingClientRect();
    const [x, y] = [event.clientX - place.left, event.clientY - place.top];
    this.#isOnRuler = y < this.#layout.ruler && x >= this.#layout.gutter;
    if (!this.#isOnRuler) return;
    this.#lane.setPointerCapture(event.pointerId);
    this.#bars.press(this.#barAt(x), event.shiftKey);
    this.draw();
  }

  #release() {
    if (!this.#bars.isHeld) return;
    this.#bars.release();
    this.#chosen();
  }

  #barAt(x) {
    const bar = Math.floor(this.#layout.step(x) / this.#piece.bar);
    return Math.max(0, Math.min(this.#piece.bars - 1, bar));
  }

  /** Other bars are chosen: plays them, and says so aloud. */
  #chosen() {
    this.#chooses(this.#part());
    this.#told.textContent = this.#bars.tell();
    this.draw();
  }

  #part() {
    const share = (bar) => Math.min(1, (bar * this.#piece.bar) / this.#piece.steps);
    return this.#bars.chosen?.map(share) ?? null;
  }

  /** Marks a note and says which it is. */
  #mark(found, x, y) {
    const isSame = found?.note === this.#marked?.note;
    this.#marked = found;
    this.#tip.hidden = !found;
    if (found) {
      this.#tip.textContent = tell(this.#piece, found);
      const most = this.element.clientWidth - this.#tip.offsetWidth - 4;
      this.#tip.style.left = `${Math.max(4, Math.min(most, x + 12))}px`;
      this.#tip.style.top = `${Math.max(0, y - 34)}px`;
    }
    if (!isSame) this.draw();
  }

  #key(event) {
    if (!this.#piece) return;
    const zooms = { "+": 2, "=": 2, "-": 0.5, 0: 0 };
    if (event.key in zooms && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.#zoom(zooms[event.key]);
    } else if (this.#chooses && event.shiftKey && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
      event.preventDefault();
      const bar = Math.floor((this.#marked?.note[0] ?? 0) / this.#piece.bar);
      this.#bars.stretch(event.key === "ArrowRight" ? 1 : -1, bar);
      this.#chosen();
    } else if (event.key === "Escape" && this.#bars.chosen) {
      event.preventDefault();
      this.#bars.chosen = null;
      this.#chosen();
    } else if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") {
      const found = this.#neighbour(event.key);
      event.preventDefault();
      if (found) this.#show(found);
    }
  }

  /** The note that a key leads to: along its track by left and right, to other tracks by up and down. */
  #neighbour(key) {
    const sorted = this.#piece.tracks.map((track) =>
      [...track.notes].sort((a, b) => a[0] - b[0] || a[2] - b[2]),
    );
    const filled = sorted.map((notes, lane) => lane).filter((lane) => sorted[lane].length);
    if (!filled.length) return null;
    const lane = this.#marked?.lane ?? filled[0];
    const notes = sorted[lane];
    const at = this.#marked ? notes.indexOf(this.#marked.note) : -1;
    const along = (index) => ({ lane, note: notes[Math.max(0, Math.min(notes.length - 1, index))] });
    if (key === "Home") return along(0);
    if (key === "End") return along(notes.length - 1);
    if (!this.#marked || key === "ArrowRight") return along(at + 1);
    if (key === "ArrowLeft") return along(at - 1);
    const next = filled[filled.indexOf(lane) + (key === "ArrowUp" ? -1 : 1)];
    if (next === undefined) return null;
    const near = (note) => Math.abs(note[0] - this.#marked.note[0]);
    return { lane: next, note: sorted[next].reduce((best, note) => (near(note) < near(best) ? note : best)) };
  }

  /** Marks a note that was found by keys: brings it into sight and says it aloud. */
  #show(found) {
    const { gutter, perStep, lanes } = this.#layout;
    const x = gutter + found.note[0] * perStep;
    const { scrollLeft, clientWidth } = this.#lane;
    if (x < scrollLeft + gutter || x > scrollLeft + clientWidth - 24) {
      this.#lane.scrollLeft = x - gutter - 48;
    }
    this.#mark(found, x - this.#lane.scrollLeft, lanes[found.lane].top + lanes[found.lane].height / 2);
    this.#told.textContent = tell(this.#piece, found);
  }
}
