// Says to colleagues what the reader is writing, with each question of the live conversation (its data-live, plain in data-plain),
// and that the page was closed. What stands on the page may be replaced at any time, so it is looked up each time.

const conversation = () => document.getElementById("conversation");
const form = () => document.getElementById("composer");

function say() {
  const place = conversation(), text = form()?.querySelector("textarea[name='body']");
  if (!place || !text) return;
  const plain = place.dataset.plain ?? (place.dataset.plain = place.dataset.live);
  const what = text.value.trim() ? form().querySelector("input[name='kind']:checked")?.value ?? "" : "";
  place.dataset.live = what ? `${plain}${plain.includes("?") ? "&" : "?"}writing=${what}` : plain;
}

document.addEventListener("input", (event) => { if (event.target.form?.id === "composer") say(); });
document.addEventListener("composer:turned", say);
document.addEventListener("htmx:afterSettle", say);
say();

window.addEventListener("pagehide", () => {
  const csrf = form()?.querySelector("input[name='csrfmiddlewaretoken']");
  if (!csrf || !conversation()) return;
  const data = new FormData();
  data.set("csrfmiddlewaretoken", csrf.value);
  navigator.sendBeacon(conversation().dataset.leaving, data);
});
