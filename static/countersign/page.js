// What every page gains from a script. Each part only adds to a page that works without it.
(() => {
  "use strict";

  const focusOn = (root) => {
    const wanted = root.querySelector("[data-focus-on-load]");
    if (wanted) wanted.focus();
  };

  // Escape and a click beside it close the account menu.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector(".cs-account__menu[open]");
    if (!menu) return;
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    const menu = document.querySelector(".cs-account__menu[open]");
    if (menu && !menu.contains(event.target)) menu.removeAttribute("open");
  });

  // A button with data-print prints; without a script it stays hidden.
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  // A form with data-warn-unsaved asks before the page is left with changes in it.
  for (const form of document.querySelectorAll("form[data-warn-unsaved]")) {
    let changed = false;
    form.addEventListener("input", () => { changed = true; });
    form.addEventListener("submit", () => { changed = false; });
    window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  }

  // Sent once: the buttons of a POST form rest until the page answers.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    // An answer that is a file leaves the page as it was, so the form must become usable again.
    setTimeout(() => delete form.dataset.sent, 10000);
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  document.addEventListener("htmx:afterSwap", (event) => focusOn(event.target));
  focusOn(document);
})();
