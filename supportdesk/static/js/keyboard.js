// A keyboard path: j and k walk the rows of <table data-keys>, Enter and o open (the row's own link), / goes to the search field,
// ? shows <dialog id="keys">.

const typing = (target) => target.closest("input:not([type='checkbox'], [type='radio']), textarea, select, [contenteditable]");

function walk(step) {
  const rows = [...document.querySelectorAll("[data-keys] a[data-row]")];
  if (!rows.length) return;
  const here = rows.indexOf(document.activeElement?.closest("tr")?.querySelector("a[data-row]"));
  const next = here < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, here + step));
  rows[next].focus();
  rows[next].closest("tr").scrollIntoView({ block: "nearest" });
}

const actions = {
  j: () => walk(1),
  k: () => walk(-1),
  o: () => document.activeElement?.closest("[data-keys] tr")?.querySelector("a[data-row]")?.click(),
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
