// The composer: Ctrl+Enter (or ⌘ Enter) sends, R and N choose a reply or a note, and text survives a reload.
// <form class="composer" data-composer="ticket-123">: the value names the draft, kept for this tab until it is sent. With data-draft
// the text is kept on the server instead (drafts.js).

const KEY = (form) => `draft:${form.dataset.composer}`;

const kindOf = (form) => form.querySelector("input[name='kind']:checked")?.value ?? "reply";

function grow(text) {
  if (CSS.supports("field-sizing", "content")) return;
  text.setAttribute("rows", String(Math.min(20, Math.max(4, text.value.split("\n").length + 1))));
}

function restore(form) {
  const text = form.querySelector("textarea");
  const kept = form.dataset.draft ? null : JSON.parse(sessionStorage.getItem(KEY(form)) ?? "null");
  if (kept && !text.value) {
    text.value = kept.text;
    const kind = form.querySelector(`input[type="radio"][value="${CSS.escape(kept.kind)}"]`);
    if (kind) kind.checked = true;
  }
  grow(text);
}

function keep(form) {
  if (form.dataset.draft) return;
  const text = form.querySelector("textarea").value;
  if (text.trim()) sessionStorage.setItem(KEY(form), JSON.stringify({ text, kind: kindOf(form) }));
  else sessionStorage.removeItem(KEY(form));
}

function start(scope) {
  for (const form of scope.querySelectorAll("form[data-composer]")) {
    if (form.dataset.ready) continue;
    form.dataset.ready = "yes";
    restore(form);
    form.addEventListener("input", (event) => {
      keep(form);
      if (event.target.matches("textarea")) grow(event.target);
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.requestSubmit(form.querySelector(`[data-send="${kindOf(form)}"]`));
      }
    });
    form.addEventListener("submit", () => sessionStorage.removeItem(KEY(form)));
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  const kind = { r: "reply", n: "note" }[event.key];
  const choice = kind && document.querySelector(`form[data-composer] input[type="radio"][value="${kind}"]`);
  if (!choice) return;
  event.preventDefault();
  choice.checked = true;
  choice.form.querySelector("textarea").focus();
});

start(document);
document.addEventListener("htmx:afterSettle", () => start(document));
