// Light, dark or as the device says: a choice of this device, kept in a cookie so that the server writes the right
// <html data-theme> at once.

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
});

mark();
