// The filter's menu: a press on a filter in words opens it there; closed, it offers all filters again.
const menu = document.getElementById("filter-menu");
const place = document.getElementById("filter-place");
const first = place?.innerHTML;
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open-menu]");
  if (!opener) return;
  place.replaceChildren(); // until what was asked for has come, nothing else can be chosen
  setTimeout(() => { document.getElementById(opener.dataset.openMenu).open = true; });
});
menu?.addEventListener("toggle", () => {
  if (menu.open) return place.querySelector("a, input, select")?.focus();
  place.innerHTML = first;
  window.htmx?.process(place);
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target === place) place.querySelector("input[type='search'], #filter-words, input[type='checkbox'], input[type='radio']:checked, input[type='radio'], a.menu__item")?.focus();
  if (event.target.id === "save-view-place") event.target.querySelector("input:not([type='hidden'])")?.focus();
});
