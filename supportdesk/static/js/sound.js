// A short tone when a row of the most urgent priority appears in the live queue, for those who turned it on (My day): the rail then
// carries data-sound. Browsers allow sound only after the reader has done something on the page; until then there is silence.

const queue = document.getElementById("queue");
const wanted = () => document.querySelector("[data-sound]");
const urgent = () => [...queue.querySelectorAll("tr:has([data-rank='1']) a[data-row]")].map((link) => link.pathname);

let context = null;
const known = new Set(queue ? urgent() : []);

for (const kind of ["pointerdown", "keydown"]) {
  document.addEventListener(kind, () => { if (wanted()) context ??= new AudioContext(); }, { once: true, passive: true });
}

function tone(start, pitch) {
  const voice = context.createOscillator(), level = context.createGain();
  voice.frequency.value = pitch;
  level.gain.setValueAtTime(0.0001, start);
  level.gain.exponentialRampToValueAtTime(0.12, start + 0.02);
  level.gain.exponentialRampToValueAtTime(0.0001, start + 0.25);
  voice.connect(level).connect(context.destination);
  voice.start(start);
  voice.stop(start + 0.3);
}

document.addEventListener("visibilitychange", () => { document.title = document.title.replace(/^● /, ""); });

queue?.addEventListener("live:updated", () => {
  const fresh = urgent().filter((path) => !known.has(path));
  for (const path of fresh) known.add(path);
  if (fresh.length && document.hidden && wanted()) document.title = `● ${document.title}`;
  if (!fresh.length || !wanted() || context?.state !== "running") return;
  tone(context.currentTime, 660);
  tone(context.currentTime + 0.18, 880);
});
