// A clock's chip opens its explanation over the page; without this the chip is a link to a page of its own.

document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.detail.target.closest("dialog");
  if (event.detail.target.id === "explanation-place" && dialog && !dialog.open) dialog.showModal();
});
