"use strict";
const KEY = "listening-" + TEST;
const at = id => document.getElementById(id);

// Uniform below n, from the browser's own source of chance.
function below(n) {
  const limit = Math.floor(0x100000000 / n) * n;
  const box = new Uint32Array(1);
  do { crypto.getRandomValues(box); } while (box[0] >= limit);
  return box[0] % n;
}

function shuffled(names) {
  const order = [...names];
  for (let i = order.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    if (kept && kept.order.every(name => CLIPS.has(name)) && kept.order.length === CLIPS.size) return kept;
  } catch (_) { /* begin anew */ }
  const rater = "r" + below(0x10000000).toString(16).padStart(7, "0");
  return { rater, musician: null, order: shuffled(CLIPS.keys()), place: 0, ratings: {}, heard: {} };
}

let state = load();

function keep() {
  try { localStorage.setItem(KEY, JSON.stringify(state)); } catch (_) { /* a private window: kept until it closes */ }
}

function isRated(name) {
  const given = state.ratings[name] || {};
  return QUESTIONS.every(([question]) => given[question]);
}

function csv() {
  const columns = ["test", "rater", "musician", "order", "clip", ...QUESTIONS.map(([name]) => name)];
  const rows = state.order.map((name, place) => [name, place]).filter(([name]) => isRated(name)).map(([name, place]) =>
    [TEST, state.rater, state.musician, place + 1, name, ...QUESTIONS.map(([question]) => state.ratings[name][question])]);
  return [columns, ...rows].map(row => row.join(",")).join("\r\n") + "\r\n";
}

function show() {
  const begun = state.musician !== null && state.begun;
  const done = state.order.every(isRated) && state.place >= state.order.length;
  at("start").hidden = begun;
  at("rate").hidden = !begun || done;
  at("end").hidden = !done;
  at("download").hidden = !state.order.some(isRated);
  at("forget").hidden = !begun;
  if (!begun || done) { at("player").pause(); return; }
  const name = state.order[Math.min(state.place, state.order.length - 1)];
  at("place").textContent = `${state.place + 1} of ${state.order.length}`;
  at("progress").value = state.order.filter(isRated).length / state.order.length;
  const source = "data:audio/wav;base64," + CLIPS.get(name);
  if (at("player").src !== source) at("player").src = source;
  const box = at("questions");
  box.replaceChildren();
  for (const [question, asked] of QUESTIONS) {
    const field = document.createElement("fieldset");
    const legend = document.createElement("legend");
    legend.textContent = asked;
    const scale = document.createElement("div");
    scale.className = "scale";
    for (let value = 1; value <= 5; value++) {
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.type = "radio";
      input.name = question;
      input.value = value;
      input.checked = (state.ratings[name] || {})[question] === value;
      input.disabled = !state.heard[name];
      input.addEventListener("change", () => {
        (state.ratings[name] ||= {})[question] = value;
        keep();
        at("next").disabled = !isRated(name);
        at("download").hidden = false;
      });
      const words = { 1: "1 not at all", 5: "5 very much" };
      label.append(input, document.createTextNode(words[value] || String(value)));
      scale.append(label);
    }
    field.append(legend, scale);
    box.append(field);
  }
  at("hint").textContent = state.heard[name] ? "" : "Play the piece to rate it.";
  at("back").disabled = state.place === 0;
  at("next").disabled = !isRated(name);
  at("next").textContent = state.place + 1 === state.order.length ? "Finish" : "Next";
}

for (const input of document.querySelectorAll("input[name=musician]")) {
  input.addEventListener("change", () => {
    state.musician = input.value === "true";
    at("begin").disabled = false;
  });
}
at("begin").addEventListener("click", () => { state.begun = true; keep(); show(); });
at("player").addEventListener("play", () => {
  const name = state.order[state.place];
  if (!state.heard[name]) { state.heard[name] = true; keep(); show(); }
});
at("back").addEventListener("click", () => { state.place -= 1; keep(); show(); });
at("next").addEventListener("click", () => { state.place += 1; keep(); show(); window.scrollTo(0, 0); });
at("download").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
  link.download = `ratings-${TEST}-${state.rater}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});
at("forget").addEventListener("click", () => {
  if (!confirm("Delete all your ratings in this browser?")) return;
  try { localStorage.removeItem(KEY); } catch (_) { /* nothing was kept */ }
  state = load();
  show();
});
show();
