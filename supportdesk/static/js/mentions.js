// Naming a colleague in an internal note: after an @ the names that fit are offered; arrows choose, Enter or Tab takes one, Escape
// puts them away. <form data-mentions="/address"> answers {"names": […]}; nothing is offered in a reply.

const MOST = 6;
let form, text, names = null, offered = [], at = -1, current = 0;

const isNote = () => form.querySelector("input[name='kind']:checked")?.value === "note";

const list = document.createElement("ul");
list.className = "mentions";
list.id = "mentions";
list.role = "listbox";
list.hidden = true;

async function known() {
  if (!names) {
    const answer = await fetch(form.dataset.mentions, { credentials: "same-origin" });
    names = answer.ok ? (await answer.json()).names : [];
  }
  return names;
}

async function look() {
  const before = text.value.slice(0, text.selectionStart);
  const match = isNote() && /(?:^|[\s(])@([\p{L}\p{N} .'-]{0,40})$/u.exec(before);
  if (!match) return close();
  at = before.length - match[1].length - 1;
  const typed = match[1].toLowerCase();
  const all = await known();
  offered = all.filter((name) => name.toLowerCase().startsWith(typed) || name.toLowerCase().split(" ").some((word) => typed && word.startsWith(typed))).slice(0, MOST);
  if (!offered.length || all.some((name) => name.toLowerCase() === typed.trim())) return close();
  current = 0;
  return show();
}

function show() {
  list.replaceChildren(...offered.map((name, index) => {
    const item = document.createElement("li");
    item.role = "option";
    item.id = `mention-${index}`;
    item.className = "menu__item";
    item.setAttribute("aria-selected", String(index === current));
    item.textContent = name;
    item.addEventListener("mousedown", (event) => { event.preventDefault(); take(index); });
    return item;
  }));
  list.hidden = false;
  text.setAttribute("aria-activedescendant", `mention-${current}`);
}

function close() {
  list.hidden = true;
  offered = [];
  text.removeAttribute("aria-activedescendant");
}

function take(index) {
  const name = offered[index];
  text.setRangeText(`@${name} `, at, text.selectionStart, "end");
  close();
  text.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

function press(event) {
  if (list.hidden || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    current = (current + (event.key === "ArrowDown" ? 1 : -1) + offered.length) % offered.length;
    show();
  } else if (event.key === "Enter" || event.key === "Tab") take(current);
  else if (event.key === "Escape") { close(); event.stopPropagation(); }
  else return;
  event.preventDefault();
}

function start() {
  const found = document.querySelector("form[data-mentions]");
  if (!found || found === form) return;
  form = found;
  text = form.querySelector("textarea[name='body']");
  text.setAttribute("aria-controls", "mentions");
  text.setAttribute("aria-autocomplete", "list");
  text.after(list);
  text.addEventListener("input", look);
  text.addEventListener("blur", close);
  text.addEventListener("keydown", press);
  form.addEventListener("composer:turned", close);
}

start();
document.addEventListener("htmx:afterSettle", start);
