// What every page gains by a script: menus that close, theme without reload, copying, sheets, words for failed requests.
// Everything here also works without it. Words come from data- attributes, so that this file has no language.
(() => {
  "use strict";
  const root = document.documentElement;

  const remember = (name, value) => {
    const age = value ? 31536000 : 0;
    document.cookie = `${name}=${value}; path=/; max-age=${age}; samesite=lax`;
  };

  // Menus are <details>: one open at a time, closed by Escape and by a click elsewhere.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // Theme: the form posts without a script; with one, the page changes at once.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-theme-form]") || !event.submitter) return;
    event.preventDefault();
    const theme = event.submitter.value;
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    remember("theme", theme);
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button === event.submitter));
    }
    form.closest("details").open = false;
    form.closest("details").querySelector("summary").focus();
  });

  document.addEventListener("click", (event) => {
    const language = event.target.closest("a[data-language]");
    if (language) remember("django_language", language.dataset.language);
  });

  // Copy: <button data-copy="#id" data-copied="Copied">
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.querySelector(button.dataset.copy);
    const words = (source.value ?? source.textContent).trim();
    const text = source.matches("pre") ? words : words.replace(/\s+/g, " ");
    try {
      await navigator.clipboard.writeText(text);
      say(button.dataset.copied);
      const label = button.querySelector(".label") ?? button;
      const before = label.textContent;
      if (before !== button.dataset.copied) {
        label.textContent = button.dataset.copied;
        setTimeout(() => { label.textContent = before; }, 2000);
      }
    } catch {
      getSelection().selectAllChildren(source);
    }
  });
  for (const button of document.querySelectorAll("[data-copy][hidden], [data-print][hidden]")) button.hidden = false;
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // Sheets: a link to #filters becomes a button that lifts that section into a dialog on small screens.
  const lifted = new WeakMap();
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-sheet]");
    if (opener) {
      const section = document.querySelector(opener.getAttribute("href"));
      const body = section?.querySelector("[data-sheet-body]");
      if (!body) return;
      event.preventDefault();
      const dialog = sheetFor(opener, section);
      lifted.set(dialog, { body, section, next: body.nextSibling });
      dialog.querySelector(".sheet-head").after(body);
      dialog.showModal();
    }
    const closer = event.target.closest("[data-sheet-close]");
    if (closer) closer.closest("dialog").close();
    if (event.target.matches("dialog.sheet")) event.target.close();
  });

  function sheetFor(opener, section) {
    const known = document.getElementById(`${section.id}-sheet`);
    if (known) return known;
    const dialog = document.createElement("dialog");
    dialog.id = `${section.id}-sheet`;
    dialog.className = "sheet";
    const head = document.createElement("div");
    head.className = "sheet-head";
    const title = section.querySelector("h2").cloneNode(true);
    title.id = `${dialog.id}-title`;
    dialog.setAttribute("aria-labelledby", title.id);
    const close = document.createElement("button");
    close.className = "button quiet";
    close.type = "button";
    close.dataset.sheetClose = "";
    close.textContent = opener.dataset.close;
    head.append(title, close);
    const foot = document.createElement("div");
    foot.className = "sheet-foot";
    const done = close.cloneNode(true);
    done.className = "button";
    done.textContent = opener.dataset.done;
    foot.append(done);
    dialog.append(head, foot);
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      const { body, section: home, next } = lifted.get(dialog);
      home.insertBefore(body, next);
      opener.focus();
    });
    return dialog;
  }

  // Parts that are open where there is room: <details open data-open-wide>.
  if (matchMedia("(max-width: 51.99em)").matches) {
    for (const part of document.querySelectorAll("details[data-open-wide]")) part.open = false;
  }

  // Forms that apply themselves on change, as facets and sorting do; their button is for those without a script.
  for (const button of document.querySelectorAll("[data-without-script]")) button.hidden = true;
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-applies-itself]") && !event.target.matches("[data-compare], [type=search]")) form.requestSubmit();
  });

  // Requests of htmx that fail are said in words; the page stays as it is.
  const notices = document.getElementById("notices");
  function say(text, kind = "") {
    const live = document.getElementById("live");
    if (live) live.textContent = text;
    if (!kind || !notices) return;
    const box = document.createElement("div");
    box.className = `notice ${kind}`;
    const words = document.createElement("p");
    words.textContent = text;
    const icon = document.createElement("span");
    box.append(icon, words);
    notices.replaceChildren(box);
    notices.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status >= 400 && !xhr.getResponseHeader("HX-Retarget")) {
      event.detail.shouldSwap = false;
      say(document.body.dataset.failed, "error");
    }
  });
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, () => say(document.body.dataset.offline, "error"));
  }
  document.addEventListener("htmx:afterSwap", (event) => {
    for (const button of event.target.querySelectorAll("[data-without-script]")) button.hidden = true;
    const spoken = event.target.querySelector("[data-say]");
    if (spoken) say(spoken.textContent.trim());
  });
})();
