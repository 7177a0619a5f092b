// A short tone when a row of the most urgent priority appears in the live queue, for those who turned it on (My day): the rail then
// carries data-sound, and in a hidden tab the title is marked too. Browsers allow sound only after the reader has done something on the
// page; until then there is silence.

const queue = document.getElementById("queue");
const wanted = () => document.querySelector("[data-sound]");
const urgent = (place) => [...place.querySelectorAll("tr[data-most-urgent] a[data-row]")].map((link) => link.getAttribute("href"));

let context = null;
const known = new Set(queue ? urgent(queue) : []);

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

const unmark = () => { document.title = document.title.replace(/^● /, ""); };
document.addEventListener("visibilitychange", unmark);

queue?.addEventListener("live:arrived", (event) => {
  const fresh = urgent(new DOMParser().parseFromString(event.detail.html, "text/html")).filter((address) => !known.has(address));
  for (const address of fresh) known.add(address);
  if (!fresh.length || !wanted()) return;
  if (document.hidden) setTimeout(() => { unmark(); document.title = `● ${document.title}`; }, 100);
  if (context?.state !== "running") return;
  tone(context.currentTime, 660);
  tone(context.currentTime + 0.18, 880);
});
