// The live queue. What changed in a row is put in place. New rows, and another order, wait behind “3 new · show” while the reader
// is busy here: a row under the pointer or the focus, rows selected or about to be; else they come at once and are marked for a moment.

const queue = document.getElementById("queue");
const news = document.getElementById("queue-news");
const more = document.getElementById("queue-more");
const rows = (place = queue) => [...place.querySelectorAll("tr[data-number]")];
const link = (row) => row.querySelector("a[data-row]");
const top = (row) => row.getBoundingClientRect().top;

const heads = (place) => place.querySelector("thead")?.textContent.replaceAll(/\s+/g, " ");

let waiting = null;

function wait(html, text) {
  waiting = html;
  more.hidden = false;
  more.querySelector("[data-news]").textContent = text;
}

function isBusy() {
  const row = document.activeElement?.closest?.("#queue tr[data-number]");
  return row !== null && row !== undefined
    || queue.querySelector("tr[data-number]:hover") !== null
    || queue.classList.contains("is-selecting")
    || queue.querySelector(".pick__box:checked") !== null;
}

function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** What the answer says of the rest of the page: its parts and title (parts.js takes them). */
function tellParts(content) {
  queue.append(...content.querySelectorAll("template"));
  queue.dispatchEvent(new CustomEvent("live:updated", { bubbles: true }));
}

function patch(old, fresh) {
  if (old.dataset.sig === fresh.dataset.sig) return;
  const picked = old.querySelector(".pick__box")?.checked;
  const focused = document.activeElement === link(old);
  for (const name of ["sig", "urgency", "mostUrgent"]) {
    if (name in fresh.dataset) old.dataset[name] = fresh.dataset[name];
    else delete old.dataset[name];
  }
  old.replaceChildren(...fresh.children);
  const box = old.querySelector(".pick__box");
  if (box) box.checked = Boolean(picked);
  if (focused) link(old).focus({ preventScroll: true });
  old.classList.add("is-changed");
}

function show(content) {
  waiting = null;
  more.hidden = true;
  const known = new Set(rows().map((row) => row.dataset.number));
  const picked = new Set([...queue.querySelectorAll("td .pick__box:checked")].map((box) => box.value));
  const focused = document.activeElement?.closest?.("#queue tr[data-number]");
  const anchor = focused ?? (scrollY > 0 ? rows().find((row) => top(row) >= 0) : null);
  const place = anchor && { number: anchor.dataset.number, top: top(anchor) };
  queue.replaceChildren(content);
  window.htmx?.process(queue);
  for (const row of rows()) {
    if (picked.has(row.dataset.number)) row.querySelector(".pick__box").checked = true;
    if (!known.has(row.dataset.number)) row.classList.add("is-new");
  }
  const same = place && rows().find((row) => row.dataset.number === place.number);
  if (same && focused) link(same).focus({ preventScroll: true });
  if (same) scrollBy({ top: top(same) - place.top, behavior: "instant" });
  const fresh = rows().filter((row) => !known.has(row.dataset.number)).length;
  if (fresh) say(fresh);
  queue.dispatchEvent(new CustomEvent("live:updated", { bubbles: true }));
}

const say = (count) => { news.textContent = count === 1 ? news.dataset.one : news.dataset.many.replace("{n}", count); };

queue.addEventListener("live:arrived", (event) => {
  event.preventDefault();
  const content = parsed(event.detail.html);
  const here = rows(), there = rows(content);
  if (!isBusy() || !here.length) return show(content);
  if (heads(content) !== heads(queue)) return wait(event.detail.html, news.dataset.moved); // other columns, chosen in another tab
  const fresh = new Map(there.map((row) => [row.dataset.number, row]));
  const order = (list) => list.map((row) => row.dataset.number).join();
  const isSame = order(here) === order(there);
  waiting = isSame ? null : event.detail.html;
  let gone = 0;
  for (const row of here) {
    const now = fresh.get(row.dataset.number);
    if (now) patch(row, now.cloneNode(true));
    row.classList.toggle("is-gone", !now);
    row.title = now ? "" : news.dataset.gone;
    gone += now ? 0 : 1;
  }
  const known = new Set(here.map((row) => row.dataset.number));
  const count = there.filter((row) => !known.has(row.dataset.number)).length;
  more.hidden = isSame;
  const text = count === 1 ? news.dataset.showOne : count ? news.dataset.showMany.replace("{n}", count) : news.dataset.moved;
  const button = more.querySelector("[data-news]");
  if (!isSame && button.textContent !== text) {
    button.textContent = text;
    if (count) say(count);
  }
  tellParts(content);
});

more.addEventListener("click", (event) => {
  if (event.target.closest("[data-show-news]") && waiting) show(parsed(waiting));
});

// A row that was opened is the row to go on from when the reader is back.
const KEPT = `row:${location.pathname}${location.search}`;
document.addEventListener("click", (event) => {
  const row = event.target.closest?.("#queue tr[data-number]");
  if (row && event.target.closest("a[data-row]")) sessionStorage.setItem(KEPT, row.dataset.number);
});
document.addEventListener("queue:leaving", (event) => sessionStorage.setItem(KEPT, event.detail));
const kept = sessionStorage.getItem(KEPT);
if (kept) {
  sessionStorage.removeItem(KEPT);
  const row = rows().find((each) => each.dataset.number === kept) ?? rows()[0];
  if (row && document.activeElement === document.body) link(row).focus({ preventScroll: false });
}
