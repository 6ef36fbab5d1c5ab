// The widgets of a page: a tree of nodes from the server, each shown by an element that is updated in place.

import * as inputs from "./inputs.js";
import { make } from "./inputs.js";
import { pad } from "./pad.js";
import { RollView } from "./rollview.js";
import { markdown } from "./words.js";

function label(node) {
  const element = make("div", { className: "text-block" });
  return { element, update: () => element.replaceChildren(markdown(node.text || node.label)) };
}

function picture(node) {
  const image = make("img", { decoding: "async" });
  const element = make("figure", { className: "picture" }, image);
  if (node.label) element.append(make("figcaption", { textContent: node.label }));
  const update = () => {
    image.alt = node.alt || node.label || "";
    if (node.image?.startsWith("data:image/")) image.src = node.image;
    image.hidden = !node.image;
  };
  return { element, update };
}

const NUMBER = /^[-+−]?[\d,.]+(e[-+]?\d+)?\s*[%a-z]*$/i;

function table(node) {
  const head = make("thead");
  const body = make("tbody");
  const caption = make("caption", { textContent: node.label, hidden: !node.label });
  const element = make("div", { className: "table", tabIndex: 0, role: "region" }, make("table", {}, caption, head, body));
  element.setAttribute("aria-label", node.label || "Table");
  const update = () => {
    const cells = (row, tag) => row.map((cell) => {
      const made = make(tag, { textContent: cell });
      if (NUMBER.test(cell.trim())) made.className = "number";
      return made;
    });
    head.replaceChildren(make("tr", {}, ...cells(node.columns, "th")));
    head.querySelectorAll("th").forEach((cell) => (cell.scope = "col"));
    body.replaceChildren(...node.rows.map((row) => make("tr", {}, ...cells(row, "td"))));
    // A column's head stands over its numbers.
    head.querySelectorAll("th").forEach((cell, at) => {
      const first = body.rows[0]?.cells[at];
      cell.className = first?.className ?? "";
    });
  };
  return { element, update };
}

/** What a player is given of a node with music. */
function deck(node, page) {
  if (!node.music) return null;
  return { id: node.id, label: node.label, music: node.music, address: page.soundAddress(node) };
}

function playButton(node, page) {
  const control = make("button", { type: "button", className: "play" });
  const show = () => {
    const isPlaying = page.player.isPlaying && page.player.deck?.id === node.id;
    const what = node.label || "the music";
    control.classList.toggle("playing", isPlaying);
    control.setAttribute("aria-label", `${isPlaying ? "Pause" : "Play"} ${what}`);
    control.title = isPlaying ? "Pause" : "Play";
    control.disabled = !node.music || node.enabled === false;
  };
  control.addEventListener("click", (event) => {
    event.stopPropagation();
    page.player.toggle(deck(node, page));
  });
  page.player.addEventListener("changed", show);
  show();
  return { control, show, forget: () => page.player.removeEventListener("changed", show) };
}

function roll(node, page) {
  const seeks = (share) => {
    if (!node.play || !node.music) return page.click(node.id);
    if (page.player.deck?.id !== node.id) page.player.toggle(deck(node, page));
    page.player.seek(share * node.music.seconds);
  };
  const height = node.height || (node.small ? 72 : 220);
  const chooses = node.play ? (part) => page.player.choose(node.id, part) : undefined;
  const view = new RollView({ label: node.label, small: node.small, height, seeks, chooses });
  const words = make("span", { className: "words", textContent: node.label });
  const head = make("div", { className: "roll-head" }, words);
  const element = make("div", { className: node.small ? "roll-card small" : "roll-card" });
  let control;
  if (node.small) {
    control = make("button", { type: "button", className: "pick" }, words, view.element);
    control.addEventListener("click", () => page.click(node.id));
    element.append(control);
  } else {
    element.append(head, view.element);
  }
  const play = node.play ? playButton(node, page) : null;
  if (play) (node.small ? element : head).prepend(play.control);
  const place = () => {
    const { player } = page;
    const isMine = player.deck?.id === node.id && (player.isPlaying || player.position > 0);
    view.position = isMine && node.music ? player.position / node.music.seconds : null;
  };
  page.moving.add(place);
  let version = null;
  const update = () => {
    if (version !== (node.music?.version ?? null)) {
      version = node.music?.version ?? null;
      view.music = node.music;
      if (node.play) page.heard(node, deck(node, page));
    }
    element.classList.toggle("selected", Boolean(node.selected));
    element.classList.toggle("empty", Boolean(node.small && !node.music));
    if (node.small) control.setAttribute("aria-pressed", Boolean(node.selected));
    play?.show();
  };
  const forget = () => {
    page.moving.delete(place);
    play?.forget();
    page.player.remove(node.id);
  };
  return { element, control, words, update, forget };
}

function player(node, page) {
  const play = playButton(node, page);
  const words = make("span", { className: "words", textContent: node.label });
  const element = make("div", { className: "player" }, play.control, words);
  let version = null;
  const update = () => {
    if (version !== (node.music?.version ?? null)) {
      version = node.music?.version ?? null;
      page.heard(node, deck(node, page));
    }
    play.show();
  };
  const forget = () => {
    play.forget();
    page.player.remove(node.id);
  };
  return { element, control: play.control, words, update, forget };
}

function code(node, page) {
  const lines = make("ol", { className: "lines", tabIndex: 0 });
  lines.setAttribute("aria-label", "What has been done, as lines of script");
  const press = (text, act, title) => {
    const made = make("button", { type: "button", className: "quiet", textContent: text, title });
    made.addEventListener("click", () => act(made));
    return made;
  };
  const undo = press("Undo", () => page.send({ kind: "undo", id: node.id }), "Take the last line back (Ctrl+Z)");
  const redo = press("Redo", () => page.send({ kind: "redo", id: node.id }), "Do it again (Ctrl+Shift+Z)");
  const copy = press("Copy as script", (made) => page.copy(node.script, made), "A script that makes this piece");
  const link = press("Copy link", (made) => page.copy(`${location.origin}/#${node.link}`, made), "An address that opens the page as it is now");
  const words = make("span", { className: "words", textContent: node.label });
  const tools = make("div", { className: "code-tools" }, words, undo, redo, copy, link);
  const element = make("div", { className: "code" }, tools, lines);
  const update = (changed) => {
    undo.disabled = !node.can_undo;
    redo.disabled = !node.can_redo;
    copy.disabled = !node.script;
    link.hidden = !node.link;
    if (!("lines" in changed)) return;
    lines.replaceChildren(...node.lines.map((line) => make("li", {}, make("code", { textContent: line }))));
    lines.scrollTop = lines.scrollHeight;
  };
  return { element, words, update, undo, redo };
}

function container(name) {
  return (node) => {
    const element = make("div", { className: name });
    return { element, body: element, update: () => {} };
  };
}

function grid(node) {
  const element = make("div", { className: "grid" });
  return { element, body: element, update: () => element.style.setProperty("--columns", node.columns || 1) };
}

function drawer(node, page) {
  const words = make("span", { className: "words", textContent: node.label });
  const body = make("div", { className: "column" });
  const element = make("details", { className: "drawer" }, make("summary", {}, words), body);
  element.addEventListener("toggle", () => {
    if (element.open === node.open) return;
    node.open = element.open;
    page.set(node.id, element.open);
  });
  return { element, body, words, update: () => (element.open = node.open) };
}

const MAKERS = {
  ...inputs, pad, label, picture, table, roll, player, code, grid, drawer, row: container("row"), column: container("column"),
};
delete MAKERS.make;

/** All widgets that are shown, by id. */
export class Widgets {
  #known = new Map();
  #page;

  constructor(page) {
    this.#page = page;
  }

  /** Shows a whole tree in the place of another. */
  show(root, place) {
    const kept = this.#known;
    this.#known = new Map();
    place.replaceChildren(this.#element(root));
    for (const widget of kept.values()) widget.forget?.();
  }

  get(id) {
    return this.#known.get(id);
  }

  /** The first widget of a kind. */
  first(kind) {
    return [...this.#known.values()].find((widget) => widget.node.kind === kind);
  }

  change(id, set) {
    const widget = this.#known.get(id);
    if (!widget) return;
    Object.assign(widget.node, set);
    this.#update(widget, set);
  }

  children(id, children) {
    const widget = this.#known.get(id);
    if (!widget?.body) return;
    const old = widget.node.children ?? [];
    widget.node.children = children;
    // Those that stay keep their elements, and with them focus and scrolling.
    const elements = children.map((child) => {
      const known = this.#known.get(child.id);
      if (!known || known.node.kind !== child.kind) return this.#element(child);
      Object.assign(known.node, child);
      this.#update(known, child);
      if (known.body) this.children(child.id, child.children ?? []);
      return known.frame;
    });
    const stays = new Set(children.map((child) => child.id));
    widget.body.replaceChildren(...elements);
    old.filter((child) => !stays.has(child.id)).forEach((child) => this.#forget(child));
  }

  /** What went wrong at a widget; whether it could be shown there. */
  failed(id, headline, message) {
    const widget = this.#known.get(id);
    if (!widget) return false;
    const more = message && message !== headline && message !== `error: ${headline}`;
    const words = make("span", { textContent: headline });
    widget.error.replaceChildren(words);
    if (more) {
      const details = make("details", {}, make("summary", { textContent: "Where" }), make("pre", { textContent: message }));
      widget.error.append(details);
    }
    widget.error.hidden = false;
    widget.update({ ...widget.node });
    return true;
  }

  cleared(id) {
    const widget = this.#known.get(id);
    if (widget) widget.error.hidden = true;
  }

  /** Marks the widget that the page works for. */
  busy(id) {
    for (const [own, widget] of this.#known) {
      widget.frame.classList.toggle("busy", own === id);
      if (own === id) widget.frame.setAttribute("aria-busy", "true");
      else widget.frame.removeAttribute("aria-busy");
    }
  }

  #element(node) {
    const maker = MAKERS[node.kind];
    const made = maker ? maker(node, this.#page) : { element: make("p", { textContent: `(${node.kind})` }), update: () => {} };
    const error = make("div", { className: "error", hidden: true, role: "alert" });
    const hint = make("span", { className: "unseen", id: `hint-${node.id}` });
    made.element.append(error);
    if (made.control) made.element.append(hint);
    const widget = { ...made, node, frame: made.element, error, hint };
    made.element.dataset.id = node.id;
    made.element.classList.add("widget");
    this.#known.set(node.id, widget);
    this.#update(widget, node);
    if (made.body) made.body.append(...(node.children ?? []).map((child) => this.#element(child)));
    return made.element;
  }

  #update(widget, changed) {
    const { node, frame, control, words } = widget;
    frame.hidden = node.visible === false;
    if (words && "label" in changed && words.textContent !== node.label) words.textContent = node.label;
    if (words && words !== control) words.hidden = !node.label;
    if (control) {
      const isOff = node.enabled === false;
      if ("disabled" in control) control.disabled = isOff;
      else {
        control.setAttribute("aria-disabled", isOff);
        control.tabIndex = isOff ? -1 : 0;
      }
      if (!node.label && !control.hasAttribute("aria-label")) control.setAttribute("aria-label", node.hint || node.kind);
      widget.hint.textContent = node.hint ?? "";
      if (node.hint) {
        control.setAttribute("aria-describedby", widget.hint.id);
        frame.title = node.hint;
      } else {
        control.removeAttribute("aria-describedby");
        frame.removeAttribute("title");
      }
    }
    widget.update(changed);
  }

  #forget(node) {
    const widget = this.#known.get(node.id);
    // One that stands elsewhere now lives on.
    if (!widget || widget.frame.isConnected) return;
    this.#known.delete(node.id);
    widget.forget?.();
    (node.children ?? []).forEach((child) => this.#forget(child));
  }
}
