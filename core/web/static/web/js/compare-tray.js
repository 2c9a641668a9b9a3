// The compare tray: up to five records, kept while one pages and searches on (localStorage, this browser only).
// Without it, the boxes are a plain form: tick, then "Compare".
//   <input type="checkbox" name="id" value="<uuid>" form="compare-form" data-compare="<title>">
(() => {
  "use strict";
  const KEY = "havenlink.compare";
  const tray = document.getElementById("tray");
  if (!tray) return;
  const most = Number(tray.dataset.most);
  const form = tray.querySelector("form");
  const list = tray.querySelector("[data-tray-list]");

  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) ?? [];
    } catch {
      return [];
    }
  };
  const write = (items) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(items));
    } catch { /* storage is off: the boxes still work as a form */ }
  };
  let items = read();

  function draw() {
    const full = items.length >= most;
    for (const box of document.querySelectorAll("[data-compare]")) {
      box.checked = items.some((item) => item.id === box.value);
      box.disabled = full && !box.checked;
      box.removeAttribute("form"); // the tray's own fields are what is sent
    }
    list.replaceChildren(...items.map(chip));
    form.querySelectorAll("input[name=id]").forEach((field) => field.remove());
    for (const item of items) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "id";
      field.value = item.id;
      form.append(field);
    }
    tray.querySelector("[data-tray-count]").textContent = tray.dataset.count.replace("%s", items.length).replace("%s", most);
    tray.querySelector("[data-tray-go]").disabled = items.length < 2;
    tray.hidden = items.length === 0;
    tray.classList.add("is-live");
  }

  function chip(item) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "chip";
    button.dataset.drop = item.id;
    const words = document.createElement("span");
    words.textContent = item.title;
    if (item.language) words.lang = item.language;
    const cross = document.createElement("span");
    cross.setAttribute("aria-hidden", "true");
    cross.textContent = "×";
    const remove = document.createElement("span");
    remove.className = "visually-hidden";
    remove.textContent = tray.dataset.remove;
    button.append(remove, words, cross);
    const place = document.createElement("li");
    place.append(button);
    return place;
  }

  function change(next) {
    items = next;
    write(items);
    draw();
    const live = document.getElementById("live");
    if (live) live.textContent = tray.querySelector("[data-tray-count]").textContent;
  }

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!box.matches("[data-compare]")) return;
    const others = items.filter((item) => item.id !== box.value);
    if (!box.checked) return change(others);
    change([...others, { id: box.value, title: box.dataset.compare, language: box.closest("[lang]")?.lang }].slice(0, most));
  });
  tray.addEventListener("click", (event) => {
    const drop = event.target.closest("[data-drop]");
    if (drop) {
      change(items.filter((item) => item.id !== drop.dataset.drop));
      (list.querySelector("button") ?? document.getElementById("main")).focus();
    }
    if (event.target.closest("[data-tray-clear]")) change([]);
  });
  addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    items = read();
    draw();
  });
  document.addEventListener("htmx:afterSettle", draw);
  tray.querySelector("[data-tray-clear]").hidden = false;
  draw();
})();
