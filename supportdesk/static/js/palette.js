// Ctrl+K (or ⌘ K): the palette (<input id="palette-field" data-address="/address"> in a dialog). What is typed is asked of the server; the arrows walk what
// it found, Enter goes there: to what belongs to the words as they stand, however quickly they were typed.

const field = document.getElementById("palette-field");
const dialog = field?.closest("dialog");
const place = document.getElementById("palette-found");
const items = () => [...place.querySelectorAll(".palette__item")];
const PAUSE = 120;

let timer, asked = 0, shown = null, going = false;

async function ask() {
  clearTimeout(timer);
  const words = field.value, turn = ++asked;
  try {
    const answer = await fetch(`${field.dataset.address}?q=${encodeURIComponent(words)}`, { credentials: "same-origin", redirect: "error" });
    if (!answer.ok || turn !== asked) return;
    const html = await answer.text();
    if (turn !== asked) return;
    place.innerHTML = html;
    shown = words;
    if (going) items()[0]?.click();
  } catch {
    // Gone elsewhere, or no connection: the next letter asks again.
  }
}

document.addEventListener("keydown", (event) => {
  if (!dialog || event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (document.querySelector("dialog[open]")) return;
  field.value = "";
  going = false;
  dialog.showModal();
  field.focus();
  ask();
});

field?.addEventListener("input", () => {
  going = false;
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
});

dialog?.addEventListener("keydown", (event) => {
  const all = items(), here = all.indexOf(document.activeElement);
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
    const next = here + (event.key === "ArrowDown" ? 1 : -1);
    (next < 0 ? field : all[next % all.length]).focus();
    event.preventDefault();
  } else if (event.key === "Enter" && document.activeElement === field) {
    event.preventDefault();
    if (shown === field.value) all[0]?.click();
    else {
      going = true;
      ask();
    }
  }
});
