// Widgets that a person sets: each is made once and updated in place, so that focus and dragging survive.
//
// A maker takes the node and the page and gives `{element, control, update}`; `control` is what is enabled,
// described and focused.

/** An element with properties and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

let names = 0;

/** A label with its control. */
function field(kind, node, control, ...beside) {
  control.id ||= `control-${++names}`;
  const words = make("span", { className: "words", textContent: node.label });
  const label = make("label", { className: "label", htmlFor: control.id }, words, ...beside);
  return { element: make("div", { className: kind }, label, control), control, words };
}

/** Sends the last of the values that come within a frame. */
function sender(node, page) {
  let frame = 0;
  return (value) => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => page.set(node.id, value()));
  };
}

function decimals(step) {
  const text = String(step);
  const [, exponent] = text.split("e-");
  return exponent ? Number(exponent) : (text.split(".")[1] ?? "").length;
}

export function slider(node, page) {
  const control = make("input", { type: "range" });
  const shown = make("output");
  const made = field("slider", node, control, shown);
  const send = sender(node, page);
  let isHeld = false;
  const show = () => {
    const number = Number(control.value).toFixed(Math.min(6, decimals(node.step)));
    shown.textContent = node.unit ? `${number} ${node.unit}` : number;
    control.setAttribute("aria-valuetext", shown.textContent);
    const share = (control.value - node.min) / (node.max - node.min || 1);
    control.style.setProperty("--share", `${100 * share}%`);
  };
  control.addEventListener("pointerdown", () => (isHeld = true));
  for (const end of ["pointerup", "pointercancel", "blur"]) {
    control.addEventListener(end, () => (isHeld = false));
  }
  control.addEventListener("input", () => {
    show();
    send(() => Number(control.value));
  });
  made.update = () => {
    Object.assign(control, { min: node.min, max: node.max, step: node.step || "any" });
    // What comes back while a person drags is older than what they hold.
    if (!isHeld) control.value = node.value;
    show();
  };
  return made;
}

export function number(node, page) {
  const control = make("input", { type: "number", inputMode: "decimal" });
  const made = field("number", node, control);
  control.addEventListener("change", () => {
    if (control.value !== "" && control.checkValidity()) page.set(node.id, Number(control.value));
    else control.reportValidity();
  });
  made.update = (changed) => {
    control.min = node.min ?? "";
    control.max = node.max ?? "";
    control.step = node.step || "any";
    if ("value" in changed) control.value = node.value;
  };
  return made;
}

export function menu(node, page) {
  const control = make("select");
  const made = field("menu", node, control);
  control.addEventListener("change", () => page.set(node.id, control.value));
  made.update = (changed) => {
    if ("items" in changed) control.replaceChildren(...node.items.map((item) => new Option(item, item)));
    control.value = node.value;
  };
  return made;
}

export function check_box(node, page) {
  const control = make("input", { type: "checkbox" });
  const words = make("span", { className: "words", textContent: node.label });
  const element = make("div", { className: "check" }, make("label", {}, control, words));
  control.addEventListener("change", () => page.set(node.id, control.checked));
  return { element, control, words, update: () => (control.checked = node.value) };
}

export function text(node, page) {
  const control = node.lines > 1 ? make("textarea", { rows: node.lines }) : make("input", { type: "text" });
  const made = field("text", node, control);
  control.spellcheck = false;
  control.addEventListener("change", () => page.set(node.id, control.value));
  made.update = (changed) => {
    control.placeholder = node.placeholder ?? "";
    if ("value" in changed && control.value !== node.value) control.value = node.value;
  };
  return made;
}

export function button(node, page) {
  const control = make("button", { type: "button", textContent: node.label });
  control.addEventListener("click", () => page.click(node.id));
  const update = () => control.classList.toggle("primary", Boolean(node.primary));
  return { element: make("div", { className: "press" }, control), control, words: control, update };
}

export function download(node, page) {
  const words = make("span", { className: "words", textContent: node.label });
  const control = make("button", { type: "button", className: "download" }, words);
  control.addEventListener("click", () => page.download(node.id, node.name));
  const update = () => (control.title = node.hint || node.name);
  return { element: make("div", { className: "press" }, control), control, words, update };
}

/** Bytes that the server takes at most, whatever a widget says. */
const LARGEST = 2 << 20;

export function upload(node, page) {
  const control = make("input", { type: "file" });
  control.id = `control-${++names}`;
  const words = make("span", { className: "words", textContent: node.label });
  const told = make("span", { className: "told" });
  const drop = make("label", { className: "drop", htmlFor: control.id }, words, told);
  const element = make("div", { className: "upload" }, control, drop);
  const take = async (file) => {
    if (!file) return;
    const most = Math.min(node.most || LARGEST, LARGEST);
    if (file.size > most) {
      return page.fail(node.id, `${file.name} has ${kilobytes(file.size)}, and ${kilobytes(most)} are taken at most`);
    }
    told.textContent = `reading ${file.name}…`;
    const bytes = new Uint8Array(await file.arrayBuffer());
    page.send({ kind: "upload", id: node.id, name: file.name, data: base64(bytes) });
  };
  control.addEventListener("change", () => {
    take(control.files[0]);
    // So that the same file can be given again.
    control.value = "";
  });
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (!control.disabled) take(event.dataTransfer.files[0]);
  });
  const update = () => {
    control.accept = (node.accept ?? []).join(",");
    const wanted = (node.accept ?? []).join(", ") || "any file";
    told.textContent = node.value ? node.value : `choose or drop a file (${wanted})`;
    drop.classList.toggle("filled", Boolean(node.value));
  };
  return { element, control, words, update };
}

function kilobytes(bytes) {
  return `${Math.ceil(bytes / 1024).toLocaleString("en")} KB`;
}

function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}
