// The page for a phone on site: an entry that cannot be sent is kept on the phone, and sent when the connection returns.
// The server knows an entry by its key, so that sending it twice stores it once.
(function () {
  "use strict";
  const state = document.querySelector("[data-field-state]");
  if (!state || !window.localStorage) return;
  const store = "countersign.field." + state.dataset.person + "." + state.dataset.visit;
  let sending = false;

  function read() {
    try {
      return JSON.parse(localStorage.getItem(store)) || [];
    } catch (error) {
      return [];
    }
  }
  function write(entries) {
    localStorage.setItem(store, JSON.stringify(entries));
    tell(entries);
  }
  function tell(entries) {
    const waiting = entries.filter(function (entry) { return !entry.refused; }).length;
    const refused = entries.length - waiting;
    let says = waiting === 0 ? "Everything entered is stored." : waiting + (waiting === 1 ? " entry is" : " entries are") + " kept on this phone and will be sent when the connection returns.";
    if (refused) says += " " + refused + (refused === 1 ? " entry was" : " entries were") + " refused: correct it and save it again.";
    state.textContent = says;
  }
  function formOf(entry) {
    return document.getElementById(entry.form);
  }
  function mark(entry, says) {
    const form = formOf(entry);
    const place = form && form.querySelector("[data-entry-state]");
    if (place) place.textContent = says;
  }
  function newKey() {
    const bytes = new Uint8Array(16);
    crypto.getRandomValues(bytes);
    return Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }
  // Signing in again in another tab makes a new token; the cookie has it, and this page still the old one.
  function token() {
    const newest = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    if (newest) return newest[1];
    const field = document.querySelector("input[name=csrfmiddlewaretoken]");
    return field ? field.value : "";
  }
  // The answer, or null where there is no connection.
  function post(url, body) {
    return new Promise(function (resolve) {
      const request = new XMLHttpRequest();
      request.open("POST", url);
      request.timeout = 20000;
      request.setRequestHeader("Accept", "application/json");
      request.onload = function () {
        const kind = request.getResponseHeader("Content-Type") || "";
        resolve({ isJson: kind.indexOf("application/json") === 0, text: request.responseText });
      };
      request.onerror = request.ontimeout = request.onabort = function () { resolve(null); };
      request.send(body);
    });
  }
  function drop(key) {
    write(read().filter(function (entry) { return entry.key !== key; }));
  }

  async function send() {
    if (sending) return;
    sending = true;
    try {
      for (const entry of read()) {
        if (entry.refused) continue;
        const body = new URLSearchParams(entry.fields);
        // The token of now, which may be newer than the entry.
        body.set("csrfmiddlewaretoken", token());
        const response = await post(entry.url, body);
        if (response === null) {
          mark(entry, "Kept on this phone.");
          break;
        }
        if (!response.isJson) {
          // A sign-in page or an error of the server: the entry stays.
          tell(read());
          state.textContent += " The server did not take them: sign in again in another tab, then come back here.";
          return;
        }
        const answer = JSON.parse(response.text);
        mark(entry, answer.says);
        if (answer.stored) {
          drop(entry.key);
        } else {
          write(read().map(function (each) { return each.key === entry.key ? Object.assign({}, each, { refused: true }) : each; }));
        }
      }
      tell(read());
    } finally {
      sending = false;
    }
  }

  document.querySelectorAll("form[data-entry]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      const fields = {};
      new FormData(form).forEach(function (value, name) {
        if (name !== "csrfmiddlewaretoken") fields[name] = value;
      });
      fields.entered_at = new Date().toISOString();
      const entry = { key: fields.client_key, form: form.id, url: form.action, fields: fields };
      // One that was refused, or not yet sent, is replaced by what was entered now.
      const others = read().filter(function (each) { return each.form !== form.id; });
      write(others.concat([entry]));
      mark(entry, "Sending.");
      form.querySelector("input[name=client_key]").value = newKey();
      send();
    });
  });

  // What was kept before this page was loaded is shown in its form again.
  read().forEach(function (entry) {
    const form = formOf(entry);
    if (!form) return;
    Object.keys(entry.fields).forEach(function (name) {
      if (name === "client_key" || name === "entered_at") return;
      form.querySelectorAll("[name='" + name + "']").forEach(function (field) {
        if (field.type === "radio") field.checked = field.value === entry.fields[name];
        else if (field.type !== "hidden") field.value = entry.fields[name];
      });
    });
    mark(entry, "Kept on this phone.");
  });
  window.addEventListener("online", send);
  setInterval(function () { if (read().length) send(); }, 15000);
  tell(read());
  send();
})();
