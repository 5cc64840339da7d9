// The keys of the desk: / search, j and k rows, o open, ? the list of keys. The page works without them.
(() => {
  "use strict";

  const KEYS = [
    ["/", "Go to the search field"],
    ["j", "Next row"],
    ["k", "Previous row"],
    ["o", "Open the row"],
    ["?", "Show this list"],
    ["Esc", "Leave the search field, close this list"],
  ];

  const rows = () => [...document.querySelectorAll("table[data-rows] > tbody > tr")].filter((row) => row.querySelector("a"));
  const linkOf = (row) => row.querySelector("a.cs-row-link") || row.querySelector("a");
  const here = () => document.querySelector("table[data-rows] tr.is-here");

  const goTo = (row) => {
    here()?.classList.remove("is-here");
    row.classList.add("is-here");
    linkOf(row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };

  const step = (by) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(here());
    goTo(all[Math.max(0, Math.min(all.length - 1, at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by))]);
  };

  const search = () => document.querySelector("[data-search] input, input[type=search]");

  let dialog = null;
  const showKeys = () => {
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.className = "cs-keys";
      dialog.setAttribute("aria-labelledby", "keys-heading");
      const heading = document.createElement("h2");
      heading.id = "keys-heading";
      heading.textContent = "Keys";
      const list = document.createElement("dl");
      for (const [key, says] of KEYS) {
        const term = document.createElement("dt");
        const cap = document.createElement("kbd");
        cap.textContent = key;
        term.append(cap);
        const meaning = document.createElement("dd");
        meaning.textContent = says;
        list.append(term, meaning);
      }
      const form = document.createElement("form");
      form.method = "dialog";
      const close = document.createElement("button");
      close.className = "usa-button usa-button--outline";
      close.textContent = "Close";
      form.append(close);
      dialog.append(heading, list, form);
      document.body.append(dialog);
    }
    dialog.showModal();
  };

  const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog?.open) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const acts = {
      "/": () => { const field = search(); if (field) { field.focus(); field.select(); } return field; },
      j: () => step(1),
      k: () => step(-1),
      o: () => { const row = here(); if (row) linkOf(row).click(); },
      "?": showKeys,
    };
    const act = acts[event.key];
    if (!act) return;
    act();
    event.preventDefault();
  });

  for (const button of document.querySelectorAll("[data-show-keys]")) button.hidden = false;
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-show-keys]")) { event.preventDefault(); showKeys(); }
  });
})();
