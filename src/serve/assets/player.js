// Playback: the server's WAV, decoded ahead of time and looped to the sample by the Web Audio API.

const RATE = 44100;
/** Decoded pieces that are kept; eight bars are about six megabytes. */
const KEPT = 24;
/** Sounds that are fetched at the same time. */
const AT_ONCE = 2;
/** Seconds between the press and the first sample, so that it is not cut. */
const LEAD = 0.01;

/** Sounds by the version of their music. */
class Sounds {
  #kept = new Map();
  #waiting = [];
  #running = 0;
  #context;

  constructor(context) {
    this.#context = context;
  }

  /** The sound behind an address, as `{plain, wrapped}`; one that is urgent goes before others. */
  get({ version, address, seconds }, isUrgent) {
    const known = this.#kept.get(version);
    if (known) {
      this.#kept.delete(version);
      this.#kept.set(version, known);
      if (isUrgent) known.hurry();
      return known.sound;
    }
    const entry = {};
    entry.sound = new Promise((resolve, reject) => {
      const job = () => this.#load(address, seconds).then(resolve, reject);
      if (isUrgent) this.#waiting.unshift(job);
      else this.#waiting.push(job);
      entry.hurry = () => {
        const at = this.#waiting.indexOf(job);
        if (at > 0) this.#waiting.unshift(...this.#waiting.splice(at, 1));
      };
    });
    entry.sound.catch(() => this.#kept.delete(version));
    this.#kept.set(version, entry);
    while (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value);
    this.#next();
    return entry.sound;
  }

  #next() {
    while (this.#running < AT_ONCE && this.#waiting.length) {
      this.#running += 1;
      this.#waiting.shift()().finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #load(address, seconds) {
    const answer = await fetch(address);
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
    return this.#isLooping ? at % length : Math.min(at, length);
  }

  /** Whether the audio system runs. */
  get isRunning() {
    return this.#context?.state === "running";
  }

  /** Fetches the sound of music that may be played soon. */
  prefetch(deck) {
    this.#open();
    this.#sounds.get(sound(deck), false).catch(() => {});
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
    if (this.#deck?.id !== id) return;
    this.#stop();
    this.#deck = null;
    this.#from = 0;
    this.#tell();
  }

  async #ready(deck, then) {
    const asked = ++this.#asked;
    try {
      await this.#sounds.get(sound(deck), true);
    } catch (error) {
      return this.#fail(deck, error);
    }
    if (asked === this.#asked) then();
  }

  toggle(deck = this.#deck) {
    if (!deck) return;
    if (this.#isPlaying && this.#deck.id === deck.id) return this.pause();
    const isSame = this.#deck?.id === deck.id;
    const at = isSame && this.position < deck.music.seconds ? this.position : 0;
    this.play(deck, at);
  }

  pause() {
    this.#asked += 1;
    this.#from = this.position;
    this.#stop();
    this.#tell();
  }

  /** Goes to a place, in seconds; plays on if it was playing. */
  seek(seconds) {
    if (this.#isPlaying) return this.play(this.#deck, seconds);
    this.#from = seconds;
    this.#tell();
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
      [found] = await Promise.all([this.#sounds.get(sound(deck), true), running]);
    } catch (error) {
      return this.#fail(deck, error);
    }
    if (asked !== this.#asked) return;
    this.#stop();
    this.#deck = deck;
    const start = this.#context.currentTime + LEAD;
    const length = found.wrapped.duration;
    this.#from = Math.max(0, from >= length ? 0 : from);
    this.#since = start;
    this.#isPlaying = true;
    if (this.#isLooping) {
      const again = start + length - this.#from;
      this.#source(found.plain, start, this.#from, again);
      this.#source(found.wrapped, again, 0, null, true);
    } else {
      const source = this.#source(found.plain, start, this.#from, null);
      source.onended = () => this.#sources.includes(source) && this.#ended();
    }
    this.latency = performance.now() - pressed + 1000 * LEAD;
    this.#tell();
  }

  #source(buffer, start, offset, stop, loops = false) {
    const source = new AudioBufferSourceNode(this.#context, { buffer, loop: loops });
    source.connect(this.#gain);
    source.start(start, offset);
    if (stop !== null) source.stop(stop);
    this.#sources.push(source);
    return source;
  }

  #ended() {
    this.#stop();
    this.#from = 0;
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
    this.dispatchEvent(new CustomEvent("failed", { detail: { id: deck.id, message: error.message } }));
  }

  #tell() {
    this.dispatchEvent(new Event("changed"));
  }
}

function sound({ music, address }) {
  return { version: music.version, address, seconds: music.seconds };
}
