// How many tickets are in each saved view of the rail: asked for in one request once the page is there, since a count of any filter may
// take a while. The views carry data-count-of="id", the rail data-counts="/address". The answer is kept for a while by the browser.

const rail = document.getElementById("views");
let known = null;

const places = () => [...rail.querySelectorAll("[data-count-of]")];

function put() {
  for (const place of places()) place.textContent = known?.[place.dataset.countOf] ?? "";
}

async function ask() {
  if (!places().length) return;
  put();
  try {
    const answer = await fetch(rail.querySelector("[data-counts]").dataset.counts, { credentials: "same-origin" });
    if (!answer.ok) return;
    known = (await answer.json()).counts;
    put();
  } catch { /* without a network there are no counts */ }
}

if (rail) {
  document.readyState === "complete" ? ask() : addEventListener("load", ask);
  rail.addEventListener("parts:updated", ask);
}
