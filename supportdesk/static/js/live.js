// Parts of a page that follow the server: <section data-live="/address" data-live-every="15">. Asks again with the ETag it
// has; 304 costs nothing, 200 replaces the content. Waits while the tab is hidden (data-live-hidden="60": asks that often then, for a
// title that counts, and at its pace for those who want to hear of urgent tickets), while the reader writes, presses, marks text or has a
// menu open there, and longer after each failure, saying so (#offline). When a clock on the page turns at risk or overdue it asks at once:
// by then the worker has put that on the timeline. Who wants to put the answer into the page otherwise cancels "live:arrived".

const MIN = 5, MAX = 300;
const offline = () => document.getElementById("offline");

function follow(part) {
  if (part.dataset.following) return;
  part.dataset.following = "yes";
  const every = Math.max(MIN, Number(part.dataset.liveEvery ?? 15));
  const hiddenEvery = () => (part.dataset.liveHidden && document.querySelector("[data-sound]") ? every : Number(part.dataset.liveHidden ?? 0));
  let tag = part.dataset.liveTag ?? "", failures = 0, timer;

  const marks = () => { const marked = getSelection(); return !marked.isCollapsed && part.contains(marked.anchorNode); };
  const busy = () => part.querySelector("details.menu[open], dialog[open], :active") || marks()
    || (part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select"));

  async function ask() {
    clearTimeout(timer);
    if (!part.isConnected) return;
    if ((!document.hidden || hiddenEvery()) && !busy()) {
      try {
        const headers = { "HX-Request": "true", "X-Live": "true" };
        if (tag) headers["If-None-Match"] = tag;
        const answer = await fetch(part.dataset.live, { headers, credentials: "same-origin", redirect: "error" });
        if (answer.status === 200) {
          const html = await answer.text();
          if (!busy()) {
            tag = answer.headers.get("ETag") ?? "";
            const arrived = new CustomEvent("live:arrived", { detail: { html }, cancelable: true, bubbles: true });
            if (part.dispatchEvent(arrived)) replace(html);
          }
        } else if (answer.status !== 304) {
          throw new Error(String(answer.status));
        }
        if (failures) offline()?.setAttribute("hidden", "");
        failures = 0;
      } catch {
        failures += 1;
        if (failures > 1) offline()?.removeAttribute("hidden");
      }
    }
    const pace = document.hidden ? Math.max(every, hiddenEvery()) : every;
    timer = setTimeout(ask, Math.min(MAX, pace * 2 ** failures) * 1000 * (0.9 + Math.random() * 0.2));
  }

  function replace(html) {
    const focused = part.contains(document.activeElement) ? document.activeElement.id || document.activeElement.getAttribute("href") : "";
    part.innerHTML = html;
    window.htmx?.process(part);
    if (focused) part.querySelector(`#${CSS.escape(focused)}, [href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    part.dispatchEvent(new CustomEvent("live:updated", { bubbles: true }));
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  document.addEventListener("clock:turned", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 300 + Math.random() * 400);
  });
  timer = setTimeout(ask, Number(part.dataset.liveFirst ?? every) * 1000);
}

const followAll = () => document.querySelectorAll("[data-live]").forEach(follow);
followAll();
document.addEventListener("htmx:afterSettle", followAll);
