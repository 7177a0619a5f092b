// Ctrl+K (or ⌘ K): the palette. What is typed is asked of the server (htmx); the arrows walk what it found, Enter goes there.

const palette = document.getElementById("palette");
const field = palette?.querySelector("input");
const items = () => [...palette.querySelectorAll(".palette__item")];

document.addEventListener("keydown", (event) => {
  if (!palette || event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (palette.open || document.querySelector("dialog[open]")) return;
  field.value = "";
  palette.showModal();
  field.focus();
  window.htmx?.trigger(field, "palette:open");
});

palette?.addEventListener("keydown", (event) => {
  const all = items(), here = all.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const next = here + (event.key === "ArrowDown" ? 1 : -1);
    (next < 0 ? field : all[next % all.length])?.focus();
    event.preventDefault();
  } else if (event.key === "Enter" && document.activeElement === field) {
    all[0]?.click();
    event.preventDefault();
  }
});
