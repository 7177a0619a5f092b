// The composer: Ctrl+Enter (or ⌘ Enter) sends, with Shift also sets the status to waiting; R and N choose a reply or a note; text
// survives a reload.
// <form class="composer" data-composer="ticket-123">: the value names the draft, kept for this tab until it is sent. With data-draft
// the text that stands in the box is kept on the server too (drafts.js), and there alone where one writes only replies.
// Each kind of writing has a text of its own, so that what was written as a note never stands where a reply is sent from.
// data-crossing="/address": asked before anything goes out whether the ticket was merged (input goes_to: into which, as shown), and before
// a reply whether a message came in since (input seen); what did is shown in #composer-held, and the text waits.
// data-carried: the server's text was brought from a merged ticket at that instant, and joins what this tab had kept.

const key = (form) => `draft:${form.dataset.composer}`;
const box = (form) => form.querySelector("textarea[name='body']") ?? form.querySelector("textarea");
const chosen = (form) => form.querySelector("input[name='kind']:checked");
const kindOf = (form) => chosen(form)?.value ?? "reply";
const seen = (form) => form.querySelector("input[name='seen']");
const states = new WeakMap();

function grow(text) {
  if (CSS.supports("field-sizing", "content")) return;
  text.setAttribute("rows", String(Math.min(20, Math.max(4, text.value.split("\n").length + 1))));
}

/** What came from the server stands, but for what was typed in this tab since it was kept there. */
function restore(form) {
  const text = box(form);
  const isServers = form.dataset.draft && !form.dataset.crossing;
  const kept = isServers ? null : JSON.parse(sessionStorage.getItem(key(form)) ?? "null");
  const state = { texts: kept?.texts ?? {}, kind: kindOf(form) };
  states.set(form, state);
  if (!text.value && state.texts[kept?.kind] && kept.kind !== state.kind) {
    const kind = form.querySelector(`input[name="kind"][value="${CSS.escape(kept.kind)}"]`);
    if (kind) kind.checked = true;
    state.kind = kindOf(form);
  }
  const isNews = form.dataset.carried && form.dataset.carried !== kept?.carried;
  if (isNews && text.value.includes(state.texts[state.kind] ?? "")) state.texts[state.kind] = "";
  if (state.texts[state.kind]) {
    text.value = isNews ? `${state.texts[state.kind]}\n\n${text.value}` : state.texts[state.kind];
    if (seen(form) && kept.seen) seen(form).value = String(Math.min(Number(seen(form).value), Number(kept.seen)));
  }
  state.texts[state.kind] = text.value;
  dress(form);
}

/** What else depends on the kind: the words in the empty box, and the mark by which the server knows what was written. */
function dress(form) {
  const text = box(form), hint = chosen(form)?.dataset.placeholder;
  if (hint) text.placeholder = hint;
  const mark = form.elements.written_as;
  if (mark) mark.value = text.value.trim() ? kindOf(form) : "";
  grow(text);
}

function keep(form) {
  if (form.dataset.draft && !form.dataset.crossing) return;
  const state = states.get(form);
  state.texts[state.kind] = box(form).value;
  const texts = Object.fromEntries(Object.entries(state.texts).filter(([, text]) => text.trim()));
  if (Object.keys(texts).length) sessionStorage.setItem(key(form), JSON.stringify({ texts, kind: state.kind, seen: seen(form)?.value, carried: form.dataset.carried }));
  else sessionStorage.removeItem(key(form));
}

/** What is being sent is kept no longer; what was begun in another kind is. */
function forget(form) {
  const state = states.get(form), text = box(form).value;
  keep(form);
  const kept = JSON.parse(sessionStorage.getItem(key(form)) ?? "null");
  if (!kept) return;
  delete kept.texts[state.kind];
  if (text && Object.keys(kept.texts).length) sessionStorage.setItem(key(form), JSON.stringify(kept));
  else sessionStorage.removeItem(key(form));
}

/** What was begun in other kinds goes along to the ticket that this one was merged into; what stands in the box is sent there. */
function carry(form, to) {
  forget(form);
  const rest = JSON.parse(sessionStorage.getItem(key(form)) ?? "null")?.texts ?? {};
  const there = JSON.parse(sessionStorage.getItem(`draft:${to}`) ?? "null") ?? { texts: {}, kind: states.get(form).kind };
  for (const [kind, text] of Object.entries(rest)) {
    there.texts[kind] = there.texts[kind] ? `${there.texts[kind]}\n\n${text}` : text;
  }
  if (Object.keys(rest).length) sessionStorage.setItem(`draft:${to}`, JSON.stringify(there));
  sessionStorage.removeItem(key(form));
}

function turn(form) {
  const state = states.get(form), text = box(form), now = kindOf(form);
  if (state.kind === now) return;
  state.texts[state.kind] = text.value;
  state.kind = now;
  text.value = state.texts[now] ?? "";
  const files = form.querySelector("input[type='file']");
  if (files?.files.length) {
    form.dispatchEvent(new Event("reset")); // uploads.js takes them off its list; the form itself stays
    tell(form, form.dataset.filesGone);
  }
  dress(form);
  keep(form);
  form.dispatchEvent(new CustomEvent("composer:turned", { bubbles: true, detail: { kind: now } }));
}

function tell(form, words, act) {
  const news = form.querySelector("#composer-news");
  if (!news) return;
  news.textContent = words;
  news.hidden = !words;
  if (!act) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--small";
  button.textContent = form.dataset.show;
  button.addEventListener("click", act);
  news.append(" ", button);
}

/** Whether something came in, or the ticket went into another one, that the writer has not seen; it then stands above the text. */
async function crosses(form) {
  const asked = new URLSearchParams({ seen: seen(form).value, kind: kindOf(form), goes_to: form.elements.goes_to?.value ?? "" });
  const answer = await fetch(`${form.dataset.crossing}?${asked}`, { credentials: "same-origin", redirect: "error" });
  if (answer.status !== 200) return false;
  document.getElementById("composer-held").innerHTML = await answer.text();
  tell(form, "");
  keep(form);
  form.querySelector(".held")?.focus();
  form.scrollIntoView({ block: "end" });
  return true;
}

async function send(event) {
  const form = event.target, button = event.submitter;
  if (form.dataset.sending) return event.preventDefault();
  if (button?.dataset.carry) {
    form.dataset.sending = "yes";
    return carry(form, button.dataset.carry);
  }
  if (!form.dataset.crossing || !seen(form) || form.dataset.asked) {
    form.dataset.sending = "yes";
    forget(form);
    return undefined;
  }
  event.preventDefault();
  let held = false;
  try { held = await crosses(form); } catch { /* the server asks again */ }
  if (held) return undefined;
  form.dataset.asked = "yes";
  form.requestSubmit(button);
  delete form.dataset.asked;
  return undefined;
}

function start(scope) {
  for (const form of scope.querySelectorAll("form[data-composer]")) {
    if (form.dataset.ready) continue;
    form.dataset.ready = "yes";
    restore(form);
    form.addEventListener("input", (event) => {
      if (event.target.name === "kind") turn(form);
      else if (event.target === box(form)) { dress(form); keep(form); }
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      const kind = kindOf(form);
      const button = (event.shiftKey && form.querySelector(`[data-send="${kind}-waiting"]`)) || form.querySelector(`[data-send="${kind}"]`);
      form.requestSubmit(button);
    });
    form.addEventListener("submit", send);
    form.addEventListener("click", (event) => { if (event.target.closest("[data-held-edit]")) box(form).focus(); });
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  const kind = { r: "reply", n: "note" }[event.key];
  const choice = kind && document.querySelector(`form[data-composer] input[type="radio"][value="${kind}"]`);
  if (!choice || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  start(document); // a page just put in place may not have settled
  choice.checked = true;
  turn(choice.form);
  box(choice.form).focus();
});

// The conversation shows a newer message. Who is writing nothing has seen it with the page; who is writing is told.
document.addEventListener("live:updated", (event) => {
  const thread = event.target.querySelector(".thread[data-last]");
  const form = thread && document.querySelector("form[data-crossing]");
  if (!form || Number(thread.dataset.last) <= Number(seen(form).value)) return;
  if (box(form).value.trim()) tell(form, form.dataset.newMessage.replace("{name}", thread.dataset.lastBy), () => crosses(form));
  else seen(form).value = thread.dataset.last;
});

window.addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending; });

start(document);
document.addEventListener("htmx:afterSettle", () => start(document));
