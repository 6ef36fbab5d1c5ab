// Drawing a pianoroll on a canvas: one lane for each track, or all in one for a small picture.

import { noteName } from "./words.js";

/** Points for the names of tracks, where there is room for them. */
const GUTTER = 84;
const NARROW = 480;
const FONT = "12px system-ui, sans-serif";

/** The notes of a piece with their tracks, and the range of pitches of each track. */
export function prepare(music) {
  const tracks = music.tracks.map((track) => {
    const pitches = track.notes.map(([, , pitch]) => pitch);
    let low = Math.min(...pitches, 127);
    let high = Math.max(...pitches, 0);
    if (low > high) [low, high] = [60, 60];
    // A few rows at least, so that a single pitch is no block.
    const lacks = Math.max(0, 11 - (high - low));
    return { ...track, low: low - Math.ceil(lacks / 2), high: high + Math.floor(lacks / 2) };
  });
  const bar = Math.max(1, Math.round(music.steps_per_beat * music.beats_per_bar));
  return { ...music, tracks, bar, bars: Math.ceil(music.steps / bar) };
}

/** Where everything lies: lanes from top to bottom, and how steps become points. */
export function layOut(piece, size, view) {
  const gutter = view.small || size.width < NARROW ? 0 : GUTTER;
  const ruler = view.small ? 0 : 20;
  const height = size.height - ruler;
  const wide = size.width - gutter;
  const lanes = [];
  if (view.small) {
    const pitched = piece.tracks.filter((track) => !track.is_drum && track.notes.length);
    const low = Math.min(...pitched.map((track) => track.low), 127);
    const high = Math.max(...pitched.map((track) => track.high), 0);
    const drums = piece.tracks.some((track) => track.is_drum && track.notes.length) ? height * 0.24 : 0;
    for (const track of piece.tracks) {
      lanes.push(
        track.is_drum
          ? { track, top: height - drums, height: drums, low: track.low, high: track.high }
          : { track, top: 0, height: height - drums, low, high },
      );
    }
  } else {
    const each = height / Math.max(1, piece.tracks.length);
    piece.tracks.forEach((track, index) => {
      lanes.push({ track, top: ruler + index * each, height: each, low: track.low, high: track.high });
    });
  }
  const perStep = (wide * view.zoom) / piece.steps;
  return {
    gutter,
    ruler,
    lanes,
    perStep,
    x: (step) => gutter + step * perStep - view.left,
    step: (x) => (x - gutter + view.left) / perStep,
  };
}

/** The rectangle of a note. */
export function box(layout, lane, [start, length, pitch]) {
  const pad = Math.min(4, lane.height * 0.08);
  const row = (lane.height - 2 * pad) / (lane.high - lane.low + 1);
  const height = Math.max(lane.height > 30 ? 3.5 : 1.5, Math.min(row, 9));
  const x = layout.x(start);
  const y = lane.top + pad + (lane.high - pitch) * row + (row - height) / 2;
  return { x, y, width: Math.max(1.5, length * layout.perStep - (layout.perStep > 3 ? 1 : 0.25)), height };
}

/** Draws a piece; `marked` is a note that stands out, as `{lane, note}`. */
export function paint(context, piece, size, view, inks, marked) {
  const layout = layOut(piece, size, view);
  context.clearRect(0, 0, size.width, size.height);
  context.save();
  context.beginPath();
  context.rect(layout.gutter, 0, size.width - layout.gutter, size.height);
  context.clip();
  grid(context, piece, size, view, inks, layout);
  if (view.bars) shade(context, piece, size, view.bars, inks, layout);
  for (const lane of layout.lanes) {
    context.fillStyle = inks.track(lane.track);
    for (const note of lane.track.notes) {
      const { x, y, width, height } = box(layout, lane, note);
      if (x + width < layout.gutter || x > size.width) continue;
      context.globalAlpha = view.small ? 0.9 : 0.5 + (0.5 * note[3]) / 127;
      rounded(context, x, y, width, height);
    }
  }
  context.globalAlpha = 1;
  if (marked) {
    const { x, y, width, height } = box(layout, layout.lanes[marked.lane], marked.note);
    context.strokeStyle = inks.ink;
    context.lineWidth = 2;
    context.strokeRect(x - 2, y - 2, width + 4, height + 4);
  }
  context.restore();
  if (layout.gutter) names(context, layout, inks);
  return layout;
}

function rounded(context, x, y, width, height) {
  context.beginPath();
  context.roundRect(x, y, width, height, Math.min(2.5, height / 2, width / 2));
  context.fill();
}

function grid(context, piece, size, view, inks, layout) {
  const { lanes, perStep, ruler } = layout;
  if (!view.small) {
    lanes.forEach((lane, index) => {
      context.fillStyle = index % 2 ? inks.lane : inks.ground;
      context.fillRect(layout.gutter, lane.top, size.width, lane.height);
    });
  }
  const line = (step, ink, top) => {
    context.fillStyle = ink;
    context.fillRect(Math.round(layout.x(step)), top, 1, size.height - top);
  };
  const first = Math.max(0, Math.floor(layout.step(layout.gutter)));
  const last = Math.min(piece.steps, Math.ceil(layout.step(size.width)));
  const beat = piece.steps_per_beat;
  const drawsBeats = !view.small && beat * perStep >= 7;
  // On few points only every second, fourth or eighth bar is numbered.
  let every = 1;
  while (every * piece.bar * perStep < 28) every *= 2;
  context.font = FONT;
  context.textBaseline = "middle";
  for (let step = first; step <= last; step++) {
    if (step % piece.bar === 0) {
      line(step, inks.bar, 0);
      const number = step / piece.bar;
      if (!view.small && step < piece.steps && number % every === 0) {
        context.fillStyle = inks.faint;
        context.fillText(String(number + 1), layout.x(step) + 5, ruler / 2 + 1);
      }
    } else if (drawsBeats && step % beat === 0) {
      line(step, inks.beat, ruler);
    }
  }
}

/** Marks chosen bars: strongly on the ruler, faintly below it. */
function shade(context, piece, size, [first, end], inks, layout) {
  const x = layout.x(first * piece.bar);
  const width = layout.x(Math.min(piece.steps, end * piece.bar)) - x;
  context.fillStyle = inks.accent;
  for (const [share, height] of [[0.12, size.height], [0.35, layout.ruler]]) {
    context.globalAlpha = share;
    context.fillRect(x, 0, width, height);
  }
  context.globalAlpha = 1;
}

function names(context, layout, inks) {
  context.font = FONT;
  context.textBaseline = "middle";
  for (const lane of layout.lanes) {
    const middle = lane.top + lane.height / 2;
    context.fillStyle = inks.track(lane.track);
    context.beginPath();
    context.roundRect(0, lane.top + 4, 4, lane.height - 8, 2);
    context.fill();
    context.fillStyle = lane.track.notes.length ? inks.ink : inks.faint;
    context.fillText(lane.track.name, 12, middle, layout.gutter - 18);
  }
}

/** The note under a point, as `{lane, note}`. */
export function noteAt(layout, x, y) {
  for (let lane = layout.lanes.length - 1; lane >= 0; lane--) {
    for (const note of layout.lanes[lane].track.notes) {
      const { x: left, y: top, width, height } = box(layout, layout.lanes[lane], note);
      const near = Math.max(2, (8 - height) / 2);
      if (x >= left - 1 && x <= left + width + 1 && y >= top - near && y <= top + height + near) {
        return { lane, note };
      }
    }
  }
  return null;
}

/** A note in words. */
export function tell(piece, { lane, note: [start, length, pitch] }) {
  const track = piece.tracks[lane];
  const bar = Math.floor(start / piece.bar) + 1;
  const beat = (start % piece.bar) / piece.steps_per_beat + 1;
  const beats = length / piece.steps_per_beat;
  const long = track.is_drum ? "" : `, ${fraction(beats)} ${beats === 1 ? "beat" : "beats"} long`;
  return `${track.name}: ${noteName(pitch, track.is_drum)}, bar ${bar}, beat ${fraction(beat)}${long}`;
}

function fraction(number) {
  return String(Math.round(number * 100) / 100);
}

/** A piece in words, for those who do not see it. */
export function summary(piece) {
  const tracks = piece.tracks.map((track) => `${track.name} ${track.notes.length} notes`);
  return `${piece.bars} bars at ${Math.round(piece.tempo)} beats a minute; ${tracks.join(", ")}`;
}

/** The colours of the moment, light or dark. */
export function inks(element) {
  const style = getComputedStyle(element);
  const value = (name) => style.getPropertyValue(name).trim();
  const isDark = value("--scheme") === "dark";
  return {
    ink: value("--ink"),
    faint: value("--faint"),
    accent: value("--accent"),
    ground: value("--card"),
    lane: value("--lane"),
    bar: value("--bar-line"),
    beat: value("--beat-line"),
    track: (track) => (isDark ? lighter(track.colour) : track.colour),
  };
}

/** The colours are made for paper; on dark ground they are mixed with white. */
function lighter(colour) {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  const mixed = parts.map((part) => Math.round(part + (255 - part) * 0.35));
  return `rgb(${mixed.join(" ")})`;
}
