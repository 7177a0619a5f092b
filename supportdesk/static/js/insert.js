// A button with data-insert="text" puts that text into the composer where the cursor stands, and closes the dialog it is in.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  const text = button && document.querySelector("form[data-composer] textarea");
  if (!text) return;
  const before = text.value.slice(0, text.selectionStart);
  const gap = before && !/\s$/.test(before) ? " " : "";
  text.setRangeText(gap + button.dataset.insert, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new InputEvent("input", { bubbles: true }));
  button.closest("dialog")?.close();
  text.focus();
});
