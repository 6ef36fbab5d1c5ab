// A point in a square between four things, moved by pointer or by arrow keys.

import { make } from "./inputs.js";

const STEP = 0.05;
const LARGE_STEP = 0.25;

export function pad(node, page) {
  const dot = make("div", { className: "dot" });
  const control = make("div", { className: "plane", tabIndex: 0 }, dot);
  const corners = ["top left", "top right", "bottom left", "bottom right"].map((place) => {
    const corner = make("span", { className: `corner ${place.replace(" ", "-")}` });
    control.append(corner);
    return corner;
  });
  const words = make("span", { className: "words", textContent: node.label });
  const element = make("div", { className: "pad" }, make("div", { className: "label" }, words), control);
  control.setAttribute("role", "slider");
  control.setAttribute("aria-roledescription", "two-dimensional slider");
  control.setAttribute("aria-valuemin", 0);
  control.setAttribute("aria-valuemax", 100);

  let point = node.value;
  let isHeld = false;
  let frame = 0;
  const show = () => {
    const [x, y] = point;
    dot.style.left = `${100 * x}%`;
    dot.style.top = `${100 * y}%`;
    const shares = [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y].map((share) => Math.round(100 * share));
    corners.forEach((corner, at) => {
      corner.textContent = node.corners[at];
      corner.style.setProperty("--share", shares[at] / 100);
    });
    control.setAttribute("aria-label", node.label || "Pad");
    control.setAttribute("aria-valuenow", Math.round(100 * x));
    control.setAttribute("aria-valuetext", shares.map((share, at) => `${share} % ${node.corners[at]}`).join(", "));
  };
  const move = (x, y) => {
    if (control.getAttribute("aria-disabled") === "true") return;
    point = [x, y].map((part) => Math.round(1000 * Math.min(1, Math.max(0, part))) / 1000);
    show();
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => page.set(node.id, point));
  };
  const follow = (event) => {
    const { left, top, width, height } = control.getBoundingClientRect();
    move((event.clientX - left) / width, (event.clientY - top) / height);
  };
  control.addEventListener("pointerdown", (event) => {
    isHeld = true;
    control.setPointerCapture(event.pointerId);
    follow(event);
  });
  control.addEventListener("pointermove", (event) => isHeld && follow(event));
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    control.addEventListener(end, () => (isHeld = false));
  }
  const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  control.addEventListener("keydown", (event) => {
    const way = keys[event.key];
    if (!way) return;
    event.preventDefault();
    const step = event.shiftKey ? LARGE_STEP : STEP;
    move(point[0] + step * way[0], point[1] + step * way[1]);
  });
  const update = () => {
    if (!isHeld) point = node.value;
    show();
  };
  return { element, control, words, update };
}
