// Selecting rows of the queue: x, a press on the box, with Shift up to there, all of the page, all of the view. What is done to
// them is a form (desk/_bulk.html) that names their numbers; with none selected, the keys take the row that has the focus. On a phone,
// where rows have no boxes, a button in the head (data-select-mode) brings them: until it is pressed again a touch on a row selects it.

const queue = document.getElementById("queue");
const bar = document.getElementById("bulk");
const form = document.getElementById("bulk-form");
const news = document.getElementById("queue-news");
const boxes = () => [...queue.querySelectorAll("td .pick__box")];
const MENUS = new Set(["a", "s", "t", "v", "h"]), DIRECT = new Set(["e", "w"]);
const typing = (target) => target.closest("input:not([type='checkbox']), textarea, select, [contenteditable]");

let everywhere = null; // numbers of the whole view, when all of it is selected
let last = null; // where a range begins

const mode = document.querySelector("[data-select-mode]");
const isSelecting = () => queue.classList.contains("is-selecting");
const chosen = () => everywhere ?? boxes().filter((box) => box.checked).map((box) => box.value);
const focusedRow = () => document.activeElement?.closest?.("#queue tr[data-number]") ?? null;

function tell() {
  const numbers = chosen(), all = boxes();
  for (const box of all) box.closest("tr").toggleAttribute("data-picked", box.checked);
  const head = queue.querySelector("[data-pick-all]");
  if (head) {
    head.checked = all.length > 0 && all.every((box) => box.checked);
    head.indeterminate = !head.checked && all.some((box) => box.checked);
  }
  bar.hidden = numbers.length === 0 && !isSelecting();
  bar.classList.toggle("is-empty", numbers.length === 0);
  form.elements.numbers.value = numbers.join(" ");
  const says = everywhere?.isCut ? bar.dataset.cutSays : news.dataset.selected;
  bar.querySelector("[data-selected]").textContent = numbers.length ? says.replace("{n}", numbers.length) : isSelecting() ? bar.dataset.noneSays : "";
  const more = document.querySelector(".pages a[rel]") !== null;
  bar.querySelector("[data-select-all]").hidden = everywhere !== null || !more || !head?.checked;
  if (numbers.length) window.htmx?.trigger("#bulk-menus", "queue:selecting");
}

function pick(box, on) {
  everywhere = null;
  box.checked = on;
}

function range(box, on) {
  const all = boxes(), from = all.indexOf(last), to = all.indexOf(box);
  if (from < 0) return pick(box, on);
  for (const each of all.slice(Math.min(from, to), Math.max(from, to) + 1)) pick(each, on);
}

function turnMode(on) {
  queue.classList.toggle("is-selecting", on);
  mode.setAttribute("aria-pressed", String(on));
  mode.querySelector("[data-mode-text]").textContent = on ? mode.dataset.done : mode.dataset.select;
  if (on) tell();
  else none();
}

function none() {
  everywhere = null;
  for (const box of boxes()) box.checked = false;
  tell();
}

async function allOfView() {
  const answer = await fetch(bar.dataset.all, { credentials: "same-origin" });
  if (!answer.ok) return;
  const { numbers, is_cut: isCut } = await answer.json();
  for (const box of boxes()) box.checked = true;
  everywhere = Object.assign(numbers, { isCut });
  tell();
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.("#queue .pick__box");
  if (box?.hasAttribute("data-pick-all")) {
    for (const each of boxes()) pick(each, box.checked);
    tell();
  } else if (box) {
    if (event.shiftKey && last?.isConnected) range(box, box.checked);
    else pick(box, box.checked);
    last = box;
    tell();
  }
  const row = isSelecting() && !box ? event.target.closest?.("#queue tr[data-number]") : null;
  if (row) {
    event.preventDefault();
    const own = row.querySelector(".pick__box");
    pick(own, !own.checked);
    last = own;
    tell();
  }
  if (event.target.closest?.("[data-select-mode]")) turnMode(!isSelecting());
  if (event.target.closest?.("[data-select-none]")) {
    if (isSelecting()) turnMode(false);
    else none();
  }
  if (event.target.closest?.("[data-select-shown]")) {
    for (const each of boxes()) pick(each, true);
    tell();
  }
  if (event.target.closest?.("[data-select-all]")) allOfView();
  const filler = event.target.closest?.("[data-fill]");
  if (filler) {
    const field = document.getElementById(filler.dataset.fill);
    field.value = filler.dataset.fillWith;
    submit(field.dataset.enter);
  }
});

function submit(what) {
  [...document.querySelectorAll('[form="bulk-form"][name="do"]')].find((button) => button.value === what)?.click();
}

/** The focused row, when nothing else is selected: the menus are about it. */
function takeFocused() {
  if (chosen().length) return true;
  const box = focusedRow()?.querySelector(".pick__box");
  if (!box) return false;
  pick(box, true);
  last = box;
  tell();
  return true;
}

function whenMenusAreThere(then) {
  const place = document.getElementById("bulk-menus");
  if (place.children.length) return then(place);
  place.addEventListener("htmx:afterSettle", () => then(place), { once: true });
}

function openMenu(key) {
  whenMenusAreThere((place) => {
    const menu = place.querySelector(`[data-bulk-key="${key}"]`);
    if (!menu) return;
    menu.open = true;
    menu.querySelector("input, .menu__item")?.focus();
  });
}

function open(letter) {
  const link = focusedRow()?.querySelector("a[data-row]");
  if (!link) return false;
  document.dispatchEvent(new CustomEvent("queue:leaving", { detail: link.closest("tr").dataset.number }));
  location.href = `${link.href}#press-${letter}`;
  return true;
}

/** The call that the row waits for is taken; where it waits for none, one is arranged. */
function call() {
  const row = focusedRow();
  if (!row) return false;
  document.dispatchEvent(new CustomEvent("queue:leaving", { detail: row.dataset.number }));
  const claim = row.querySelector("[data-claim]");
  if (claim) claim.click();
  else location.href = bar.dataset.arrange.replace("/0/", `/${row.dataset.number}/`);
  return true;
}

function act(event) {
  const key = event.key;
  if (key.toLowerCase() === "x") {
    const box = focusedRow()?.querySelector(".pick__box");
    if (!box) return false;
    if (event.shiftKey && last?.isConnected) range(box, true);
    else pick(box, !box.checked);
    last = box;
    tell();
    return true;
  }
  if (key === "r" || key === "n") return open(key);
  if (key === "p") return call();
  if (!(MENUS.has(key) || DIRECT.has(key)) || !takeFocused()) return false;
  if (MENUS.has(key)) openMenu(key);
  else whenMenusAreThere((place) => place.querySelector(`[data-bulk-press="${key}"]`)?.click());
  return true;
}

let prefix = 0; // after g another script takes the next key
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && !event.defaultPrevented && !event.target.closest("details.menu[open]") && chosen().length && !typing(event.target)) return none();
  if ((event.ctrlKey || event.metaKey) && event.key === "a" && !typing(event.target) && (focusedRow() || chosen().length)) {
    event.preventDefault();
    return allOfView();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
  if (event.target.closest("details.menu[open]") || Date.now() - prefix < 1200) { prefix = 0; return; }
  prefix = event.key === "g" ? Date.now() : 0;
  if (act(event)) event.preventDefault();
});

form.addEventListener("submit", () => {
  const row = focusedRow() ?? queue.querySelector("tr[data-picked]");
  if (row) document.dispatchEvent(new CustomEvent("queue:leaving", { detail: row.dataset.number }));
});

// Rows that were replaced: what is no longer there is no longer selected.
queue.addEventListener("live:updated", tell);
tell();
