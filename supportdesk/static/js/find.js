// A field over a list that is all there: <input data-find="id"> shows those [data-item] in #id that hold what is typed. Enter takes
// the first of them; with data-enter it presses the button of that value instead, unless the reader has walked into the list.

function narrow(field) {
  const typed = field.value.trim().toLowerCase();
  const place = document.getElementById(field.dataset.find);
  for (const item of place.querySelectorAll("[data-item]")) item.hidden = !item.textContent.toLowerCase().includes(typed);
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-find]")) narrow(event.target);
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || !(field instanceof HTMLInputElement)) return;
  if (field.dataset.enter) {
    event.preventDefault();
    const button = [...document.querySelectorAll("button[name='do']")].find((each) => each.value === field.dataset.enter);
    if (field.value.trim()) button?.click();
  } else if (field.dataset.find) {
    event.preventDefault();
    const item = document.getElementById(field.dataset.find).querySelector("[data-item]:not([hidden])");
    (item?.matches("button") ? item : item?.querySelector("input, button, a"))?.click();
  }
});
