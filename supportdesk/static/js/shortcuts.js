// One key, one thing: whatever carries data-key="a" (or two keys, data-key="g m") is pressed by it, and stands in the help sheet
// under its own words, or those of data-key-says, in the group that data-key-group names. With data-key-focus it is not pressed: what can
// be chosen in it is focused, and the panel that it stands in unfolded. What a script of its own listens for is put there by
// data-key-shown. An address that ends in #press-r is opened as if that key had been pressed. It works in a folded panel too, and
// with data-key-always wherever else the element is folded away.

const WAIT = 1200;
let first = "", since = 0;

const typing = (target) => target.closest("input:not([type='checkbox'], [type='radio']), textarea, select, [contenteditable]");
const shown = (element) => element.checkVisibility({ visibilityProperty: true }) || element.closest("[popover]") || "keyAlways" in element.dataset || element.closest("details.panel:not([open])") || ("keyFocus" in element.dataset && element.closest("details:not([open])"));
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
  else (found.matches("a, button, summary") ? found : found.querySelector("a, button")).click();
}, true);

function focus(place) {
  for (let panel = place.closest("details"); panel; panel = panel.parentElement.closest("details")) panel.open = true;
  place.scrollIntoView({ block: "nearest" });
  place.querySelector(":is(select, button, input:not([type='hidden']), a):not(:disabled)")?.focus();
}

function line(keys, text) {
  const dt = document.createElement("dt"), dd = document.createElement("dd");
  for (const key of keys.split(" ")) {
    const kbd = document.createElement("kbd");
    kbd.textContent = key;
    dt.append(kbd, " ");
  }
  dd.textContent = text;
  return [dt, dd];
}

const help = document.getElementById("keys");
help?.addEventListener("toggle", fill);
document.addEventListener("keydown", (event) => { if (event.key === "?") fill(); }, true);

/** The sheet anew: each group of keys under its title, those that name none under that of the page. */
function fill() {
  const place = help?.querySelector("[data-keys-of-page]");
  if (!place) return;
  const groups = new Map(), seen = new Set();
  for (const element of document.querySelectorAll("[data-key], [data-key-shown]")) {
    const keys = element.dataset.keyShown || element.dataset.key;
    const title = element.dataset.keyGroup ?? place.dataset.title;
    if (!keys || seen.has(keys)) continue;
    seen.add(keys);
    if (!groups.has(title)) groups.set(title, []);
    groups.get(title).push(...line(keys, element.dataset.keySays ?? element.textContent.trim()));
  }
  place.replaceChildren(...[...groups].map(([title, lines]) => {
    const section = document.createElement("section"), head = document.createElement("h3"), list = document.createElement("dl");
    head.textContent = title;
    list.className = "keys";
    list.append(...lines);
    section.append(head, list);
    return section;
  }));
}

const arriving = location.hash.match(/^#press-([a-z])$/)?.[1];
if (arriving) {
  history.replaceState(null, "", location.pathname + location.search);
  addEventListener("load", () => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: arriving, bubbles: true, cancelable: true })));
}
