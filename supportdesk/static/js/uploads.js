// Files to send: a list of what was picked, dropped or pasted, with sizes and what is wrong with each, before anything is sent.
// <… data-uploads data-max-bytes="26214400" data-max-files="10" data-too-large="…" data-too-many="…" data-empty="…" data-remove="…">
// holds an <input type="file" multiple> and a <ul class="files">. Drop and paste work on the whole form around it.

const units = ["B", "KB", "MB", "GB"];

export function size(bytes) {
  const power = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log(bytes) / Math.log(1024)) : 0);
  const amount = bytes / 1024 ** power;
  return `${amount.toLocaleString(undefined, { maximumFractionDigits: power && amount < 10 ? 1 : 0 })} ${units[power]}`;
}

function element(tag, name, text) {
  const made = document.createElement(tag);
  made.className = name;
  if (text) made.textContent = text;
  return made;
}

function start(box) {
  if (box.dataset.ready) return;
  box.dataset.ready = "yes";
  const form = box.closest("form");
  const input = box.querySelector("input[type='file']");
  const list = box.querySelector(".files");
  const { maxBytes, maxFiles, tooLarge, tooMany, empty, remove } = box.dataset;
  let files = [];

  function problem(file, index) {
    if (file.size === 0) return empty;
    if (maxBytes && file.size > Number(maxBytes)) return tooLarge;
    if (maxFiles && index >= Number(maxFiles)) return tooMany;
    return "";
  }

  function show() {
    const carried = new DataTransfer();
    const rows = files.map((file, index) => {
      const wrong = problem(file, index);
      if (!wrong) carried.items.add(file);
      const row = element("li", wrong ? "file file--wrong" : "file");
      row.append(element("span", "file__name", file.name), element("span", "file__size", size(file.size)));
      if (wrong) row.append(element("span", "file__problem", wrong));
      const away = element("button", "file__remove", "×");
      away.type = "button";
      away.setAttribute("aria-label", `${remove} ${file.name}`);
      away.addEventListener("click", () => {
        files = files.filter((other) => other !== file);
        show();
        input.focus();
      });
      row.append(away);
      return row;
    });
    input.files = carried.files;
    list.replaceChildren(...rows);
  }

  function add(added) {
    const known = new Set(files.map((file) => `${file.name}/${file.size}/${file.lastModified}`));
    files = files.concat([...added].filter((file) => !known.has(`${file.name}/${file.size}/${file.lastModified}`)));
    show();
  }

  input.addEventListener("change", () => add(input.files));
  form.addEventListener("reset", () => { files = []; show(); });
  form.addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    add(event.clipboardData.files);
  });

  let depth = 0;
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const calm = () => { depth = 0; form.classList.remove("is-dragging"); };
  form.addEventListener("dragenter", (event) => { if (carriesFiles(event)) { depth += 1; form.classList.add("is-dragging"); } });
  form.addEventListener("dragleave", () => { depth -= 1; if (depth <= 0) calm(); });
  form.addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
  form.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    calm();
    add(event.dataTransfer.files);
  });
}

const startAll = () => document.querySelectorAll("[data-uploads]").forEach(start);
startAll();
document.addEventListener("htmx:afterSettle", startAll);
