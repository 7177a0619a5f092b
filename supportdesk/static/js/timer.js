// A running timer counts by itself: <b data-timer="2026-03-02T08:00:00Z">. Hours and minutes, seconds in the first minute.

const written = (seconds) => {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.max(0, Math.floor(seconds))} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

function tick() {
  for (const place of document.querySelectorAll("[data-timer]")) {
    const text = written((Date.now() - Date.parse(place.dataset.timer)) / 1000);
    if (place.textContent !== text) place.textContent = text;
  }
}

setInterval(tick, 1000);
tick();
