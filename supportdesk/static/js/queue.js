// The live queue: when its rows are replaced, what the reader looks at stays where it is on the screen, and new tickets are
// announced and marked for a moment.

const queue = document.getElementById("queue");
const news = document.getElementById("queue-news");
const rows = () => [...queue.querySelectorAll("a[data-row]")];
const place = (link) => link.closest("tr").getBoundingClientRect().top;

let known = new Set(rows().map((link) => link.pathname));
let anchor = null;

function remember() {
  const links = rows();
  const link = links.find((each) => each === document.activeElement)
    ?? links.find((each) => each.closest("tr").matches(":hover"))
    ?? links.find((each) => place(each) >= 0);
  anchor = link && scrollY > 0 ? { path: link.pathname, top: place(link) } : null;
}

let waiting = false;
function soon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; remember(); });
}
for (const kind of ["scroll", "pointermove", "focusin"]) document.addEventListener(kind, soon, { passive: true });

queue.addEventListener("live:updated", () => {
  const links = rows();
  const same = anchor && links.find((link) => link.pathname === anchor.path);
  if (same) scrollBy({ top: place(same) - anchor.top, behavior: "instant" });
  const fresh = links.filter((link) => !known.has(link.pathname));
  for (const link of fresh) link.closest("tr").classList.add("is-new");
  if (fresh.length) news.textContent = fresh.length === 1 ? news.dataset.one : news.dataset.many.replace("{n}", fresh.length);
  for (const link of links) known.add(link.pathname);
});
