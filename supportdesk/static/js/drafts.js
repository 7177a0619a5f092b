// What is written in a form is kept on the server while it is written: <form data-draft="/address">, which says so in its [data-draft-says].
// Files are not kept. A person who was signed out meanwhile is told; sending the form then asks to sign in and loses nothing.

const AFTER = 1200;

function follow(form) {
  const says = form.querySelector("[data-draft-says]");
  let timer, asked, isDirty = false, isSent = false;

  function content() {
    const data = new FormData(form);
    for (const input of form.querySelectorAll("input[type='file']")) data.delete(input.name);
    return data;
  }

  function say(text, isLost = false) {
    says.textContent = text;
    says.classList.toggle("is-lost", isLost);
  }

  async function save() {
    clearTimeout(timer);
    asked?.abort();
    asked = new AbortController();
    isDirty = false;
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: content(), redirect: "manual", signal: asked.signal });
      if (answer.status === 200) say(await answer.text());
      else if (answer.status === 204) say("");
      else if (answer.type === "opaqueredirect" || answer.status === 403) say(form.dataset.draftSignedOut, true);
      else if (answer.status === 422) say(await answer.text(), true);
    } catch (error) {
      if (error.name === "AbortError") return;
      isDirty = true;
      say(form.dataset.draftOffline, true);
      timer = setTimeout(save, 10 * AFTER);
    }
  }

  function later() {
    if (isSent) return;
    isDirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, AFTER);
  }

  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", () => { isSent = true; clearTimeout(timer); asked?.abort(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) isSent = false; });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && isDirty && !isSent) {
      clearTimeout(timer);
      isDirty = !navigator.sendBeacon(form.dataset.draft, content());
    }
  });
}

function followAll() {
  for (const form of document.querySelectorAll("form[data-draft]:not([data-followed])")) {
    form.dataset.followed = "yes";
    follow(form);
  }
}

followAll();
document.addEventListener("htmx:afterSettle", followAll);
