// A live answer (live.js) may carry <template data-part="id">: the new content of the element of that id, which stands elsewhere on
// the page, and <template data-title>: the page's new title. A part in which the reader is busy is left alone until the next answer.

const busy = (place) => place.contains(document.activeElement) || place.matches(":popover-open") || place.querySelector("details.menu[open], :active");

document.addEventListener("live:updated", (event) => {
  for (const template of event.target.querySelectorAll("template[data-part]")) {
    const place = document.getElementById(template.dataset.part);
    if (place && !busy(place)) {
      place.replaceChildren(template.content);
      window.htmx?.process(place);
      place.dispatchEvent(new CustomEvent("parts:updated", { bubbles: true }));
    }
    template.remove();
  }
  const title = event.target.querySelector("template[data-title]");
  if (title) document.title = title.content.textContent;
  title?.remove();
});
