// The ticket's page: J and K walk the messages; what can be chosen about the ticket opens in a dialog over it; a list in it narrows
// to what is typed.

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

function walk(step) {
  const messages = [...document.querySelectorAll("#conversation .message")];
  if (!messages.length) return;
  const here = messages.indexOf(document.activeElement?.closest(".message"));
  const next = here < 0 ? (step > 0 ? firstUnread(messages) : messages.length - 1) : Math.min(messages.length - 1, Math.max(0, here + step));
  const message = messages[next];
  message.tabIndex = -1;
  message.focus({ preventScroll: true });
  message.scrollIntoView({ block: "nearest" });
}

function firstUnread(messages) {
  const mark = document.getElementById("unread");
  return mark ? messages.findIndex((each) => mark.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING) : 0;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  walk(step);
});

let title = "";
document.addEventListener("click", (event) => { title = event.target.closest("[data-sheet]")?.dataset.sheet ?? title; }, true);
document.addEventListener("htmx:afterSwap", (event) => {
  const sheet = event.detail.target.id === "sheet-place" && event.detail.target.closest("dialog");
  if (!sheet) return;
  document.getElementById("sheet-title").textContent = title;
  if (!sheet.open) sheet.showModal();
  (sheet.querySelector("[autofocus]") ?? event.detail.target.querySelector(":is(input, select, textarea):not([type='hidden'])"))?.focus();
});

document.addEventListener("input", (event) => {
  const list = event.target.dataset?.narrows && document.getElementById(event.target.dataset.narrows);
  if (!list) return;
  const words = event.target.value.toLowerCase().split(/\s+/);
  let count = 0;
  for (const item of list.children) {
    item.hidden = !words.every((word) => item.textContent.toLowerCase().includes(word));
    count += item.hidden ? 0 : 1;
  }
  const none = list.parentElement.querySelector("[data-narrowed-to-none]");
  if (none) none.hidden = count > 0;
});

// Enter in the search takes the first that is left, arrows walk the list.
document.addEventListener("keydown", (event) => {
  const list = event.target.dataset?.narrows ? document.getElementById(event.target.dataset.narrows) : event.target.closest?.(".people-list, .picker__list");
  if (!list) return;
  const buttons = [...list.querySelectorAll("li:not([hidden]) :is(button, a.menu__item)")];
  const here = buttons.indexOf(document.activeElement);
  if (event.key === "Enter" && here < 0) {
    event.preventDefault();
    buttons[0]?.click();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    buttons[Math.max(0, Math.min(buttons.length - 1, here + (event.key === "ArrowDown" ? 1 : -1)))]?.focus();
  }
});
