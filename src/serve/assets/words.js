// Names for people: notes, instruments and times; and the little Markdown of labels.

const NOTES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

const DRUMS = {
  35: "Bass drum 2", 36: "Bass drum", 37: "Side stick", 38: "Snare", 39: "Clap", 40: "Electric snare",
  41: "Low floor tom", 42: "Closed hi-hat", 43: "High floor tom", 44: "Pedal hi-hat", 45: "Low tom",
  46: "Open hi-hat", 47: "Low mid tom", 48: "High mid tom", 49: "Crash", 50: "High tom", 51: "Ride",
  52: "China", 53: "Ride bell", 54: "Tambourine", 55: "Splash", 56: "Cowbell", 57: "Crash 2",
  58: "Vibraslap", 59: "Ride 2", 60: "High bongo", 61: "Low bongo", 62: "Mute conga", 63: "High conga",
  64: "Low conga", 65: "High timbale", 66: "Low timbale", 67: "High agogo", 68: "Low agogo", 69: "Cabasa",
  70: "Maracas", 71: "Short whistle", 72: "Long whistle", 73: "Short guiro", 74: "Long guiro", 75: "Claves",
  76: "High block", 77: "Low block", 78: "Mute cuica", 79: "Open cuica", 80: "Mute triangle", 81: "Triangle",
};

/** A pitch as people say it: middle C is C4. */
export function noteName(pitch, isDrum) {
  if (isDrum) return DRUMS[pitch] ?? `Drum ${pitch}`;
  return `${NOTES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
}

/** Minutes and seconds. */
export function clock(seconds) {
  const whole = Math.floor(Math.max(0, seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** A number without the noise of binary fractions. */
export function plain(number) {
  return String(Number(number.toPrecision(6)));
}

/** Paragraphs, headings, lists, bold, emphasis and code as elements: text never becomes markup. */
export function markdown(text) {
  const all = document.createDocumentFragment();
  for (const block of text.split(/\n\s*\n/)) {
    const lines = block.split("\n").filter((line) => line.trim());
    if (!lines.length) continue;
    const heading = lines[0].match(/^(#{1,3})\s+(.*)$/);
    if (heading) {
      // The page's title is the first level.
      const title = document.createElement(`h${heading[1].length + 1}`);
      inline(title, heading[2]);
      all.append(title);
      lines.shift();
    }
    if (lines.length && lines.every((line) => /^\s*[-*]\s/.test(line))) {
      const list = document.createElement("ul");
      for (const line of lines) {
        const item = document.createElement("li");
        inline(item, line.replace(/^\s*[-*]\s+/, ""));
        list.append(item);
      }
      all.append(list);
    } else if (lines.length) {
      const paragraph = document.createElement("p");
      inline(paragraph, lines.join(" "));
      all.append(paragraph);
    }
  }
  return all;
}

const TAGS = [[/^`([^`]+)`/, "code"], [/^\*\*(.+?)\*\*/, "strong"], [/^\*(.+?)\*/, "em"]];

function inline(element, text) {
  let words = "";
  const flush = () => {
    if (words) element.append(words);
    words = "";
  };
  while (text) {
    const found = TAGS.map(([pattern, tag]) => [text.match(pattern), tag]).find(([match]) => match);
    if (found) {
      flush();
      const part = document.createElement(found[1]);
      if (found[1] === "code") part.textContent = found[0][1];
      else inline(part, found[0][1]);
      element.append(part);
      text = text.slice(found[0][0].length);
    } else {
      words += text[0];
      text = text.slice(1);
    }
  }
  flush();
}
