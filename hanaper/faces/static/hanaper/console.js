// What a page can do more with scripts. Every form and page works without.
"use strict";

// A menu that is open by default folds on narrow screens.
function fold() {
  const menu = document.querySelector(".menu .fold");
  if (menu) menu.open = window.matchMedia("(min-width: 60rem)").matches;
}

// Buttons that copy what stands in the element they name.
function offerCopying(root) {
  for (const button of root.querySelectorAll("button[data-copy]")) {
    button.hidden = !navigator.clipboard;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (button) {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.textContent.trim());
    const caption = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = caption; }, 1500);
  }
  // A menu that dropped down closes when somebody looks elsewhere.
  for (const open of document.querySelectorAll("details.drop[open], details.more[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details.drop[open], details.more[open]")) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});

// A form that was sent is not sent again by a second click; coming back with the back button allows it anew.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.dataset.download !== undefined) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

// Every box of a list at once.
document.addEventListener("change", (event) => {
  const all = event.target.closest("input[data-all]");
  if (!all) return;
  for (const box of document.querySelectorAll(`input[name="${all.dataset.all}"]`)) box.checked = all.checked;
});

document.addEventListener("htmx:afterSwap", (event) => offerCopying(event.target.parentNode || document));
fold();
offerCopying(document);
