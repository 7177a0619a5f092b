// Clock chips and relative times that stay true while the page is open.
//
// <… data-clock="2026-03-13T12:20:00Z" data-warn="…" data-open="start/end start/end" data-business data-when="Mon 09:02">:
// the words and the ring of a running clock. data-open lists the stretches of open time up to the due instant; left out,
// all time is open. While closed hours lie before it, the words are data-when and what is left of open time.
// <… data-waiting="2026-03-13T12:20:00Z">: since when somebody has waited.
// <time data-relative datetime="…">: "12 min ago".
// Words come from the page (<script type="application/json" id="words">), so that a translation holds here too.

const words = JSON.parse(document.getElementById("words")?.textContent ?? "null");
const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const parsed = new WeakMap();

const say = (key, values) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** The same words as the `duration` filter: at most two units, never rounded up. */
export function duration(ms, { days = true } = {}) {
  const seconds = Math.floor(Math.abs(ms) / SECOND);
  const minutes = Math.floor(seconds / 60), hours = Math.floor(seconds / 3600), wholeDays = Math.floor(seconds / 86400);
  if (seconds < 60) return say("s", { n: seconds });
  if (minutes < 60) return say("min", { n: minutes });
  if (days && hours >= 48) {
    const text = say("d", { n: wholeDays }), rest = hours % 24;
    return rest && wholeDays < 10 ? `${text} ${say("h", { n: rest })}` : text;
  }
  const text = say("h", { n: hours }), rest = minutes % 60;
  return rest && hours < 10 ? `${text} ${say("min", { n: rest })}` : text;
}

/** Open milliseconds from `from` to `to`, counted over the stretches; all time when there are none. */
export function openTime(from, to, stretches) {
  if (!stretches) return to - from;
  return stretches.reduce((sum, [a, b]) => sum + Math.max(0, Math.min(b, to) - Math.max(a, from)), 0);
}

function read(chip) {
  if (!parsed.has(chip)) {
    const { clock, warn, open, used, at } = chip.dataset;
    parsed.set(chip, {
      due: Date.parse(clock),
      warn: warn ? Date.parse(warn) : Infinity,
      stretches: open ? open.split(/\s+/).map((pair) => pair.split("/").map(Date.parse)) : null,
      used: Number(used ?? 0),
      at: at ? Date.parse(at) : Date.now(),
    });
  }
  return parsed.get(chip);
}

function put(chip, place, text) {
  const element = chip.querySelector(place);
  if (element && element.textContent !== text) element.textContent = text;
}

function tick(chip, now) {
  const clock = read(chip);
  const late = now > clock.due;
  const state = late ? "breached" : now >= clock.warn ? "at_risk" : "running";
  if (chip.dataset.state !== state) {
    chip.dataset.state = state;
    const spoken = chip.querySelector("[data-clock-state]");
    if (spoken) spoken.textContent = words[state];
    chip.dispatchEvent(new CustomEvent("clock:turned", { bubbles: true }));
  }
  const left = late ? now - clock.due : openTime(now, clock.due, clock.stretches);
  const time = duration(left, { days: late || !("business" in chip.dataset) });
  const far = !late && chip.dataset.when && clock.due - now - left >= SECOND;
  put(chip, "[data-clock-text]", far ? say("when", { when: chip.dataset.when }) : say(late ? "overdue" : "due", { time }));
  put(chip, "[data-clock-left]", far ? say("left", { time }) : "");
  const ring = chip.querySelector("circle.used");
  if (ring && !late) {
    const leftThen = openTime(clock.at, clock.due, clock.stretches);
    const share = leftThen > 0 ? 1 - (1 - clock.used) * (left / leftThen) : 1;
    ring.setAttribute("stroke-dasharray", `${Math.round(share * 100)} 100`);
  }
  return !late && left < MINUTE ? SECOND : 5 * SECOND;
}

function relative(element, now) {
  const ms = Date.parse(element.dateTime) - now, size = Math.abs(ms);
  const [key, n] = size >= DAY ? ["d", size / DAY] : size >= HOUR ? ["h", size / HOUR] : ["min", size / MINUTE];
  const text = size < MINUTE ? words.now : say(ms > 0 ? "in" : "ago", { time: say(key, { n: Math.floor(n) }) });
  if (element.textContent !== text) element.textContent = text;
}

let timer;
function run() {
  clearTimeout(timer);
  const now = Date.now();
  let wait = 30 * SECOND;
  for (const chip of document.querySelectorAll("[data-clock]")) wait = Math.min(wait, tick(chip, now));
  for (const chip of document.querySelectorAll("[data-waiting]")) {
    put(chip, "[data-clock-text]", say("waiting", { time: duration(now - Date.parse(chip.dataset.waiting)) }));
  }
  for (const time of document.querySelectorAll("time[data-relative]")) relative(time, now);
  timer = setTimeout(run, wait - (Date.now() % SECOND));
}

if (words) {
  run();
  document.addEventListener("visibilitychange", () => document.hidden ? clearTimeout(timer) : run());
  document.addEventListener("htmx:afterSettle", run);
  document.addEventListener("live:updated", run);
}
