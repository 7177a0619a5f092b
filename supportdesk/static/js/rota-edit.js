// A rota's settings come back changed after every choice; what had the focus has it again.

let held = null;

// What was chosen only looks at the consequence: the button that has the focus still is not pressed by it.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id === "rota-edit" && event.detail.triggeringEvent?.type === "change") event.detail.formData.delete("do");
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "rota-edited") return;
  const active = document.activeElement;
  const same = active?.name ? [...document.querySelectorAll(`[name="${CSS.escape(active.name)}"]`)] : [];
  held = active?.name ? { name: active.name, place: same.indexOf(active), value: active.tagName === "BUTTON" ? active.value : null } : null;
  if (event.detail.xhr.status === 422) event.detail.shouldSwap = true;
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "rota-edited" || !held) return;
  const same = [...document.querySelectorAll(`[name="${CSS.escape(held.name)}"]`)];
  const found = held.value === null ? same[held.place] : same.find((each) => each.value === held.value);
  found?.focus({ preventScroll: true });
  held = null;
});
