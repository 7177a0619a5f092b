// What a reader does before the page listens, or while an answer is on its way, is not lost.
// Before: chosen while the scripts were still coming, or put back by the browser on a reload: each control that differs from what the
// server wrote says `change` (or `input`) again once htmx listens, so that what depends on it follows.
// Meanwhile: what was changed after the question was sent goes over into the part of the form that the answer replaces.

const KINDS = "input:not([type=hidden], [type=submit], [type=button], [type=search], [type=password]), select, textarea";
const isTicked = (control) => control.type === "checkbox" || control.type === "radio";

/** What stands in it, and what the server had put there. */
function state(control) {
  if (isTicked(control)) return String(control.checked);
  if (control.type === "file") return [...control.files].map((file) => `${file.name}/${file.size}`).join();
  return control.value;
}

function written(control) {
  if (isTicked(control)) return String(control.defaultChecked);
  if (control.type === "file") return "";
  if (control.localName !== "select") return control.defaultValue;
  const options = [...control.options];
  return (options.find((option) => option.defaultSelected) ?? options.find((option) => !option.disabled))?.value ?? "";
}

const heard = new WeakMap();
const hear = (control) => heard.set(control, state(control));
for (const kind of ["input", "change"]) document.addEventListener(kind, (event) => hear(event.target), true);

function say(control) {
  const isText = control.localName === "textarea" || (control.localName === "input" && !isTicked(control) && control.type !== "file");
  control.dispatchEvent(new Event(isText ? "input" : "change", { bubbles: true }));
}

let isListening = false;
function catchUp() {
  if (!isListening) return;
  for (const control of document.querySelectorAll(KINDS)) {
    const now = state(control);
    if (now === (heard.get(control) ?? written(control)) || (control.type === "radio" && !control.checked)) continue;
    say(control);
  }
}

// htmx says so of the body once, when it has gone through the page; a browser may restore a form as late as at `pageshow`.
document.body.addEventListener("htmx:load", (event) => {
  if (isListening || event.target !== document.body) return;
  // Whoever listened from the start has been told already; htmx has not.
  for (const control of document.querySelectorAll(KINDS)) heard.delete(control);
  isListening = true;
  catchUp();
});
window.addEventListener("pageshow", () => setTimeout(catchUp));

const key = (control) => `${control.name} ${isTicked(control) ? control.value : ""}`;
const named = (place) => [...place.querySelectorAll(KINDS)].filter((control) => control.name);
const sent = new WeakMap();
let asked = null;

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt.closest("form");
  if (form) sent.set(event.detail.xhr, new Map(named(form).map((control) => [key(control), state(control)])));
});
document.addEventListener("htmx:beforeSwap", (event) => { asked = sent.get(event.detail.xhr) ?? null; });

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (!asked) return;
  const fresh = new Map(named(fragment).map((control) => [key(control), control]));
  for (const control of named(target)) {
    const other = fresh.get(key(control));
    if (!other || control.type === "file" || state(control) === (asked.get(key(control)) ?? written(control))) continue;
    if (isTicked(control)) other.checked = control.checked;
    else other.value = control.value;
    if (control.type !== "radio" || control.checked) setTimeout(() => { if (other.isConnected) say(other); });
  }
});
