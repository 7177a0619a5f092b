// The calendar of a rota, or of all of them: a line shows the present. In that of one, dragging over a layer's row opens the form for covering that time.
// Without it the button "Cover a shift" opens the same form empty.

const grid = document.querySelector(".rota-grid");
const form = document.querySelector("#cover form");
const STEP = 30; // minutes

if (grid) {
  const days = Number(grid.dataset.days);
  const minutes = days * 24 * 60;
  const [year, month, date] = grid.dataset.first.split("-").map(Number);
  const room = grid.closest(".rota-room");

  // Columns are wall time: the same as the reader enters into the form.
  const wall = (minute) => {
    const at = new Date(Date.UTC(year, month - 1, date, 0, minute));
    return at.toISOString().slice(0, 16);
  };
  const track = (row) => {
    const first = row.cells[1].getBoundingClientRect(), last = row.cells[row.cells.length - 1].getBoundingClientRect();
    return { left: first.left, width: last.right - first.left, top: first.top, height: first.height };
  };
  const snapped = (row, x) => {
    const { left, width } = track(row);
    const minute = Math.round(((x - left) / width) * minutes / STEP) * STEP;
    return Math.min(Math.max(minute, 0), minutes);
  };
  const words = (from, to) => `${wall(from).slice(11)} – ${wall(to).slice(11)}`;

  let drag = null;

  function draw() {
    const { row, from, to, box } = drag;
    const place = track(row), outer = room.getBoundingClientRect();
    const [a, b] = [Math.min(from, to), Math.max(from, to)];
    Object.assign(box.style, {
      left: `${place.left - outer.left + room.scrollLeft + (a / minutes) * place.width}px`,
      top: `${place.top - outer.top + 3}px`,
      width: `${((b - a) / minutes) * place.width}px`,
      height: `${place.height - 6}px`,
    });
    box.textContent = words(a, b);
  }

  function stop() {
    drag?.box.remove();
    drag?.row.classList.remove("is-dragging");
    drag = null;
  }

  grid.addEventListener("pointerdown", (event) => {
    const row = event.target.closest("tr[data-layer]");
    if (!form || !row || event.button || event.pointerType === "touch" || event.target.closest("th")) return;
    drag = { row, from: snapped(row, event.clientX), x: event.clientX, box: document.createElement("div"), moved: false };
    drag.to = drag.from;
    drag.box.className = "rota-drag";
  });
  addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (!drag.moved && Math.abs(event.clientX - drag.x) < 5) return;
    if (!drag.moved) {
      drag.moved = true;
      room.append(drag.box);
      drag.row.classList.add("is-dragging");
    }
    drag.to = snapped(drag.row, event.clientX);
    draw();
  });
  addEventListener("pointerup", () => {
    if (!drag?.moved || drag.from === drag.to) return stop();
    const [a, b] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
    form.elements.layer.value = drag.row.dataset.layer;
    form.elements.starts_at.value = wall(a);
    form.elements.ends_at.value = wall(b);
    stop();
    grid.addEventListener("click", (click) => click.preventDefault(), { capture: true, once: true });
    setTimeout(() => document.getElementById("cover").showModal());
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });
  grid.addEventListener("dragstart", (event) => event.preventDefault()); // links are not dragged away

  const line = document.createElement("div");
  line.className = "rota-now";
  const row = grid.querySelector("tbody tr:has(td)");
  function present() {
    const share = (Date.now() - Date.parse(grid.dataset.start)) / (minutes * 60_000);
    line.remove();
    if (!row || share < 0 || share > 1) return;
    const place = track(row), outer = room.getBoundingClientRect();
    line.style.left = `${place.left - outer.left + room.scrollLeft + share * place.width}px`;
    room.append(line);
  }
  present();
  setInterval(present, 60_000);
  addEventListener("resize", present);
}
