// Choosing bars of a piece: by pressing and dragging over them, with Shift, or by keys.

export class Bars {
  /** The bars, from 0, as `[first, the one behind the last]`; null while all are meant. */
  chosen = null;
  #count = 0;
  /** The bar that dragging began at. */
  #anchor = null;
  /** Whether letting go without having moved gives up what is chosen. */
  #givesUp = false;

  /** Other music has so many bars; what is chosen stays if they are all there. */
  set count(count) {
    this.#count = count;
    if (this.chosen?.[1] > count) this.chosen = null;
  }

  get isHeld() {
    return this.#anchor !== null;
  }

  /** Chooses a bar; all up to it if it `stretches` what is chosen. */
  press(bar, stretches) {
    const [first, end] = this.chosen ?? [0, 0];
    this.#givesUp = !stretches && bar >= first && bar < end;
    this.#anchor = stretches && this.chosen ? first : bar;
    if (!this.#givesUp) this.drag(bar);
  }

  /** Goes on to another bar. */
  drag(bar) {
    if (this.#givesUp && bar === this.#anchor) return;
    this.#givesUp = false;
    this.chosen = [Math.min(this.#anchor, bar), Math.max(this.#anchor, bar) + 1];
  }

  release() {
    if (this.#givesUp) this.chosen = null;
    this.#anchor = null;
  }

  /** Chooses `bar` if none is chosen yet; else one bar more or, with -1, one less at the end. */
  stretch(by, bar) {
    const [first, end] = this.chosen ?? [bar, bar + 1 - by];
    this.chosen = [first, Math.max(first + 1, Math.min(this.#count, end + by))];
  }

  /** What is chosen, in words. */
  tell() {
    const [first, end] = this.chosen ?? [];
    if (!this.chosen) return "all bars are played";
    return end - first === 1 ? `bar ${end} is played` : `bars ${first + 1} to ${end} are played`;
  }
}
