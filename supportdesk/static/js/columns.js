// The list of the queue's columns: a press on an arrow, or Alt with an arrow key, moves one, and the form keeps the order in which they
// stand. Without this script the server moves it. What moves is the neighbour, so that the focus stays where it is.

const NEIGHBOUR = { up: "previousElementSibling", down: "nextElementSibling" };

function move(column, step) {
  const other = column[NEIGHBOUR[step]], list = column.parentElement;
  if (!other) return;
  if (step === "up") column.after(other);
  else column.before(other);
  const all = [...list.children];
  for (const [name, end] of [["up", list.firstElementChild], ["down", list.lastElementChild]]) {
    for (const each of all) each.querySelector(`[name="${name}"]`).ariaDisabled = each === end ? "true" : null;
  }
  const said = list.parentElement.querySelector("[data-says]");
  const words = { column: column.innerText.trim(), place: all.indexOf(column) + 1, all: all.length };
  said.textContent = said.dataset.says.replace(/\{(\w+)\}/g, (_whole, name) => words[name]);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".columns-form__one > button");
  if (!button) return;
  event.preventDefault();
  move(button.parentElement, button.name);
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  const column = step && event.altKey && event.target.closest?.(".columns-form__one");
  if (!column) return;
  event.preventDefault();
  move(column, step);
});
