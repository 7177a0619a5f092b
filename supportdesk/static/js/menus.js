// Menus are <details class="menu">, dialogs <dialog>, both usable as they are. This closes a menu when the reader has gone
// elsewhere, opens the dialog a button names (data-dialog="id"), and puts a message away (data-dismiss).

const open = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;

  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();

  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement) event.target.close(); // the backdrop

  event.target.closest("[data-dismiss]")?.closest(".flash")?.remove();
});

// In the bar on top of a phone a message takes room from the page: what went well leaves when the reader moves on, which
// moves the page anyway; by itself it would push it from under a finger.
document.addEventListener("touchmove", () => {
  for (const flash of document.querySelectorAll(".rail .flash--success")) if (innerWidth <= 820 && !flash.querySelector("form")) flash.remove();
}, { passive: true });

document.addEventListener("keydown", (event) => {
  const menu = document.activeElement?.closest("details.menu[open]");
  if (!menu) return;
  const summary = menu.querySelector("summary");
  if (event.key === "Escape") {
    menu.open = false;
    summary.focus();
    event.preventDefault();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const items = [...menu.querySelectorAll(".menu__item")];
    const next = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    items[(next + items.length) % items.length]?.focus();
    event.preventDefault();
  }
});

// A search field swallows Escape while something stands in it: in a dialog it closes that all the same.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || !event.target.matches?.("dialog[open] input[type='search']")) return;
  event.preventDefault();
  event.target.closest("dialog").close();
});

document.addEventListener("focusin", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});

// Where a page of the portal opens further down, what was said stands there too.
const said = document.querySelector(".portal__main > .flashes");
if (said?.children.length && location.hash) document.getElementById(location.hash.slice(1))?.before(said);

// In a low window the rail scrolls: the place one is at is in sight.
document.querySelector(".rail__views [aria-current]")?.scrollIntoView({ block: "nearest" });

// After a form came back with errors, the summary is the first thing to hear, and to see: not the place it was sent to.
const errors = document.querySelector(".errors[tabindex]");
errors?.focus();
if (errors && location.hash) addEventListener("load", () => setTimeout(() => errors.scrollIntoView({ block: "center" })));
