// Playback: the server's WAV, decoded ahead of time and looped to the sample by the Web Audio API.

const RATE = 44100;
/** Decoded pieces that are kept; eight bars are about six megabytes. */
const KEPT = 24;
/** Seconds between the press and the first sample, so that it is not cut. */
const LEAD = 0.01;

/** Sounds by the version of their music. What somebody waits for is fetched at once, the rest one by one. */
class Sounds {
  #kept = new Map();
  #waiting = [];
  #isBusy = false;
  #context;

  constructor(context) {
    this.#context = context;
  }

  /** The sound of a deck, as `{plain, wrapped}`. */
  get(deck, isUrgent) {
    const { version, seconds } = deck.music;
    let entry = this.#kept.get(version);
    if (!entry) {
      entry = { id: deck.id, version, stop: new AbortController(), begun: false };
      entry.sound = new Promise((resolve, reject) => {
        entry.begin = () => {
          entry.begun = true;
          return this.#load(deck.address, seconds, entry.stop.signal).then(resolve, reject);
        };
      });
      entry.sound.catch(() => this.#drop(entry));
      this.#waiting.push(entry);
    }
    // The one that was asked for last is forgotten last.
    this.#kept.delete(version);
    this.#kept.set(version, entry);
    while (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value);
    if (isUrgent && !entry.begun) {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
      entry.begin().finally(() => (entry.isHere = true));
    }
    this.#next();
    return entry.sound;
  }

  /** Other music stands there now: what nobody will hear is not fetched. */
  outdate(id, version) {
    for (const entry of [...this.#kept.values()]) {
      if (entry.id !== id || entry.version === version || entry.isHere) continue;
      this.#drop(entry);
      entry.stop.abort();
    }
  }

  #drop(entry) {
    this.#waiting = this.#waiting.filter((other) => other !== entry);
    if (this.#kept.get(entry.version) === entry) this.#kept.delete(entry.version);
  }

  #next() {
    if (this.#isBusy || !this.#waiting.length) return;
    this.#isBusy = true;
    const entry = this.#waiting.shift();
    entry.begin().finally(() => {
      entry.isHere = true;
      this.#isBusy = false;
      this.#next();
    });
  }

  async #load(address, seconds, signal) {
    const answer = await fetch(address, { signal });
    if (!answer.ok) throw new Error(await answer.text());
    const plain = await this.#context.decodeAudioData(await answer.arrayBuffer());
    return { plain, wrapped: wrapped(this.#context, plain, seconds) };
  }
}

/** The piece without what sounds after its end, and with that at its beginning: what a loop plays from its second round on. */
function wrapped(context, plain, seconds) {
  const length = Math.max(1, Math.min(plain.length, Math.round(seconds * plain.sampleRate)));
  const loop = context.createBuffer(plain.numberOfChannels, length, plain.sampleRate);
  for (let channel = 0; channel < plain.numberOfChannels; channel++) {
    const from = plain.getChannelData(channel);
    const to = loop.getChannelData(channel);
    to.set(from.subarray(0, length));
    const rest = from.subarray(length, 2 * length);
    for (let at = 0; at < rest.length; at++) to[at] += rest[at];
  }
  return loop;
}

/** One player for the whole page. What it plays is a deck: `{id, label, music, address}`. */
export class Player extends EventTarget {
  #context = null;
  #sounds = null;
  #gain = null;
  #sources = [];
  #deck = null;
  #isPlaying = false;
  #isLooping = true;
  /** The newest deck of each widget. */
  #newest = new Map();
  /** What is played of a widget's music, as shares `[from, to]` of it; where there is none it is all. */
  #parts = new Map();
  /** Where the piece stood, in seconds, when the context's clock showed `#since`. */
  #from = 0;
  #since = 0;
  #asked = 0;
  #volume = 0.9;
  /** Milliseconds from the last press to the first sample. */
  latency = null;

  get deck() {
    return this.#deck;
  }

  get isPlaying() {
    return this.#isPlaying;
  }

  get isLooping() {
    return this.#isLooping;
  }

  set isLooping(loops) {
    const at = this.position;
    this.#isLooping = loops;
    if (this.#isPlaying) this.play(this.#deck, at);
    this.#tell();
  }

  get volume() {
    return this.#volume;
  }

  set volume(volume) {
    this.#volume = volume;
    if (this.#gain) this.#gain.gain.setTargetAtTime(volume, this.#context.currentTime, 0.01);
  }

  /** Seconds from the piece's beginning. */
  get position() {
    if (!this.#deck) return 0;
    const length = this.#deck.music.seconds;
    if (!this.#isPlaying) return Math.min(this.#from, length);
    const at = this.#from + Math.max(0, this.#context.currentTime - this.#since);
    const [first, last] = this.#span(this.#deck);
    if (at < last) return at;
    return this.#isLooping ? first + ((at - first) % (last - first)) : last;
  }

  /** Where what is played of a deck begins and ends, in seconds. */
  #span(deck) {
    return (this.#parts.get(deck.id) ?? [0, 1]).map((share) => share * deck.music.seconds);
  }

  /** Plays no more than a part of a widget's music from now on, as shares `[from, to]`; all of it if null. */
  choose(id, part) {
    if (String(this.#parts.get(id) ?? null) === String(part)) return;
    if (part) this.#parts.set(id, part);
    else this.#parts.delete(id);
    if (this.#deck?.id === id) this.seek(this.position);
  }

  /** Whether the audio system runs. */
  get isRunning() {
    return this.#context?.state === "running";
  }

  /** Fetches the sound of music that may be played soon; of one widget the newest only. */
  prefetch(deck, isUrgent) {
    this.#open();
    this.#newest.set(deck.id, deck);
    this.#sounds.outdate(deck.id, deck.music.version);
    this.#sounds.get(deck, isUrgent).catch(() => {});
  }

  /** Puts on other music: of the same widget it goes on where the old one was. */
  replace(deck) {
    const isSame = this.#deck?.id === deck.id;
    if (!isSame && this.#deck) return;
    const at = isSame ? this.position / this.#deck.music.seconds : 0;
    const wasPlaying = this.#isPlaying;
    if (isSame && this.#deck.music.version === deck.music.version) return;
    if (wasPlaying) {
      // The old music sounds until the new is there.
      this.#ready(deck, () => this.play(deck, at * deck.music.seconds));
      return;
    }
    this.#deck = deck;
    this.#from = at * deck.music.seconds;
    this.#tell();
  }

  /** Takes music off that is no longer on the page. */
  remove(id) {
    this.#parts.delete(id);
    this.#newest.delete(id);
    if (this.#deck?.id !== id) return;
    this.#stop();
    this.#deck = null;
    this.#from = 0;
    this.#tell();
  }

  async #ready(deck, then) {
    const asked = ++this.#asked;
    try {
      await this.#sounds.get(deck, true);
    } catch (error) {
      return this.#fail(deck, error);
    }
    if (asked === this.#asked) then();
  }

  toggle(deck = this.#deck) {
    if (!deck) return;
    if (this.#isPlaying && this.#deck.id === deck.id) return this.pause();
    const isSame = this.#deck?.id === deck.id;
    this.play(deck, isSame ? this.position : 0);
  }

  pause() {
    this.#asked += 1;
    this.#from = this.position;
    this.#stop();
    this.#tell();
  }

  /** Goes to a place, in seconds, or to the beginning of the part if it lies outside; plays on if it was playing. */
  seek(seconds) {
    if (this.#isPlaying) return this.play(this.#deck, seconds);
    this.#from = this.#within(this.#deck, seconds);
    this.#tell();
  }

  #within(deck, seconds) {
    const [first, last] = this.#span(deck);
    return seconds >= first && seconds < last ? seconds : first;
  }

  /** Plays music from a place on, in seconds. */
  async play(deck, from = 0) {
    const pressed = performance.now();
    const asked = ++this.#asked;
    this.#open();
    // Within the press: browsers let nothing sound by itself.
    const running = this.#context.state === "running" ? null : this.#context.resume();
    let found;
    try {
      [found] = await Promise.all([this.#sounds.get(deck, true), running]);
    } catch (error) {
      this.#fail(deck, error);
    }
    if (asked !== this.#asked) return;
    // Other music may have come to the widget meanwhile: that is what is played.
    const { seconds, version } = deck.music;
    const newest = this.#newest.get(deck.id) ?? deck;
    if (newest.music.version !== version) return this.play(newest, (from / seconds) * newest.music.seconds);
    if (!found) return;
    this.#stop();
    this.#deck = deck;
    const start = this.#context.currentTime + LEAD;
    const isPart = this.#parts.has(deck.id);
    const [first, last] = this.#span(deck);
    this.#from = this.#within(deck, from);
    this.#since = start;
    this.#isPlaying = true;
    if (this.#isLooping && isPart) {
      this.#source(found.plain, start, this.#from, null, { loop: true, loopStart: first, loopEnd: last });
    } else if (this.#isLooping) {
      const again = start + found.wrapped.duration - this.#from;
      this.#source(found.plain, start, this.#from, again);
      this.#source(found.wrapped, again, 0, null, { loop: true });
    } else {
      const source = this.#source(found.plain, start, this.#from, isPart ? start + last - this.#from : null);
      source.onended = () => this.#sources.includes(source) && this.#ended();
    }
    this.latency = performance.now() - pressed + 1000 * LEAD;
    this.#tell();
  }

  #source(buffer, start, offset, stop, loop = {}) {
    const source = new AudioBufferSourceNode(this.#context, { buffer, ...loop });
    source.connect(this.#gain);
    source.start(start, offset);
    if (stop !== null) source.stop(stop);
    this.#sources.push(source);
    return source;
  }

  #ended() {
    this.#stop();
    [this.#from] = this.#span(this.#deck);
    this.#tell();
  }

  #stop() {
    for (const source of this.#sources.splice(0)) {
      source.onended = null;
      source.stop();
      source.disconnect();
    }
    this.#isPlaying = false;
  }

  #open() {
    if (this.#context) return;
    this.#context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
    this.#gain = new GainNode(this.#context, { gain: this.#volume });
    this.#gain.connect(this.#context.destination);
    this.#sounds = new Sounds(this.#context);
  }

  #fail(deck, error) {
    // Other music has taken its place.
    if (error.name === "AbortError") return;
    this.dispatchEvent(new CustomEvent("failed", { detail: { id: deck.id, message: error.message } }));
  }

  #tell() {
    this.dispatchEvent(new Event("changed"));
  }
}
