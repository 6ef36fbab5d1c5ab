// The page: brings together the connection, the widgets and the player.

import { make } from "./inputs.js";
import { Player } from "./player.js";
import { Socket } from "./socket.js";
import { Widgets } from "./widgets.js";
import { clock } from "./words.js";

const MOST_LINES = 500;
const find = (id) => document.getElementById(id);

class Page {
  player = new Player();
  /** Called on every frame while something plays. */
  moving = new Set();
  #widgets = new Widgets(this);
  #socket;
  #lines = 0;

  constructor() {
    this.#socket = new Socket((message) => this.#hear(message), (state) => this.#connection(state));
    find("stop").onclick = () => this.send({ kind: "stop" });
    find("anew").onclick = () => {
      this.player.pause();
      this.#opening("Opening the page…");
      this.#socket.anew();
    };
    this.player.addEventListener("changed", () => this.#move());
    this.player.addEventListener("failed", ({ detail }) => this.fail(detail.id, detail.message));
    document.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("hashchange", () => this.#restore());
    new Transport(this);
  }

  send(message) {
    if (message.id !== undefined) this.#widgets.cleared(message.id);
    this.#socket.send(message);
  }

  set(id, value) {
    this.send({ kind: "set", id, value });
  }

  click(id) {
    this.send({ kind: "click", id });
  }

  soundAddress(node) {
    return `/sound/${this.#socket.id}/${node.id}/${node.music.version}.wav`;
  }

  /** Music of a widget has changed. */
  heard(node, deck) {
    if (!deck) return this.player.remove(node.id);
    this.player.prefetch(deck, !node.small);
    // The player holds the first large piece from the beginning, so that the space bar plays it.
    if (this.player.deck?.id === node.id || (!this.player.deck && !node.small)) this.player.replace(deck);
  }

  /** Fetches a file that the script makes, and hands it to the browser. */
  async download(id, name) {
    this.#widgets.cleared(id);
    const answer = await fetch(`/file/${this.#socket.id}/${id}`).catch((error) => error);
    if (!(answer instanceof Response)) return this.fail(id, "the server does not answer");
    if (!answer.ok) return this.fail(id, await answer.text());
    const named = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("content-disposition") ?? "");
    const link = make("a", { download: named ? decodeURIComponent(named[1]) : name });
    link.href = URL.createObjectURL(await answer.blob());
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  async copy(text, button) {
    const words = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed by the browser";
    }
    setTimeout(() => (button.textContent = words), 1500);
  }

  /** Shows what went wrong where it belongs. */
  fail(id, message) {
    const [first] = message.split("\n");
    const headline = first.replace(/^error: /, "");
    if (!this.#widgets.failed(id, headline, message)) this.#say(headline);
  }

  #hear(message) {
    const { id } = message;
    switch (message.kind) {
      case "page":
        return this.#show(message);
      case "change":
        // The root's label is the page's title.
        if (id === 0 && "label" in message.set) this.#entitle(message.set.label);
        return this.#widgets.change(id, message.set);
      case "children":
        return this.#widgets.children(id, message.children);
      case "failed":
        if (id === null) return this.#opening(message.headline, message.message);
        return this.#widgets.failed(id, message.headline, message.message) || this.#say(message.headline);
      case "cleared":
        return this.#widgets.cleared(id);
      case "busy":
        return this.#busy(message);
      case "idle":
        return this.#idle();
      case "printed":
        return this.#print(message.text);
      case "refused":
        return this.#opening(message.message);
    }
  }

  #show({ title, root }) {
    this.#entitle(title);
    const { scrollX, scrollY } = window;
    this.#widgets.show(root, find("page"));
    scrollTo(scrollX, scrollY);
    this.#restore();
  }

  #entitle(title) {
    document.title = title ? `${title} · Ricercar` : "Ricercar";
    find("title").textContent = title || "Ricercar";
  }

  /** Opens what stands behind `#` in the address. */
  #restore() {
    const state = location.hash.slice(1);
    if (state.length < 8 || state === "page") return;
    history.replaceState(null, "", location.pathname);
    this.send({ kind: "restore", state });
  }

  /** A page that is not there, or not yet; a page that is shown keeps its widgets. */
  #opening(text, message = "") {
    if (this.#widgets.get(0) && message) return this.#say(text);
    const words = make("p", { className: "opening", textContent: text });
    const place = find("page");
    place.replaceChildren(words);
    if (message && message !== text) place.append(make("pre", { className: "opening-error", textContent: message }));
  }

  #connection(state) {
    const lost = state !== "open";
    document.body.classList.toggle("lost", lost);
    if (state === "open") return this.#say("");
    this.#idle();
    if (state === "lost") this.#say("The connection is lost; trying again…");
    if (state === "toolarge") this.#say("That was too large for the server.");
    if (state === "taken") {
      const here = make("button", { type: "button", textContent: "Use it here" });
      here.onclick = () => this.#socket.connect();
      this.#say("This page is open elsewhere, or has ended. ", here);
    }
  }

  #say(...words) {
    find("status").replaceChildren(...words);
  }

  #busy({ id, done, total, note }) {
    const label = this.#widgets.get(id)?.node.label;
    const what = [label, note].filter(Boolean).join(": ");
    find("doing").textContent = what || "Working…";
    const bar = find("progress");
    if (total) Object.assign(bar, { max: total, value: done });
    else bar.removeAttribute("value");
    find("work").hidden = false;
    this.#widgets.busy(id);
  }

  #idle() {
    find("work").hidden = true;
    this.#widgets.busy(null);
  }

  #print(text) {
    const place = find("lines");
    this.#lines += 1;
    place.append(`${text}\n`);
    while (this.#lines > MOST_LINES) {
      place.firstChild.remove();
      this.#lines -= 1;
    }
    find("printed").hidden = false;
    place.scrollTop = place.scrollHeight;
  }

  #move() {
    this.moving.forEach((move) => move());
    if (this.player.isPlaying) requestAnimationFrame(() => this.#move());
  }

  /** Space plays, and Ctrl+Z takes back, unless the key belongs to what has the focus. */
  #key(event) {
    const isWriting = event.target.closest?.("input:not([type=range]):not([type=checkbox]):not([type=file]), textarea");
    if (event.key === " " && !event.target.closest?.("button, input, select, textarea, summary, a, label")) {
      event.preventDefault();
      this.player.toggle();
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !isWriting) {
      const code = this.#widgets.first("code");
      if (!code) return;
      event.preventDefault();
      (event.shiftKey ? code.redo : code.undo).click();
    }
  }
}

/** The bar at the bottom that says what plays, where it is, and how loud. */
class Transport {
  #player;
  #place = find("transport");
  #seek = make("input", { type: "range", className: "seek", min: 0, max: 1, step: "any" });
  #time = make("span", { className: "time" });
  #name = make("span", { className: "name" });
  #play = make("button", { type: "button", className: "play" });
  #loop = make("button", { type: "button", className: "quiet", textContent: "Loop" });
  #volume = make("input", { type: "range", className: "volume", min: 0, max: 1, step: 0.01, value: 0.9 });

  constructor(page) {
    this.#player = page.player;
    this.#seek.setAttribute("aria-label", "Position");
    this.#volume.setAttribute("aria-label", "Volume");
    const loudness = make("label", { className: "loudness" }, make("span", { textContent: "Volume" }), this.#volume);
    this.#place.append(this.#play, this.#name, this.#seek, this.#time, this.#loop, loudness);
    this.#play.onclick = () => this.#player.toggle();
    this.#loop.onclick = () => (this.#player.isLooping = !this.#player.isLooping);
    this.#seek.oninput = () => this.#player.seek(this.#seek.value * this.#player.deck.music.seconds);
    this.#volume.oninput = () => {
      this.#player.volume = Number(this.#volume.value);
      this.#fill(this.#volume, this.#player.volume);
    };
    this.#fill(this.#volume, this.#player.volume);
    page.moving.add(() => this.#show());
  }

  #show() {
    const { deck, position, isPlaying, isLooping, isRunning, latency } = this.#player;
    this.#place.hidden = !deck;
    document.body.classList.toggle("with-transport", Boolean(deck));
    if (!deck) return;
    const { seconds } = deck.music;
    this.#seek.value = position / seconds;
    this.#seek.setAttribute("aria-valuetext", `${clock(position)} of ${clock(seconds)}`);
    this.#fill(this.#seek, position / seconds);
    this.#time.textContent = `${clock(position)} / ${clock(seconds)}`;
    this.#name.textContent = deck.label || "Music";
    this.#play.classList.toggle("playing", isPlaying);
    this.#play.setAttribute("aria-label", isPlaying ? "Pause" : "Play");
    this.#play.title = `${isPlaying ? "Pause" : "Play"} (space)`;
    this.#loop.setAttribute("aria-pressed", isLooping);
    // What the player does, for whoever looks from outside.
    const state = isPlaying ? (isRunning ? "playing" : "waiting") : "paused";
    Object.assign(this.#place.dataset, { state, position: position.toFixed(3), latency: latency?.toFixed(1) ?? "" });
  }

  #fill(range, share) {
    range.style.setProperty("--share", `${100 * share}%`);
  }
}

new Page();
