// The comparison: fold away the rows that are equal, and two columns at a time on small screens.
(() => {
  "use strict";
  const frame = document.querySelector(".compare-scroll");
  const table = frame?.querySelector(".compare");
  if (!table) return;

  // What is compared here is what the tray of the other pages holds.
  const heads = [...table.querySelectorAll("[data-compared]")];
  try {
    localStorage.setItem("havenlink.compare", JSON.stringify(
      heads.map(({ dataset }) => ({ id: dataset.compared, title: dataset.title, language: dataset.language })),
    ));
  } catch { /* storage is off */ }

  const fold = document.querySelector("[data-fold-equal]");
  if (fold) {
    fold.hidden = false;
    fold.addEventListener("click", (event) => {
      event.preventDefault(); // without a script it is a form's button
      const away = table.classList.toggle("hides-equal");
      fold.setAttribute("aria-pressed", String(away));
    });
  }

  const switcher = document.querySelector(".column-switcher");
  const columns = switcher ? [...switcher.querySelectorAll("button")] : [];
  if (columns.length < 2) return;
  let shown = [0, 1];

  function draw() {
    columns.forEach((button, index) => button.setAttribute("aria-pressed", String(shown.includes(index))));
    for (const row of table.rows) {
      const cells = [...row.cells].slice(1);
      cells.forEach((cell, index) => cell.classList.toggle("is-away", !shown.includes(index)));
    }
  }
  columns.forEach((button, index) => button.addEventListener("click", () => {
    if (shown.includes(index)) return;
    shown = [shown[1], index].sort((a, b) => a - b);
    draw();
  }));
  switcher.hidden = columns.length === 2;
  frame.classList.add("is-paired");
  draw();
})();
