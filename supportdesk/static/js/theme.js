// Light, dark or as the device says: kept in a cookie, so that the server writes the right <html data-theme> at once, and
// told to the profile (data-theme-url), so that the reader's other devices know.

const YEAR = 365 * 24 * 60 * 60;
const root = document.documentElement;

function mark() {
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === root.dataset.theme));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice]");
  if (!button) return;
  root.dataset.theme = button.dataset.themeChoice;
  document.cookie = `theme=${button.dataset.themeChoice}; path=/; max-age=${YEAR}; samesite=lax`;
  mark();
  const { themeUrl } = button.closest("[data-theme-url]")?.dataset ?? {};
  if (themeUrl) {
    const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
    fetch(themeUrl, { method: "POST", headers, body: new URLSearchParams({ theme: root.dataset.theme }) });
  }
});

mark();
