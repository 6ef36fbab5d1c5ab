// The connection with the server: messages both ways, and coming back after a reload or a break.
//
// The page's id is kept in the tab only while no document uses it: written when the document goes, taken out
// when the next one comes. A tab that somebody duplicates therefore gets a page of its own.

const KEY = "ricercar.page";
/** Codes with which the server closes for good. */
const TAKEN = 4001;
const REFUSED = 4002;
const TOO_LARGE = 1009;
const LONGEST_WAIT = 5000;

export class Socket {
  #id = take();
  #waits = 200;
  #socket = null;
  #queue = [];
  #hears;
  #shows;

  /**
   * @param hears called with every message
   * @param shows called with "open", "lost", "taken" or "refused" when the connection changes
   */
  constructor(hears, shows) {
    this.#hears = hears;
    this.#shows = shows;
    addEventListener("pagehide", () => keep(this.#id));
    addEventListener("pageshow", (event) => event.persisted && take());
    this.connect();
  }

  /** The page's id, once the server has told it. */
  get id() {
    return this.#id;
  }

  connect() {
    const address = new URL("/socket", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    if (this.#id) address.searchParams.set("page", this.#id);
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.onopen = () => {
      this.#waits = 200;
      this.#shows("open");
      this.#queue.splice(0).forEach((message) => socket.send(message));
    };
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.kind === "page") this.#id = message.page;
      this.#hears(message);
    };
    socket.onclose = (event) => this.#closed(event);
  }

  /** Ends with this page and begins another. */
  anew() {
    this.#id = null;
    this.#queue = [];
    this.#socket.onclose = null;
    this.#socket.close();
    this.connect();
  }

  send(message) {
    const text = JSON.stringify(message);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
    else this.#queue.push(text);
  }

  #closed(event) {
    if (event.code === TAKEN) return this.#shows("taken");
    if (event.code === REFUSED) return this.#shows("refused");
    this.#shows(event.code === TOO_LARGE ? "toolarge" : "lost");
    setTimeout(() => this.connect(), this.#waits);
    this.#waits = Math.min(2 * this.#waits, LONGEST_WAIT);
  }
}

function take() {
  const id = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return id;
}

function keep(id) {
  if (id) sessionStorage.setItem(KEY, id);
}
