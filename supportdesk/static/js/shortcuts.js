// One key, one thing: whatever carries data-key="a" (or two keys, data-key="g m") is pressed by it, and stands in the help sheet
// under its own words, or those of data-key-says. With data-key-focus it is not pressed: what can be chosen in it is focused, and the
// panel that it stands in unfolded.

const WAIT = 1200;
let first = "", since = 0;

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
const shown = (element) => element.checkVisibility({ visibilityProperty: true }) || element.closest("[popover]") || ("keyFocus" in element.dataset && element.closest("details:not([open])"));
const pressed = (keys) => [...document.querySelectorAll(`[data-key="${CSS.escape(keys)}"]`)].find(shown);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.key.length !== 1) return;
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const pair = first && Date.now() - since < WAIT ? `${first} ${event.key}` : "";
  const found = (pair && pressed(pair)) || pressed(event.key);
  first = pair ? "" : event.key;
  since = Date.now();
  if (!found) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // G R is no R
  first = "";
  if ("keyFocus" in found.dataset) focus(found);
  else (found.matches("a, button") ? found : found.querySelector("a, button")).click();
}, true);

function focus(place) {
  for (let panel = place.closest("details"); panel; panel = panel.parentElement.closest("details")) panel.open = true;
  place.scrollIntoView({ block: "nearest" });
  place.querySelector(":is(select, button, input, a):not(:disabled)")?.focus();
}

function line(keys, text) {
  const dt = document.createElement("dt"), dd = document.createElement("dd");
  for (const key of keys.split(" ")) {
    const kbd = document.createElement("kbd");
    kbd.textContent = key;
    dt.append(kbd, " ");
  }
  dd.textContent = text;
  dt.dataset.own = dd.dataset.own = "";
  return [dt, dd];
}

const help = document.getElementById("keys");
help?.addEventListener("toggle", fill);
document.addEventListener("keydown", (event) => { if (event.key === "?") fill(); }, true);

function fill() {
  const list = help?.querySelector(".keys");
  if (!list) return;
  for (const old of list.querySelectorAll("[data-own]")) old.remove();
  for (const element of document.querySelectorAll("[data-key]")) {
    if (element.dataset.key) list.append(...line(element.dataset.key, element.dataset.keySays ?? element.textContent.trim()));
  }
}
